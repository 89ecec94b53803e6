import { app } from '@azure/functions'
import { scimHandler } from '../../lib/http/scim-handler.ts'
import { runtime } from '../../lib/runtime.ts'
import { patch } from '../../lib/service/patch.ts'

app.http('users-patch', {
  methods: ['PATCH'],
  route: 'scim/Users/{id}',
  authLevel: 'anonymous', // the Secret Token is checked in scimHandler
  handler: scimHandler(runtime, patch, 'User'),
})
