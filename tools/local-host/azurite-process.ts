// The process that startAzurite forks. Azurite itself knows nothing of its parent; here it ends with it, however that
// ended, and saves its data first.
import { createRequire, Module } from 'node:module'

const SAVE_MILLISECONDS = 1500

// Its parent ended before this line.
if (!process.connected) process.exit()

process.once('disconnect', () => {
  process.emit('message', 'shutdown', undefined)
  setTimeout(() => process.exit(), SAVE_MILLISECONDS).unref()
})

// Telemetry is switched off; its 2,800 files, which Azurite would load none the less, are two thirds of a start.
const azurite = createRequire(createRequire(import.meta.url).resolve('azurite/package.json'))
const telemetry = azurite.resolve('applicationinsights')
azurite.cache[telemetry] = Object.assign(new Module(telemetry), {
  exports: { start: () => undefined },
  loaded: true,
})

// Programs, which have no types. The first has the services for blobs and queues, too.
if (process.argv.includes('--blobPort')) {
  // @ts-expect-error -- see above
  await import('azurite/dist/src/azurite.js')
} else {
  // @ts-expect-error -- see above
  await import('azurite/dist/src/table/main.js')
}
