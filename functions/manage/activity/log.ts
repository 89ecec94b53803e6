import { app } from '@azure/functions'
import { manageEndpoint } from '../../../lib/http/manage.ts'
import { runtime } from '../../../lib/runtime.ts'

app.http('manage-activity', {
  methods: ['GET', 'HEAD'],
  route: 'manage/tenants/{id}/activity',
  authLevel: 'function',
  handler: manageEndpoint(runtime, 'manage-activity'),
})
