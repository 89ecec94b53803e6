import { app } from '@azure/functions'
import { tenantHandler } from '../../lib/http/scim-handler.ts'
import { runtime } from '../../lib/runtime.ts'
import { listAll } from '../../lib/service/root.ts'

app.http('root-list', {
  methods: ['GET', 'HEAD'],
  route: 'scim',
  authLevel: 'anonymous', // the Secret Token is checked in tenantHandler
  handler: tenantHandler(runtime, listAll),
})
