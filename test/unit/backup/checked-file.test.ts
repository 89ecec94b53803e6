import { beforeAll, describe, expect, test } from 'vitest'
import { memoryStores } from '../../../lib/storage/memory/stores.ts'
import { createTenant } from '../../../lib/tenants/tenants.ts'
import { isObject, type JsonObject } from '../../../lib/scim/json.ts'
import { contentsOf, exportOf, importOf, partsOn } from '../../support/backup.ts'
import { recordsIn, refused, sealed } from '../../support/backup-file.ts'
import { take } from '../../support/backup-history.ts'

const NOW = new Date('2026-11-28T08:00:00.000Z')

let file: Buffer
let records: readonly JsonObject[]

beforeAll(async () => {
  const stores = memoryStores()
  await createTenant(stores.tenants, { id: 'acme', now: NOW })
  for (const place of [0, 1, 2, 3]) {
    for (const does of ['come', 'found', 'join', 'gather', 'take', 'declare'] as const) {
      await take(stores, 'acme', { does, name: place, other: 0, place })
    }
  }
  await take(stores, 'acme', { does: 'hide', name: 0, other: 0, place: 0 })
  file = await exportOf(partsOn(stores), 'acme')
  records = recordsIn(file)
})

function body(): JsonObject[] {
  return records.slice(0, -1).map((each) => structuredClone(each))
}

/** The records with the first of a kind changed. */
function withFirst(kind: string, change: (record: JsonObject) => JsonObject): Buffer {
  const all = body()
  const at = all.findIndex((each) => each['kind'] === kind)
  all[at] = change(all[at] ?? {})
  return sealed(all)
}

function idOf({ id }: JsonObject): string {
  return typeof id === 'string' ? id : ''
}

function inContent(record: JsonObject, more: JsonObject): JsonObject {
  const { content } = record
  return { ...record, content: { ...(isObject(content) ? content : {}), ...more } }
}

test('what the tests seal is as an export seals it', () => {
  expect(sealed(body()).toString()).toBe(file.toString())
})

describe('a file that is cut off', () => {
  test('anywhere, by a byte or by much, is refused', async () => {
    for (const share of [0, 0.01, 0.3, 0.7, 0.99]) {
      const cut = file.subarray(0, Math.floor(file.length * share))
      expect(await refused(cut)).toMatch(/is cut off|is empty/)
    }
    expect(await refused(file.subarray(0, -1))).toMatch(/^line [\d,]+ of the file is cut off/)
  })

  test('behind a line is refused, too', async () => {
    const lines = file.toString().split('\n')
    expect(await refused(Buffer.from(`${lines.slice(0, 5).join('\n')}\n`))).toBe(
      'the file is cut off: its last line is missing; nothing of it is taken',
    )
  })
})

describe('a file that was changed', () => {
  const CHANGED = /^the file was changed: its lines are not what its last line says/

  test('in any value is refused by its SHA-256', async () => {
    const changed = file.toString().replace('n0@acme.example', 'n9@acme.example')
    expect(await refused(Buffer.from(changed))).toMatch(CHANGED)
  })

  test.each([
    ['lines', { lines: 1 }],
    ['sha256', { sha256: '0'.repeat(64) }],
    ['passes', { passes: 2 }],
  ])('in %s of its last line is refused', async (_, end) => {
    expect(await refused(sealed(body(), end))).toMatch(CHANGED)
  })

  test('by a line that is missing, twice there, or behind the end is refused', async () => {
    const lines = file.toString().split('\n')
    const without = [...lines.slice(0, 2), ...lines.slice(3)]
    expect(await refused(Buffer.from(without.join('\n')))).toMatch(CHANGED)
    const twice = [...lines.slice(0, 2), lines[1] ?? '', ...lines.slice(2)]
    expect(await refused(Buffer.from(twice.join('\n')))).toMatch(
      /^line 3 of the file is out of order/,
    )
    const more = Buffer.from(`${file.toString()}${lines[1] ?? ''}\n`)
    expect(await refused(more)).toMatch(/stands behind the last one/)
  })
})

describe('a file that nobody has exported', () => {
  test.each([
    ['no JSON', 'hello\n', /^line 1 of the file is no JSON/],
    ['another JSON', '{"kind":"person"}\n', /^line 1 of the file is wrong at kind/],
    ['a list', '[]\n', /^line 1 of the file is none that an export has/],
    ['no UTF-8', '\u0000', /^line 1 of the file/],
    ['an empty line', '\n', /^line 1 of the file is no JSON/],
  ])('%s is refused', async (_, text, why) => {
    expect(await refused(Buffer.from(text))).toMatch(why)
  })

  test('bytes that are no UTF-8 are refused', async () => {
    expect(await refused(Buffer.from([0x7b, 0xff, 0xfe, 0x0a]))).toMatch(/is no UTF-8/)
  })

  test('a line that is longer than any of an export is refused before all of it is read', async () => {
    const long = Buffer.alloc(6 * 1_048_576, 0x20)
    expect(await refused(long)).toMatch(/^line 1 of the file has more than 4,194,304 bytes/)
  })

  test('another format is refused', async () => {
    expect(await refused(withFirst('tenant', (each) => ({ ...each, format: 2 })))).toMatch(
      /^line 1 of the file has the format 2, and here 1 is read/,
    )
  })

  test('a first line that is not the tenant’s, and a second such one, are refused', async () => {
    expect(await refused(sealed(body().slice(1)))).toMatch(/^line 1 of the file is no tenant’s/)
  })
})

