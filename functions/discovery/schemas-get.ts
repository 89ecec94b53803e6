import { app } from '@azure/functions'
import { readSchema } from '../../lib/service/discovery.ts'
import { publicHandler } from '../../lib/http/scim-handler.ts'
import { runtime } from '../../lib/runtime.ts'

app.http('schemas-get', {
  methods: ['GET', 'HEAD'],
  route: 'scim/Schemas/{id}',
  authLevel: 'anonymous', // RFC 7643 §5: readable without a credential
  handler: publicHandler(runtime, readSchema),
})
