import { app } from '@azure/functions'
import { unmatchedHandler } from '../lib/http/catch-all.ts'
import { runtime } from '../lib/runtime.ts'

// The host takes the first function by name whose route matches, so this one's name must sort last.
app.http('zz-unmatched', {
  // Not TRACE and CONNECT: @azure/functions cannot make a request of them and answers 500; the host alone says 404.
  methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'],
  route: 'scim/{*path}',
  authLevel: 'anonymous',
  handler: unmatchedHandler(runtime),
})
