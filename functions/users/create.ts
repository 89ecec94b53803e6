import { app } from '@azure/functions'
import { scimHandler } from '../../lib/http/scim-handler.ts'
import { runtime } from '../../lib/runtime.ts'
import { create } from '../../lib/service/create.ts'

app.http('users-create', {
  methods: ['POST'],
  route: 'scim/Users',
  authLevel: 'anonymous', // the Secret Token is checked in scimHandler
  handler: scimHandler(runtime, create, 'User'),
})
