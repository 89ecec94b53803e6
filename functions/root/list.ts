import { app } from '@azure/functions'
import { endpoint } from '../../lib/http/endpoint.ts'
import { OPERATIONS } from '../../lib/http/operations.ts'
import { runtime } from '../../lib/runtime.ts'

app.http('root-list', {
  methods: ['GET', 'HEAD'],
  route: 'scim',
  authLevel: 'anonymous', // the Secret Token is checked in tenantSteps
  handler: endpoint(runtime, OPERATIONS['root-list']),
})
