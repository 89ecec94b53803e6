import { app } from '@azure/functions'
import { endpoint } from '../lib/http/endpoint.ts'
import { OPERATIONS } from '../lib/http/operations.ts'
import { runtime } from '../lib/runtime.ts'

app.http('me', {
  methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
  route: 'scim/Me',
  authLevel: 'anonymous',
  handler: endpoint(runtime, OPERATIONS.me),
})
