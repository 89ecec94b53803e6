import { app } from '@azure/functions'
import { protectedResourceHandler } from '../../lib/http/oauth.ts'
import { runtime } from '../../lib/runtime.ts'

app.http('oauth-protected-resource', {
  methods: ['GET', 'HEAD'],
  route: 'oauth/.well-known/oauth-protected-resource',
  authLevel: 'anonymous', // RFC 9728 §3: public
  handler: protectedResourceHandler(runtime),
})
