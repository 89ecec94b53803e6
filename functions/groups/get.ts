import { app } from '@azure/functions'
import { scimHandler } from '../../lib/http/scim-handler.ts'
import { runtime } from '../../lib/runtime.ts'
import { get } from '../../lib/service/get.ts'

app.http('groups-get', {
  methods: ['GET', 'HEAD'],
  route: 'scim/Groups/{id}',
  authLevel: 'anonymous', // the Secret Token is checked in scimHandler
  handler: scimHandler(runtime, get, 'Group'),
})
