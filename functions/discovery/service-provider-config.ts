import { app } from '@azure/functions'
import { endpoint } from '../../lib/http/endpoint.ts'
import { OPERATIONS } from '../../lib/http/operations.ts'
import { runtime } from '../../lib/runtime.ts'

app.http('service-provider-config', {
  methods: ['GET', 'HEAD'],
  route: 'scim/ServiceProviderConfig',
  authLevel: 'anonymous', // RFC 7643 §5: readable without a credential
  handler: endpoint(runtime, OPERATIONS['service-provider-config']),
})
