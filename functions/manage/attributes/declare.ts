import { app } from '@azure/functions'
import { manageEndpoint } from '../../../lib/http/manage.ts'
import { runtime } from '../../../lib/runtime.ts'

app.http('manage-attributes-declare', {
  methods: ['POST'],
  route: 'manage/tenants/{id}/attributes',
  authLevel: 'function',
  handler: manageEndpoint(runtime, 'manage-attributes-declare'),
})
