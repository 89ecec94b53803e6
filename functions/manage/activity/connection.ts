import { app } from '@azure/functions'
import { manageEndpoint } from '../../../lib/http/manage.ts'
import { runtime } from '../../../lib/runtime.ts'

app.http('manage-connection', {
  methods: ['GET', 'HEAD'],
  route: 'manage/tenants/{id}/connection',
  authLevel: 'function',
  handler: manageEndpoint(runtime, 'manage-connection'),
})
