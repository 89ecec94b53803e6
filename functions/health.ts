import { app } from '@azure/functions'
import { healthHandler } from '../lib/http/health.ts'
import { runtime } from '../lib/runtime.ts'

app.http('health', {
  methods: ['GET', 'HEAD'],
  route: 'health',
  authLevel: 'anonymous', // for availability tests: it tells nothing of any tenant
  handler: healthHandler(runtime),
})
