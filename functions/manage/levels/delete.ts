import { app } from '@azure/functions'
import { manageEndpoint } from '../../../lib/http/manage.ts'
import { runtime } from '../../../lib/runtime.ts'

app.http('manage-levels-delete', {
  methods: ['DELETE'],
  route: 'manage/tenants/{id}/levels/{levelName}',
  authLevel: 'function',
  handler: manageEndpoint(runtime, 'manage-levels-delete'),
})
