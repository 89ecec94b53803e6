import { app } from '@azure/functions'
import { manageEndpoint } from '../../../lib/http/manage.ts'
import { runtime } from '../../../lib/runtime.ts'

app.http('manage-tenants-delete', {
  methods: ['DELETE'],
  route: 'manage/tenants/{id}',
  authLevel: 'function',
  handler: manageEndpoint(runtime, 'manage-tenants-delete'),
})
