// The process that startAzurite forks. Azurite itself knows nothing of its parent; here it ends with it, however that
// ended, and saves its data first.
import { createRequire } from 'node:module'

const SAVE_MILLISECONDS = 1500

process.once('disconnect', () => {
  process.emit('message', 'shutdown', undefined)
  setTimeout(() => process.exit(), SAVE_MILLISECONDS).unref()
})

createRequire(import.meta.url)('azurite/dist/src/table/main.js')
