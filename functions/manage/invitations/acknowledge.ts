import { app } from '@azure/functions'
import { manageEndpoint } from '../../../lib/http/manage.ts'
import { runtime } from '../../../lib/runtime.ts'

app.http('manage-invitations-acknowledge', {
  methods: ['POST'],
  route: 'manage/tenants/{id}/invitations/acknowledgements',
  authLevel: 'function',
  handler: manageEndpoint(runtime, 'manage-invitations-acknowledge'),
})