describe('each line is foreign input', () => {
  test.each<[string, JsonObject, RegExp]>([
    ['a value of another type', { active: 'maybe' }, /line 2 of the file is wrong: active/],
    ['no userName', { userName: '' }, /line 2 of the file is wrong: userName/],
    ['text that is too long', { displayName: 'x'.repeat(9000) }, /is wrong: displayName/],
    ['one value where several belong', { emails: 7 }, /is wrong: emails/],
  ])('%s is refused', async (_, more, why) => {
    expect(await refused(withFirst('user', (each) => inContent(each, more)))).toMatch(why)
  })

  test.each<[string, JsonObject]>([
    ['an id with a slash', { id: 'a/b' }],
    ['an id that is too long', { id: 'x'.repeat(500) }],
    ['a version with a quote', { version: 'a"b' }],
    ['a time that is none', { created: 'yesterday' }],
    ['a name that no line has', { partitionKey: 'other_0123456789abcdef' }],
    ['an invitation that is none', { invitation: { since: 'soon' } }],
  ])('%s is refused', async (_, more) => {
    expect(await refused(withFirst('user', (each) => ({ ...each, ...more })))).toMatch(
      /^line 2 of the file is wrong|^line 2 of the file is none/,
    )
  })

  test('__proto__ is a name like any other, which no line has', async () => {
    const text = file.toString().split('\n')
    const evil = (text[1] ?? '').replace('{"kind"', '{"__proto__":{"polluted":true},"kind"')
    expect(await refused(Buffer.from([text[0], evil, ...text.slice(2)].join('\n')))).toMatch(
      /^line 2 of the file is (?:none|wrong)/,
    )
    expect(Object.getOwnPropertyDescriptor(Object.prototype, 'polluted')).toBeUndefined()
  })

  test('a name that occurs twice, and nesting without end, are refused', async () => {
    const [first = '', second = '', ...rest] = file.toString().split('\n')
    const twice = second.replace('{"kind"', '{"kind":"user","kind"')
    expect(await refused(Buffer.from([first, twice, ...rest].join('\n')))).toMatch(/is no JSON/)
    const deep = `${'['.repeat(1000)}${']'.repeat(1000)}`
    expect(await refused(Buffer.from([first, deep, ...rest].join('\n')))).toMatch(/is no JSON/)
  })

  test('members stand behind their group, and are no more than a line has', async () => {
    const all = body()
    const members = all.find(({ kind }) => kind === 'members') ?? {}
    expect(await refused(sealed([...all.slice(0, 2), members, ...all.slice(2)]))).toMatch(
      /is not behind its group/,
    )
    const users = Array.from({ length: 1001 }, (_, n) => `u${n}`)
    expect(
      await refused(
        withFirst('members', ({ kind, of }) => ({ kind: kind ?? '', of: of ?? '', users })),
      ),
    ).toMatch(/is wrong at users/)
  })

  test('settings and attributes that cannot be are refused', async () => {
    const settings = { requestsPerSecond: 1_000_000 }
    expect(await refused(withFirst('tenant', (each) => ({ ...each, settings })))).toMatch(
      /requestsPerSecond/,
    )
    const badge = {
      label: 'x',
      type: 'string',
      multiValued: false,
      allowedValues: [],
      unique: false,
      indexed: false,
      created: NOW.toISOString(),
    }
    const definitions = [{ ...badge, id: 'userName' }]
    expect(await refused(withFirst('tenant', (each) => ({ ...each, definitions })))).toMatch(
      /userName/,
    )
  })

  test('passes are in their order, and what they say is gone is not there', async () => {
    expect(await refused(sealed([...body(), { kind: 'pass', pass: 2 }]))).toMatch(/is out of place/)
    const [, first = {}] = body()
    const removed = { kind: 'removed', of: 'user', id: first['id'] ?? '' }
    expect(await refused(sealed([...body(), removed]))).toMatch(/is out of place/)
    const stores = memoryStores()
    await createTenant(stores.tenants, { id: 'copy', now: NOW })
    const changed = sealed([...body(), { kind: 'pass', pass: 1 }, removed])
    const { brought } = await importOf(partsOn(stores), 'copy', changed)
    const { users, hidden } = await contentsOf(stores, 'copy')
    expect(users.length + hidden.length).toBe(brought.users + brought.hidden)
    expect(JSON.stringify([users, hidden])).not.toContain(idOf(first))
  })

  test('a later line of an id stands for the ones before it', async () => {
    const stores = memoryStores()
    await createTenant(stores.tenants, { id: 'copy', now: NOW })
    const all = body()
    const user = all.findLast(({ kind }) => kind === 'user') ?? {}
    const later = { ...inContent(user, { displayName: 'Later' }), version: 'later' }
    const group = all.find(({ kind, group: of }) => kind === 'group' && of !== undefined) ?? {}
    const one = { kind: 'members', of: group['id'] ?? '', users: ['somebody'] }
    const file2 = sealed([
      ...all,
      { kind: 'pass', pass: 1 },
      later,
      { kind: 'pass', pass: 2 },
      group,
      one,
    ])
    await importOf(partsOn(stores), 'copy', file2)
    const { users, hidden, members } = await contentsOf(stores, 'copy')
    expect([...users, ...hidden]).toContainEqual(
      expect.objectContaining({ id: idOf(user), version: 'later' }),
    )
    expect(members[idOf(group)]).toEqual([{ value: 'somebody', type: 'User' }])
  })
})
