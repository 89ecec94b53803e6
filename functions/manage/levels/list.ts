import { app } from '@azure/functions'
import { manageEndpoint } from '../../../lib/http/manage.ts'
import { runtime } from '../../../lib/runtime.ts'

app.http('manage-levels-list', {
  methods: ['GET', 'HEAD'],
  route: 'manage/tenants/{id}/levels',
  authLevel: 'function',
  handler: manageEndpoint(runtime, 'manage-levels-list'),
})
