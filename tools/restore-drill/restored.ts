import * as z from 'zod'
import { StartError } from '../local-host/lifetime.ts'
import { isComplete, type LeftOut, leftLines } from '../tenant/backup-text.ts'
import { CommandError } from './tenant-command.ts'

const COUNT = z.int().min(0)

/** What the drill goes by of the import's word: what it has left out is in no other place. */
const IMPORTED = z.object({
  left: z.object({ count: COUNT, first: z.array(z.string()) }),
  leftMemberships: z.object({ ofLeftOut: COUNT, ofNobody: COUNT, takenOut: COUNT }),
  check: z.object({ consistent: z.boolean().optional() }).nullable(),
})

/** Runs a command of `npm run tenant`, and gives its standard output. @throws StartError when it fails */
export type TenantCommand = (args: readonly string[]) => Promise<string>

/** What is to be restored. */
interface Backup {
  readonly id: string
  readonly file: string
  readonly whole: boolean
  readonly withCredentials: boolean
}

/**
 * Imports a file, and looks whether the tenant is consistent.
 * @returns what is left out, which is nothing of a whole file.
 * @throws StartError
 */
export async function restored(
  tenant: TenantCommand,
  { id, file, whole, withCredentials }: Backup,
): Promise<LeftOut> {
  const options = withCredentials ? ['--with-credentials'] : []
  const imported = await importedBy(tenant, ['import', id, '--in', file, ...options, '--json'])
  // Its own words are those for people.
  if (imported.check?.consistent !== true) await tenant(['check', id])
  if (whole && !isComplete(imported)) {
    throw new StartError(
      [`${file} is whole, and not all of it can be restored:`, ...leftLines(imported)].join('\n'),
    )
  }
  return imported
}

/** An import that has left something out, or that finds something wrong, ends with another status than 0, too. */
async function importedBy(
  tenant: TenantCommand,
  args: readonly string[],
): Promise<z.output<typeof IMPORTED>> {
  try {
    return IMPORTED.parse(JSON.parse(await tenant(args)))
  } catch (error) {
    if (!(error instanceof CommandError) || error.out === '') throw error
    return IMPORTED.parse(JSON.parse(error.out))
  }
}
