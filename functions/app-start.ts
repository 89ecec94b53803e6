import { app } from '@azure/functions'
import { checkSettings } from '../lib/runtime.ts'

// A missing or wrong setting stops the start, not the first request.
app.hook.appStart(checkSettings)
