import { app } from '@azure/functions'
import { manageEndpoint } from '../../lib/http/manage.ts'
import { runtime } from '../../lib/runtime.ts'

app.http('manage-maintenance', {
  methods: ['POST'],
  route: 'manage/maintenance',
  authLevel: 'function',
  handler: manageEndpoint(runtime, 'manage-maintenance'),
})
