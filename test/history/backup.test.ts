import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { exportRecords } from '../../lib/backup/export.ts'
import { FORMAT, type BackupRecord, type EndRecord } from '../../lib/backup/format.ts'
import { sealedLines, type Ending } from '../../lib/backup/sealed.ts'
import { GROUP } from '../../lib/scim/default-resource-types.ts'
import { idOf } from '../../lib/scim/resource-id.ts'
import { createTenant } from '../../lib/tenants/tenants.ts'
import { contentsOf, importOf, partsOn, storesOn } from '../support/backup.ts'
import { STEPS, take } from '../support/backup-history.ts'
import { failing } from '../support/failing-service.ts'
import { below, oneOf, seeded } from '../support/history/random.ts'
import { tableService } from '../support/table-service/service.ts'

/** With BACKUP_USERS=20000 it is as large as tenants get, and takes minutes. */
const USERS = Number(process.env['BACKUP_USERS'] ?? 1000)
const MEMBERS = 5000
/** Steps that are taken while the tenant is exported. */
const MEANWHILE = 40

async function* invented(): AsyncGenerator<Exclude<BackupRecord, EndRecord>, Ending> {
  const now = new Date().toISOString()
  const stamp = { version: 'v', created: now, lastModified: now }
  const tenant = { id: 'made', name: 'Made', settings: {}, definitions: [] }
  yield { kind: 'tenant', format: FORMAT, exported: now, ...tenant }
  const ids = Array.from({ length: USERS }, () => randomUUID()).toSorted()
  for (const [n, id] of ids.entries()) {
    yield { kind: 'user', id, ...stamp, content: { userName: `user${n}@acme.example` } }
  }
  for (const id of [1, 2].map(() => idOf(GROUP, randomUUID())).toSorted()) {
    yield { kind: 'group', id, group: { ...stamp, content: { displayName: id } } }
    for (let left = MEMBERS; left > 0; left -= 1000) {
      yield { kind: 'members', of: id, users: Array.from({ length: 1000 }, () => randomUUID()) }
    }
  }
  return { passes: 0, whole: true }
}

async function fileOf(
  records: AsyncGenerator<Exclude<BackupRecord, EndRecord>, Ending>,
  meanwhile: (line: number) => Promise<void>,
): Promise<Buffer> {
  const lines: string[] = []
  for await (const line of sealedLines(records)) {
    lines.push(line)
    if (!line.startsWith('{"kind":"end"')) await meanwhile(lines.length)
  }
  return Buffer.from(lines.join(''))
}

test('a large tenant goes into a copy while others write and the storage fails: the copy is what is there at the end', async () => {
  const [service, other] = [tableService(), tableService()]
  const [from, to] = [await storesOn(service), await storesOn(other)]
  const now = new Date()
  for (const stores of [from, to]) await createTenant(stores.tenants, { id: 'acme', now })
  const made = await fileOf(invented(), async () => undefined)
  const first = await importOf(partsOn(await storesOn(failing(service, 1))), 'acme', made)
  expect(first.brought).toMatchObject({ users: USERS, groups: 2, members: 2 * MEMBERS })

  const random = seeded(7)
  const steps = STEPS.filter((does) => does !== 'invited')
  let left = MEANWHILE
  const parts = partsOn(await storesOn(failing(service, 2)))
  const records = exportRecords(parts, 'acme', { withCredentials: false, report: () => undefined })
  const file = await fileOf(records, async (line) => {
    if (left === 0 || line % Math.floor(USERS / MEANWHILE) !== 0) return
    left -= 1
    const does = oneOf(random, steps) ?? 'come'
    const place = below(random, 8)
    await take(from, 'acme', { does, name: below(random, 7), other: below(random, 4), place })
  })
  const { whole, left: leftOut } = await importOf(
    partsOn(await storesOn(failing(other, 3))),
    'acme',
    file,
  )
  expect([whole, leftOut, left]).toEqual([true, { count: 0, first: [] }, 0])
  expect(await contentsOf(to, 'acme')).toEqual(await contentsOf(from, 'acme'))
})
