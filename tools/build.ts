// npm run build: makes dist/.
import { join } from 'node:path'
import { writeBundle } from './bundle.ts'
import { ROOT } from './local-host/function-files.ts'
import { Lifetime } from './local-host/lifetime.ts'

const lifetime = new Lifetime()
await writeBundle(join(ROOT, 'dist')).catch((error: unknown) => lifetime.fail(error))
