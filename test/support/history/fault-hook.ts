// Loaded before a process (node --import): it gets one file of the project with a seeded fault in it.
import { readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { RETURN_FAULTS } from './return-faults.ts'
import { faulty, SEEDED_FAULTS, type SeededFault } from './seeded-faults.ts'

/** The variable that names the fault. */
export const SEEDED_FAULT = 'SEEDED_FAULT'

const wanted = [...SEEDED_FAULTS, ...RETURN_FAULTS].find(
  ({ name }) => name === process.env[SEEDED_FAULT],
)
if (wanted !== undefined) seed(wanted)

function seed(fault: SeededFault): void {
  const file = new URL(`../../../lib/storage/table/${fault.file}`, import.meta.url)
  const source = faulty(readFileSync(file, 'utf8'), fault)
  registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context)
      return url === file.href ? { ...loaded, source } : loaded
    },
  })
}
