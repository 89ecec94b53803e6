import { app } from '@azure/functions'
import { manageEndpoint } from '../../../lib/http/manage.ts'
import { runtime } from '../../../lib/runtime.ts'

app.http('manage-people-restore', {
  methods: ['POST'],
  route: 'manage/tenants/{id}/people/{personId}/restore',
  authLevel: 'function',
  handler: manageEndpoint(runtime, 'manage-people-restore'),
})
