import { app } from '@azure/functions'
import { authorizationServerHandler } from '../../lib/http/oauth.ts'
import { runtime } from '../../lib/runtime.ts'

app.http('oauth-authorization-server', {
  methods: ['GET', 'HEAD'],
  route: 'oauth/.well-known/oauth-authorization-server',
  authLevel: 'anonymous', // RFC 8414 §3: public
  handler: authorizationServerHandler(runtime),
})
