import { app } from '@azure/functions'
import { tokenHandler } from '../../lib/http/oauth.ts'
import { runtime } from '../../lib/runtime.ts'

app.http('oauth-token', {
  methods: ['POST'],
  route: 'oauth/token',
  authLevel: 'anonymous', // the client is authenticated by the token endpoint itself
  handler: tokenHandler(runtime),
})
