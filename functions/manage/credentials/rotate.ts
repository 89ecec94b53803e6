import { app } from '@azure/functions'
import { manageEndpoint } from '../../../lib/http/manage.ts'
import { runtime } from '../../../lib/runtime.ts'

app.http('manage-credentials-rotate', {
  methods: ['POST'],
  route: 'manage/tenants/{id}/credentials/{credentialId}/rotate',
  authLevel: 'function',
  handler: manageEndpoint(runtime, 'manage-credentials-rotate'),
})
