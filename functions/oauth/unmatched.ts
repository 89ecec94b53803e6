import { app } from '@azure/functions'
import { oauthUnmatched } from '../../lib/http/oauth.ts'
import { runtime } from '../../lib/runtime.ts'

// The host takes the first function by name whose route matches, so this one's name must sort behind its siblings.
app.http('zz-oauth-unmatched', {
  methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'],
  route: 'oauth/{*path}',
  authLevel: 'anonymous', // it serves nothing: 404, or 405 with what is allowed
  handler: oauthUnmatched(runtime),
})
