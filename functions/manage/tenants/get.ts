import { app } from '@azure/functions'
import { manageEndpoint } from '../../../lib/http/manage.ts'
import { runtime } from '../../../lib/runtime.ts'

app.http('manage-tenants-get', {
  methods: ['GET', 'HEAD'],
  route: 'manage/tenants/{id}',
  authLevel: 'function',
  handler: manageEndpoint(runtime, 'manage-tenants-get'),
})
