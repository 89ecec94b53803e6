import { app } from '@azure/functions'
import { scimHandler } from '../../lib/http/scim-handler.ts'
import { runtime } from '../../lib/runtime.ts'
import { remove } from '../../lib/service/delete.ts'

app.http('users-delete', {
  methods: ['DELETE'],
  route: 'scim/Users/{id}',
  authLevel: 'anonymous', // the Secret Token is checked in scimHandler
  handler: scimHandler(runtime, remove, 'User'),
})
