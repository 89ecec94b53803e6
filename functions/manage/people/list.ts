import { app } from '@azure/functions'
import { manageEndpoint } from '../../../lib/http/manage.ts'
import { runtime } from '../../../lib/runtime.ts'

app.http('manage-people-list', {
  methods: ['GET', 'HEAD'],
  route: 'manage/tenants/{id}/people',
  authLevel: 'function',
  handler: manageEndpoint(runtime, 'manage-people-list'),
})
