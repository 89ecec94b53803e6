import { app } from '@azure/functions'
import { manageEndpoint } from '../../../lib/http/manage.ts'
import { runtime } from '../../../lib/runtime.ts'

app.http('manage-credentials-list', {
  methods: ['GET', 'HEAD'],
  route: 'manage/tenants/{id}/credentials',
  authLevel: 'function',
  handler: manageEndpoint(runtime, 'manage-credentials-list'),
})
