// npm run build: makes dist/.
import { join } from 'node:path'
import { writeBundle } from './bundle.ts'
import { ROOT } from './local-host/function-files.ts'

try {
  await writeBundle(join(ROOT, 'dist'))
} catch {
  process.exitCode = 1
}
