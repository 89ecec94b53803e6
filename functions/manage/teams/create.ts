import { app } from '@azure/functions'
import { manageEndpoint } from '../../../lib/http/manage.ts'
import { runtime } from '../../../lib/runtime.ts'

app.http('manage-teams-create', {
  methods: ['POST'],
  route: 'manage/tenants/{id}/teams',
  authLevel: 'function',
  handler: manageEndpoint(runtime, 'manage-teams-create'),
})
