import { app } from '@azure/functions'
import { scimHandler } from '../../lib/http/scim-handler.ts'
import { runtime } from '../../lib/runtime.ts'
import { search } from '../../lib/service/search.ts'

app.http('groups-search', {
  methods: ['POST'],
  route: 'scim/Groups/.search',
  authLevel: 'anonymous', // the Secret Token is checked in scimHandler
  handler: scimHandler(runtime, search, 'Group'),
})
