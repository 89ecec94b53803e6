import { app } from '@azure/functions'
import { scimHandler } from '../../lib/http/scim-handler.ts'
import { runtime } from '../../lib/runtime.ts'
import { list } from '../../lib/service/list.ts'

app.http('groups-list', {
  methods: ['GET', 'HEAD'],
  route: 'scim/Groups',
  authLevel: 'anonymous', // the Secret Token is checked in scimHandler
  handler: scimHandler(runtime, list, 'Group'),
})
