import { app } from '@azure/functions'
import { endpoint } from '../../lib/http/endpoint.ts'
import { OPERATIONS } from '../../lib/http/operations.ts'
import { runtime } from '../../lib/runtime.ts'

app.http('users-patch', {
  methods: ['PATCH'],
  route: 'scim/Users/{id}',
  authLevel: 'anonymous', // the Secret Token is checked in verbSteps
  handler: endpoint(runtime, OPERATIONS['users-patch']),
})
