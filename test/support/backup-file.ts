import { createHash } from 'node:crypto'
import { expect } from 'vitest'
import { isArray, isObject, type JsonObject } from '../../lib/scim/json.ts'
import { memoryStores } from '../../lib/storage/memory/stores.ts'
import { createTenant } from '../../lib/tenants/tenants.ts'
import { contentsOf, importOf, partsOn } from './backup.ts'
import { refusalOf } from './refusal.ts'

const NOW = new Date()

/** The lines of a file, its last one included. */
export function recordsIn(file: Buffer): readonly JsonObject[] {
  const lines = file.toString().trimEnd().split('\n')
  return lines.map((line) => {
    const record: unknown = JSON.parse(line)
    if (!isObject(record)) throw new Error('a line is no object')
    return record
  })
}

/** Why a file is refused; fails when anything of it was written. */
export async function refused(bytes: Buffer): Promise<string> {
  const stores = memoryStores()
  await createTenant(stores.tenants, { id: 'copy', name: 'A copy', now: NOW })
  const before = await contentsOf(stores, 'copy')
  const { kind, detail } = await refusalOf(() => importOf(partsOn(stores), 'copy', bytes))
  expect(await contentsOf(stores, 'copy')).toEqual(before)
  expect(kind).toBe('invalidValue')
  expect(detail).not.toContain('\n')
  return detail
}

/** A file of records, whose last line is right. */
export function sealed(all: readonly JsonObject[], end: JsonObject = {}): Buffer {
  const lines = all.map((each) => `${JSON.stringify(each)}\n`)
  const sha256 = createHash('sha256').update(lines.join('')).digest('hex')
  const of = (kind: string): readonly JsonObject[] => all.filter((each) => each['kind'] === kind)
  const lengths = (name: string): number =>
    of('members').reduce((sum, { [name]: ids }) => sum + (isArray(ids) ? ids.length : 0), 0)
  const counts = {
    users: of('user').filter(({ hidden }) => hidden !== true).length,
    hidden: of('user').filter(({ hidden }) => hidden === true).length,
    groups: of('group').filter(({ group }) => group !== undefined).length,
    teams: of('group').filter(({ team }) => team !== undefined).length,
    members: lengths('users') + lengths('groups'),
    membersByHand: lengths('byHand'),
    removed: of('removed').length,
    credentials: of('credential').length,
  }
  const passes = of('pass').length
  const last = { kind: 'end', lines: lines.length, sha256, counts, passes, whole: true, ...end }
  return Buffer.from(`${lines.join('')}${JSON.stringify(last)}\n`)
}
