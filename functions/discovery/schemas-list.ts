import { app } from '@azure/functions'
import { listSchemas } from '../../lib/service/discovery.ts'
import { publicHandler } from '../../lib/http/scim-handler.ts'
import { runtime } from '../../lib/runtime.ts'

app.http('schemas-list', {
  methods: ['GET', 'HEAD'],
  route: 'scim/Schemas',
  authLevel: 'anonymous', // RFC 7643 §5: readable without a credential
  handler: publicHandler(runtime, listSchemas),
})
