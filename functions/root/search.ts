import { app } from '@azure/functions'
import { tenantHandler } from '../../lib/http/scim-handler.ts'
import { runtime } from '../../lib/runtime.ts'
import { searchAll } from '../../lib/service/root.ts'

app.http('root-search', {
  methods: ['POST'],
  route: 'scim/.search',
  authLevel: 'anonymous', // the Secret Token is checked in tenantHandler
  handler: tenantHandler(runtime, searchAll),
})
