import { app } from '@azure/functions'
import { manageEndpoint } from '../../../lib/http/manage.ts'
import { runtime } from '../../../lib/runtime.ts'

app.http('manage-attributes-remove', {
  methods: ['DELETE'],
  route: 'manage/tenants/{id}/attributes/{attributeId}',
  authLevel: 'function',
  handler: manageEndpoint(runtime, 'manage-attributes-remove'),
})
