import { app } from '@azure/functions'
import { manageEndpoint } from '../../../lib/http/manage.ts'
import { runtime } from '../../../lib/runtime.ts'

app.http('manage-team-members-list', {
  methods: ['GET', 'HEAD'],
  route: 'manage/tenants/{id}/teams/{teamId}/members',
  authLevel: 'function',
  handler: manageEndpoint(runtime, 'manage-team-members-list'),
})
