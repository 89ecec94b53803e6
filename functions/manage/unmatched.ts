import { app } from '@azure/functions'
import { manageUnmatched } from '../../lib/http/manage.ts'
import { runtime } from '../../lib/runtime.ts'

// The host takes the first function by name whose route matches, so this one's name must sort behind its siblings.
app.http('zz-manage-unmatched', {
  methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'],
  route: 'manage/{*path}',
  authLevel: 'function',
  handler: manageUnmatched(runtime),
})
