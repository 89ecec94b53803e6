import { app } from '@azure/functions'
import { manageEndpoint } from '../../lib/http/manage.ts'
import { runtime } from '../../lib/runtime.ts'

app.http('manage-settings-schema', {
  methods: ['GET', 'HEAD'],
  route: 'manage/settings/schema',
  authLevel: 'function',
  handler: manageEndpoint(runtime, 'manage-settings-schema'),
})
