import { app } from '@azure/functions'
import { refuseMe } from '../lib/service/me.ts'
import { publicHandler } from '../lib/http/scim-handler.ts'
import { runtime } from '../lib/runtime.ts'

app.http('me', {
  methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
  route: 'scim/Me',
  authLevel: 'anonymous',
  handler: publicHandler(runtime, refuseMe),
})
