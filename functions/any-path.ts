import { app } from '@azure/functions'
import { anyPathHandler } from '../lib/http/catch-all.ts'
import { runtime } from '../lib/runtime.ts'

// The host gives a path with two slashes at `scim//` to no other function. This one's name must sort behind all others.
app.http('zzz-any-path', {
  methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'],
  route: '{*path}',
  authLevel: 'anonymous', // it serves nothing but SCIM, where the Secret Token is checked
  handler: anyPathHandler(runtime),
})
