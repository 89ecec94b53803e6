import { app } from '@azure/functions'
import { manageEndpoint } from '../../../lib/http/manage.ts'
import { runtime } from '../../../lib/runtime.ts'

app.http('manage-people-show', {
  methods: ['GET', 'HEAD'],
  route: 'manage/tenants/{id}/people/{personId}',
  authLevel: 'function',
  handler: manageEndpoint(runtime, 'manage-people-show'),
})
