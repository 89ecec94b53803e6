import { app } from '@azure/functions'
import { readServiceProviderConfig } from '../../lib/service/discovery.ts'
import { publicHandler } from '../../lib/http/scim-handler.ts'
import { runtime } from '../../lib/runtime.ts'

app.http('service-provider-config', {
  methods: ['GET', 'HEAD'],
  route: 'scim/ServiceProviderConfig',
  authLevel: 'anonymous', // RFC 7643 §5: readable without a credential
  handler: publicHandler(runtime, readServiceProviderConfig),
})
