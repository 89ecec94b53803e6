// Loaded before a process (node --import): it gets one file of the project with a seeded fault in it.
import { registerHooks } from 'node:module'
import { SEEDED_FAULTS, type SeededFault } from './seeded-faults.ts'

/** The variable that names the fault. */
export const SEEDED_FAULT = 'SEEDED_FAULT'

const fault = SEEDED_FAULTS.find(({ name }) => name === process.env[SEEDED_FAULT])
if (fault !== undefined) seed(fault)

function seed({ file, ...fault }: SeededFault): void {
  const faulty = new URL(`../../../lib/storage/table/${file}`, import.meta.url).href
  registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context)
      return url === faulty
        ? { ...loaded, source: withFault(String(loaded.source), fault) }
        : loaded
    },
  })
}

/** @throws Error when the code has changed so that the fault cannot be made any more. */
function withFault(source: string, { name, changes }: Omit<SeededFault, 'file'>): string {
  let text = source
  for (const [right, wrong] of changes) {
    if (text.split(right).length !== 2) throw new Error(`${name}: not once "${right}"`)
    text = text.replace(right, () => wrong)
  }
  return text
}
