import { app } from '@azure/functions'
import { scimHandler } from '../../lib/http/scim-handler.ts'
import { runtime } from '../../lib/runtime.ts'
import { patch } from '../../lib/service/patch.ts'

app.http('groups-patch', {
  methods: ['PATCH'],
  route: 'scim/Groups/{id}',
  authLevel: 'anonymous', // the Secret Token is checked in scimHandler
  handler: scimHandler(runtime, patch, 'Group'),
})
