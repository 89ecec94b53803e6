import { app } from '@azure/functions'
import { manageEndpoint } from '../../../lib/http/manage.ts'
import { runtime } from '../../../lib/runtime.ts'

app.http('manage-invitations-list', {
  methods: ['GET', 'HEAD'],
  route: 'manage/tenants/{id}/invitations',
  authLevel: 'function',
  handler: manageEndpoint(runtime, 'manage-invitations-list'),
})
