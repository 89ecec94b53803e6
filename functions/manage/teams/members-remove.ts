import { app } from '@azure/functions'
import { manageEndpoint } from '../../../lib/http/manage.ts'
import { runtime } from '../../../lib/runtime.ts'

app.http('manage-team-members-remove', {
  methods: ['DELETE'],
  route: 'manage/tenants/{id}/teams/{teamId}/members/{personId}',
  authLevel: 'function',
  handler: manageEndpoint(runtime, 'manage-team-members-remove'),
})
