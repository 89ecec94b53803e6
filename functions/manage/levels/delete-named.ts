import { app } from '@azure/functions'
import { manageEndpoint } from '../../../lib/http/manage.ts'
import { runtime } from '../../../lib/runtime.ts'

app.http('manage-levels-delete-named', {
  methods: ['DELETE'],
  route: 'manage/tenants/{id}/levels',
  authLevel: 'function',
  handler: manageEndpoint(runtime, 'manage-levels-delete-named'),
})
