import { app } from '@azure/functions'
import { manageEndpoint } from '../../../lib/http/manage.ts'
import { runtime } from '../../../lib/runtime.ts'

app.http('manage-tenants-list', {
  methods: ['GET', 'HEAD'],
  route: 'manage/tenants',
  authLevel: 'function',
  handler: manageEndpoint(runtime, 'manage-tenants-list'),
})
