import { app } from '@azure/functions'
import { manageEndpoint } from '../../../lib/http/manage.ts'
import { runtime } from '../../../lib/runtime.ts'

app.http('manage-people-lookup', {
  methods: ['GET', 'HEAD'],
  route: 'manage/tenants/{id}/people/lookup',
  authLevel: 'function',
  handler: manageEndpoint(runtime, 'manage-people-lookup'),
})
