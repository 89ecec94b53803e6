import { app } from '@azure/functions'
import { manageEndpoint } from '../../../lib/http/manage.ts'
import { runtime } from '../../../lib/runtime.ts'

app.http('manage-teams-show', {
  methods: ['GET', 'HEAD'],
  route: 'manage/tenants/{id}/teams/{teamId}',
  authLevel: 'function',
  handler: manageEndpoint(runtime, 'manage-teams-show'),
})
