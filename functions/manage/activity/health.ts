import { app } from '@azure/functions'
import { manageEndpoint } from '../../../lib/http/manage.ts'
import { runtime } from '../../../lib/runtime.ts'

app.http('manage-health', {
  methods: ['GET', 'HEAD'],
  route: 'manage/tenants/{id}/health',
  authLevel: 'function',
  handler: manageEndpoint(runtime, 'manage-health'),
})
