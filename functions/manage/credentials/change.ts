import { app } from '@azure/functions'
import { manageEndpoint } from '../../../lib/http/manage.ts'
import { runtime } from '../../../lib/runtime.ts'

app.http('manage-credentials-change', {
  methods: ['PATCH'],
  route: 'manage/tenants/{id}/credentials/{credentialId}',
  authLevel: 'function',
  handler: manageEndpoint(runtime, 'manage-credentials-change'),
})
