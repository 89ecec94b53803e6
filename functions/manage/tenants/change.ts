import { app } from '@azure/functions'
import { manageEndpoint } from '../../../lib/http/manage.ts'
import { runtime } from '../../../lib/runtime.ts'

app.http('manage-tenants-change', {
  methods: ['PATCH'],
  route: 'manage/tenants/{id}',
  authLevel: 'function',
  handler: manageEndpoint(runtime, 'manage-tenants-change'),
})
