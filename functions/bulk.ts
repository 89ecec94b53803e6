import { app } from '@azure/functions'
import { tenantHandler } from '../lib/http/scim-handler.ts'
import { runtime } from '../lib/runtime.ts'
import { bulk } from '../lib/service/bulk.ts'

app.http('bulk', {
  methods: ['POST'],
  route: 'scim/Bulk',
  authLevel: 'anonymous', // the Secret Token is checked in tenantHandler
  handler: tenantHandler(runtime, bulk),
})
