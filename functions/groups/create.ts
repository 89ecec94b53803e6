import { app } from '@azure/functions'
import { scimHandler } from '../../lib/http/scim-handler.ts'
import { runtime } from '../../lib/runtime.ts'
import { create } from '../../lib/service/create.ts'

app.http('groups-create', {
  methods: ['POST'],
  route: 'scim/Groups',
  authLevel: 'anonymous', // the Secret Token is checked in scimHandler
  handler: scimHandler(runtime, create, 'Group'),
})
