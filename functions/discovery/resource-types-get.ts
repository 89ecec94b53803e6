import { app } from '@azure/functions'
import { readResourceType } from '../../lib/service/discovery.ts'
import { publicHandler } from '../../lib/http/scim-handler.ts'
import { runtime } from '../../lib/runtime.ts'

app.http('resource-types-get', {
  methods: ['GET', 'HEAD'],
  route: 'scim/ResourceTypes/{id}',
  authLevel: 'anonymous', // RFC 7643 §5: readable without a credential
  handler: publicHandler(runtime, readResourceType),
})
