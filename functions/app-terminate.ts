import { app } from '@azure/functions'
import { endRuntime } from '../lib/runtime.ts'

// The worker waits for it before it exits: counts and metrics are written once a minute, and what is left would be lost.
app.hook.appTerminate(endRuntime)
