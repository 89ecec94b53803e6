import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createTenant } from '../lib/tenants/tenants.ts'
import { openStores } from './bench/stores.ts'
import { readOptions, runTool, UsageError } from './command-line.ts'
import { startAzurite } from './local-host/azurite.ts'
import { drill } from './restore-drill/drill.ts'
import { tenantOn } from './restore-drill/tenant-command.ts'

const USAGE = `npm run restore:drill -- --in FILE

Shows that a backup can be restored: imports the file of a tenant, with the credentials that it has, into an empty Azurite, where the
import checks the tenant as npm run tenant -- check does, exports it again, and compares how many there are of each kind. The exit code
is 1 when anything is otherwise; of a file that is not whole, what does not fit may be left out. Nothing of Azure is called.

  --in FILE  what npm run tenant -- export has written
  --help     this text`

await runTool(USAGE, async (args) => {
  const { in: file } = readOptions({ in: { type: 'string' } }, args)
  if (file === undefined) throw new UsageError('--in is missing: the file of a tenant')
  const azurite = await startAzurite()
  const folder = await mkdtemp(join(tmpdir(), 'restore-drill-'))
  try {
    const { tenants } = await openStores(azurite.connectionString)
    const restored = await drill(resolve(file), {
      folder,
      createTenant: async (id) => {
        await createTenant(tenants, { id, now: new Date() })
      },
      tenant: tenantOn(azurite.connectionString, process.env),
      say: (line) => console.error(line),
    })
    console.log(restored)
  } finally {
    await azurite.stop()
    await rm(folder, { recursive: true })
  }
})
