import { app } from '@azure/functions'
import { writeCounts } from '../lib/runtime.ts'

// Counts of requests are written once a minute: what is left would be lost.
app.hook.appTerminate(writeCounts)
