import { app } from '@azure/functions'
import { manageEndpoint } from '../../lib/http/manage.ts'
import { runtime } from '../../lib/runtime.ts'

app.http('manage-openapi', {
  methods: ['GET', 'HEAD'],
  route: 'manage/openapi.json',
  authLevel: 'function',
  handler: manageEndpoint(runtime, 'manage-openapi'),
})
