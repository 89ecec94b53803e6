import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { BackupParts } from '../../lib/backup/backup-parts.ts'
import { exportRecords } from '../../lib/backup/export.ts'
import { sealedLines } from '../../lib/backup/sealed.ts'
import { memoryStores } from '../../lib/storage/memory/stores.ts'
import { createTenant } from '../../lib/tenants/tenants.ts'
import {
  contentsOf,
  exportOf,
  importOf,
  partsOn,
  storesOn,
  type BackedStores,
} from '../support/backup.ts'
import { failing } from '../support/failing-service.ts'
import { STEP, take } from '../support/backup-history.ts'
import { tableService } from '../support/table-service/service.ts'

const HISTORY = fc.array(STEP, { minLength: 1, maxLength: 40 })

/** The lines of a file but for the tenant's and the last one, which have times and hashes of their own. */
function peopleIn(file: Buffer): readonly string[] {
  return file.toString().split('\n').slice(1, -2)
}

/** Fails for a history behind which the copy is another. */
async function failureIn(runs: number, open: () => Promise<BackedStores>): Promise<unknown> {
  const [from, to] = [await open(), await open()]
  let tenants = 0
  const law = fc.asyncProperty(HISTORY, async (steps) => {
    tenants += 1
    const id = `t-${tenants}`
    const now = new Date()
    for (const stores of [from, to]) await createTenant(stores.tenants, { id, now })
    for (const step of steps) await take(from, id, step)
    const file = await exportOf(partsOn(from), id)
    const imported = await importOf(partsOn(to), id, file)
    expect(imported).toMatchObject({ whole: true, there: 0, left: { count: 0 } })
    const [original, copy] = await Promise.all([contentsOf(from, id), contentsOf(to, id)])
    expect(copy).toEqual(original)
    expect(peopleIn(await exportOf(partsOn(to), id))).toEqual(peopleIn(file))
    const twice = await importOf(partsOn(to), id, file, { resume: true })
    expect(twice).toMatchObject({ brought: { users: 0, groups: 0 }, left: { count: 0 } })
    expect(await contentsOf(to, id)).toEqual(original)
  })
  const { failed, counterexample, errorInstance } = await fc.check(law, { numRuns: runs })
  return failed ? { counterexample, errorInstance } : undefined
}

test('a tenant in memory is the same behind an export and an import, whatever it has been through', async () => {
  expect(await failureIn(100, async () => memoryStores())).toBeUndefined()
})

test('so is one in tables', async () => {
  expect(await failureIn(40, storesOn)).toBeUndefined()
})

/** Steps behind an import: what the tenant itself has declared otherwise, no import goes on beside. */
const SINCE = fc.array(
  STEP.filter(({ does }) => does !== 'declare' && does !== 'withdraw'),
  { minLength: 1, maxLength: 20 },
)

test.each([
  ['memory', 60, async (): Promise<BackedStores> => memoryStores()],
  ['tables', 30, storesOn],
] as const)(
  'an import that goes on changes nothing of what anybody has done since, in %s',
  async (_, numRuns, open) => {
    const [from, to] = [await open(), await open()]
    let tenants = 0
    let left = 0
    const law = fc.asyncProperty(HISTORY, SINCE, async (steps, since) => {
      tenants += 1
      const id = `t-${tenants}`
      for (const stores of [from, to]) await createTenant(stores.tenants, { id, now: new Date() })
      for (const step of steps) await take(from, id, step)
      const file = await exportOf(partsOn(from), id)
      await importOf(partsOn(to), id, file)
      for (const step of since) await take(to, id, step)
      const before = await contentsOf(to, id)
      const rehearsed = await importOf(partsOn(to), id, file, { resume: true, dryRun: true })
      const resumed = await importOf(partsOn(to), id, file, { resume: true })
      expect(await contentsOf(to, id)).toEqual(before)
      expect([resumed.brought, resumed.left.count]).toEqual([
        rehearsed.brought,
        rehearsed.left.count,
      ])
      left += resumed.left.count
    })
    const { failed, counterexample, errorInstance } = await fc.check(law, { numRuns })
    expect(failed ? { counterexample, errorInstance } : undefined).toBeUndefined()
    expect(left).toBeGreaterThan(5)
  },
)

/** Steps that the journal tells of; an acknowledged invitation is in no journal. */
const JOURNALED = fc.array(
  STEP.filter(({ does }) => does !== 'invited'),
  { minLength: 1, maxLength: 25 },
)

/** The file of a tenant in which somebody takes a step behind each third record. */
async function exportedMeanwhile(
  parts: BackupParts,
  id: string,
  next: () => Promise<void>,
): Promise<Buffer> {
  const lines: string[] = []
  const options = { withCredentials: false, report: () => undefined }
  for await (const line of sealedLines(exportRecords(parts, id, options))) {
    lines.push(line)
    // What changes behind the last look is not in the file.
    if (lines.length % 3 === 0 && !line.startsWith('{"kind":"end"')) await next()
  }
  return Buffer.from(lines.join(''))
}

test('what changes while it is exported is in the copy as it is at the end, whatever the storage does meanwhile', async () => {
  const [service, other] = [tableService({ pageSize: () => 3 }), tableService()]
  const [from, to] = [await storesOn(service), await storesOn(other)]
  let tenants = 0
  let wholes = 0
  const law = fc.asyncProperty(
    HISTORY,
    JOURNALED,
    fc.integer({ min: 1, max: 2 ** 31 }),
    async (steps, meanwhile, seed) => {
      tenants += 1
      const id = `t-${tenants}`
      const now = new Date()
      for (const stores of [from, to]) await createTenant(stores.tenants, { id, now })
      for (const step of steps) await take(from, id, step)
      const left = meanwhile.values()
      const next = async (): Promise<void> => {
        const { value } = left.next()
        if (value !== undefined) await take(from, id, value)
      }
      const [reading, writing] = [failing(service, seed), failing(other, seed)]
      const file = await exportedMeanwhile(partsOn(await storesOn(reading)), id, next)
      const { whole, left: leftOut } = await importOf(partsOn(await storesOn(writing)), id, file)
      if (!whole) return
      wholes += 1
      expect(leftOut).toEqual({ count: 0, first: [] })
      expect(await contentsOf(to, id)).toEqual(await contentsOf(from, id))
    },
  )
  const { failed, counterexample, errorInstance } = await fc.check(law, { numRuns: 40 })
  expect(failed ? { counterexample, errorInstance } : undefined).toBeUndefined()
  expect(wholes).toBeGreaterThan(20)
})
