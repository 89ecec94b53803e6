import { app } from '@azure/functions'
import { manageEndpoint } from '../../../lib/http/manage.ts'
import { runtime } from '../../../lib/runtime.ts'

app.http('manage-stats', {
  methods: ['GET', 'HEAD'],
  route: 'manage/tenants/{id}/stats',
  authLevel: 'function',
  handler: manageEndpoint(runtime, 'manage-stats'),
})
