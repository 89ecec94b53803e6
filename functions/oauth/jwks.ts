import { app } from '@azure/functions'
import { keySetHandler } from '../../lib/http/oauth.ts'
import { runtime } from '../../lib/runtime.ts'

app.http('oauth-jwks', {
  methods: ['GET', 'HEAD'],
  route: 'oauth/jwks',
  authLevel: 'anonymous', // public keys
  handler: keySetHandler(runtime),
})
