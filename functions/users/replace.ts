import { app } from '@azure/functions'
import { scimHandler } from '../../lib/http/scim-handler.ts'
import { runtime } from '../../lib/runtime.ts'
import { replace } from '../../lib/service/replace.ts'

app.http('users-replace', {
  methods: ['PUT'],
  route: 'scim/Users/{id}',
  authLevel: 'anonymous', // the Secret Token is checked in scimHandler
  handler: scimHandler(runtime, replace, 'User'),
})
