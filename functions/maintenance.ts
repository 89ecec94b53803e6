import { app } from '@azure/functions'
import { maintenanceTimer } from '../lib/http/maintenance.ts'
import { runtime } from '../lib/runtime.ts'

app.timer('maintenance', {
  schedule: '0 */5 * * * *',
  runOnStartup: false, // every cold start would run it
  handler: maintenanceTimer(runtime),
})
