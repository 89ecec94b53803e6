import { app } from '@azure/functions'
import { endpoint } from '../../lib/http/endpoint.ts'
import { OPERATIONS } from '../../lib/http/operations.ts'
import { runtime } from '../../lib/runtime.ts'

app.http('root-search', {
  methods: ['POST'],
  route: 'scim/.search',
  authLevel: 'anonymous', // the Secret Token is checked in tenantSteps
  handler: endpoint(runtime, OPERATIONS['root-search']),
})
