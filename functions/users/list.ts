import { app } from '@azure/functions'
import { scimHandler } from '../../lib/http/scim-handler.ts'
import { runtime } from '../../lib/runtime.ts'
import { list } from '../../lib/service/list.ts'

app.http('users-list', {
  methods: ['GET', 'HEAD'],
  route: 'scim/Users',
  authLevel: 'anonymous', // the Secret Token is checked in scimHandler
  handler: scimHandler(runtime, list, 'User'),
})
