import { randomUUID } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import { removeAttribute } from '../../../lib/people/declare.ts'
import type { Stores } from '../../../lib/runtime.ts'
import { GROUP } from '../../../lib/scim/default-resource-types.ts'
import { isArray, isObject, own, type JsonObject, type JsonValue } from '../../../lib/scim/json.ts'
import { idOf } from '../../../lib/scim/resource-id.ts'
import { URN } from '../../../lib/scim/urn.ts'
import { memoryStores } from '../../../lib/storage/memory/stores.ts'
import { issueCredential } from '../../../lib/tenants/credentials.ts'
import { createTenant } from '../../../lib/tenants/tenants.ts'
import { contentsOf, exportOf, importOf, partsOn } from '../../support/backup.ts'
import { recordsIn, refused, sealed } from '../../support/backup-file.ts'
import { take } from '../../support/backup-history.ts'

const HOUR = 60 * 60 * 1000
const at = (hours: number): string => new Date(Date.now() + hours * HOUR).toISOString()
const FUTURE = '9999-12-31T23:59:59.999Z'

let records: readonly JsonObject[]

beforeAll(async () => {
  const stores = memoryStores()
  const settings = { deletionPolicy: 'deactivate', invitations: true }
  await createTenant(stores.tenants, { id: 'acme', settings, now: new Date() })
  const step = { name: 0, other: 0, place: 0 }
  for (const other of [0, 1]) await take(stores, 'acme', { ...step, does: 'declare', other })
  // A team that a group becomes, and one that stays as it is.
  for (const name of [0, 2]) await take(stores, 'acme', { ...step, does: 'gather', name })
  for (const name of [0, 4]) await take(stores, 'acme', { ...step, does: 'found', name })
  for (const name of [0, 1, 2, 3]) {
    for (const does of ['come', 'invited'] as const) {
      await take(stores, 'acme', { ...step, does, name, other: name, place: name })
    }
  }
  await take(stores, 'acme', { ...step, does: 'hide', place: 3 })
  for (const place of [0, 1, 2]) {
    for (const does of ['join', 'take'] as const) {
      await take(stores, 'acme', { ...step, does, place })
    }
  }
  await removeAttribute(stores.tenants, 'acme', 'badge', { purge: false, now: new Date() })
  await issue(stores)
  records = recordsIn(await exportOf(partsOn(stores), 'acme', { withCredentials: true }))
})

async function issue({ tenants }: Stores): Promise<void> {
  const expires = new Date(Date.now() + HOUR)
  await issueCredential(tenants, 'acme', { kind: 'token', label: 'Okta', expires }, new Date())
  const federated = {
    kind: 'federated',
    issuer: 'https://login.example.com',
    audience: 'scim',
    subject: 'okta',
    jwksUri: 'https://login.example.com/keys',
  } as const
  await issueCredential(tenants, 'acme', federated, new Date())
}

type Forge = (record: JsonObject) => JsonObject

/** Lines that are forged, by what they are about. */
const LINES = {
  tenant: (record) => record['kind'] === 'tenant',
  user: (record) => record['kind'] === 'user' && !Object.hasOwn(record, 'hidden'),
  hidden: (record) => record['kind'] === 'user' && record['hidden'] === true,
  group: (record) => Object.hasOwn(record, 'group') && !Object.hasOwn(record, 'team'),
  team: (record) => Object.hasOwn(record, 'team') && !Object.hasOwn(record, 'group'),
  both: (record) => Object.hasOwn(record, 'team') && Object.hasOwn(record, 'group'),
  scim: (record) => record['kind'] === 'members' && Object.hasOwn(record, 'users'),
  byHand: (record) => record['kind'] === 'members' && Object.hasOwn(record, 'byHand'),
  token: (record) => record['of'] === 'token',
  federated: (record) => record['of'] === 'federated',
} as const satisfies Record<string, (record: JsonObject) => boolean>

/** The records with one line forged, sealed, and the number of the line. */
function forged(
  which: keyof typeof LINES,
  forge: Forge,
): { readonly file: Buffer; readonly line: number } {
  const all = records.slice(0, -1)
  const line = all.findIndex(LINES[which])
  const chosen = all[line]
  if (chosen === undefined) throw new Error(`there is no line of ${which}`)
  return { file: sealed(all.with(line, forge(structuredClone(chosen)))), line: line + 1 }
}

/** A record with more in it, at a path. */
function having(path: readonly string[], more: JsonObject): Forge {
  const [name, ...rest] = path
  if (name === undefined) return (record) => withAll(record, more)
  return (record) => {
    const inner = own(record, name)
    return { ...record, [name]: having(rest, more)(isObject(inner) ? inner : {}) }
  }
}

/** Names such as `__proto__` are names, too. */
function withAll(record: JsonObject, more: JsonObject): JsonObject {
  return Object.fromEntries([...Object.entries(record), ...Object.entries(more)])
}

const set = (more: JsonObject): Forge => having([], more)
const inContent = (more: JsonObject): Forge => having(['content'], more)
const inPeople = (more: JsonObject): Forge => having(['content', 'people'], more)

function named(name: string, value: JsonValue): JsonObject {
  return Object.fromEntries([[name, value]])
}

/** Of the attributes that the tenant has or had. */
function isLive(definition: JsonObject): boolean {
  return !('removed' in definition)
}

/** The ones that stay first: made in one millisecond, they are in any order. */
function definitionsWith(change: (all: readonly JsonObject[]) => readonly JsonValue[]): Forge {
  return (record) => {
    const { definitions } = record
    const all = isArray(definitions) ? definitions.filter(isObject) : []
    return {
      ...record,
      definitions: change([...all.filter(isLive), ...all.filter((each) => !isLive(each))]),
    }
  }
}

const firstWith = (more: JsonObject): Forge =>
  definitionsWith((all) => all.map((each, n) => (n === 0 ? { ...each, ...more } : each)))

function textOf(record: JsonObject, name: string): string {
  const text = own(record, name)
  return typeof text === 'string' ? text : ''
}

function deep(levels: number): JsonValue {
  return levels === 0 ? 'x' : { a: deep(levels - 1) }
}

const A_GROUP = idOf(GROUP, randomUUID())

const FORGED: readonly (readonly [
  what: string,
  which: keyof typeof LINES,
  forge: Forge,
  why: string,
])[] = [
  // Ids.
  ['an id that is two dots', 'user', set({ id: '..' }), 'id must be the id of a user, a UUID'],
  ['an id that is a dot', 'group', set({ id: '.' }), 'id must be the id of a group, a UUID'],
  ['a user under the id of a group', 'user', set({ id: A_GROUP }), 'id must be the id of a user'],
  ['a group under the id of a user', 'group', set({ id: randomUUID() }), 'the id of a group'],
  // Teams.
  ['a team without a name', 'team', having(['team'], { name: '' }), 'name must have 1 to 200'],
  ['a team of blanks', 'team', having(['team'], { name: ' \t' }), 'name must have 1 to 200'],
  ['a team that rings', 'team', having(['team'], { name: 'a\u0007b' }), 'all of them printable'],
  ['a long team', 'team', having(['team'], { name: 'x'.repeat(201) }), 'at most 200 characters'],
  ['a team whose group is away', 'team', having(['team'], { adopted: true }), 'no group has this'],
  ['a team beside its group', 'both', having(['team'], { adopted: false }), 'adopted must be true'],
  // Times.
  ['one of the year 9999', 'user', set({ created: FUTURE, lastModified: FUTURE }), 'in the future'],
  ['one changed in two days', 'user', set({ lastModified: at(48) }), 'lastModified must not be in'],
  [
    'one changed before',
    'user',
    set({ lastModified: '2001-01-01T00:00:00.000Z' }),
    'before created',
  ],
  ['a group of two days on', 'group', having(['group'], { created: at(48) }), 'created must not'],
  ['a team of two days on', 'team', having(['team'], { lastModified: at(48) }), 'in the future'],
  [
    'a time without its zone',
    'user',
    set({ created: '2026-11-28T08:00:00.000' }),
    'wrong at created',
  ],
  ['a time in another form', 'user', set({ created: '2026-11-28T08:00:00Z' }), 'wrong at created'],
  ['an export in two days', 'tenant', set({ exported: at(48) }), 'exported must not be in the'],
  ['an invitation to come', 'user', set({ invitation: { since: FUTURE } }), 'invitation.since'],
  // Who was here before, and who is invited.
  [
    'one who may be oneself',
    'user',
    (record) => ({ ...record, possibleReturner: record['id'] ?? '' }),
    'possibleReturner must be the id of somebody else',
  ],
  ['one who may be ..', 'user', set({ possibleReturner: '..' }), 'possibleReturner must be the id'],
  ['one who is still to come', 'user', set({ active: true }), 'is none that an export has'],
  [
    'an active account whose first activation is ahead',
    'user',
    (record) => inContent({ active: true })({ ...record, invitation: 'ahead' }),
    'the invitation of an active account is not ahead any more',
  ],
  ['a hidden one that is active', 'hidden', inContent({ active: true }), 'active must be false'],
  // Members.
  ['a member of blanks', 'scim', set({ users: ['  '] }), 'members.value must be the id'],
  ['a member in blanks', 'scim', set({ users: [' a '] }), 'white space around it'],
  ['a member as JSON', 'scim', set({ users: ['{"value":"a"}'] }), 'nor JSON text'],
  ['a member with a bell', 'scim', set({ users: ['a\u0007'] }), 'without control characters'],
  ['half a character', 'scim', set({ users: ['a\ud800'] }), 'well-formed Unicode'],
  ['a group among users', 'scim', set({ users: [A_GROUP] }), 'id of a Group, and stands among'],
  [
    'a user among groups',
    'scim',
    set({ groups: [randomUUID()] }),
    'id of a User, and stands among',
  ],
  ['anybody by hand', 'byHand', set({ byHand: ['nobody-1'] }), 'byHand.0 must be the id of a user'],
  ['a group by hand', 'byHand', set({ byHand: [A_GROUP] }), 'byHand.0 must be the id of a user'],
  // Credentials.
  ['a credential to come', 'token', set({ created: at(48) }), 'created must not be in the future'],
  ['one over before', 'token', set({ expires: '2001-01-01T00:00:00.000Z' }), 'expires must not be'],
  ['a label that rings', 'token', set({ label: '\u0007' }), 'label of the token'],
  ['a long label', 'token', set({ label: 'x'.repeat(101) }), 'at most 100 characters'],
  ['another id', 'token', set({ id: 'ABC' }), 'must have 12 characters a-z 0-9'],
  [
    'an issuer by http',
    'federated',
    set({ issuer: 'http://a.example' }),
    'issuer must be an https',
  ],
  ['keys at an address', 'federated', set({ jwksUri: 'https://10.0.0.1/' }), 'no IP address'],
  // What users have.
  ['__proto__', 'user', inContent(named('__proto__', { a: 1 })), 'which no attribute has'],
  ['constructor', 'user', inContent(named('constructor', 'x')), 'the name "constructor"'],
  ['__proto__ inside', 'user', inPeople(named('__proto__', 'x')), 'the name "__proto__"'],
  ['a name with a bell', 'user', inContent(named('a\u0007', 'x')), 'which no attribute has'],
  ['its id', 'user', inContent({ id: randomUUID() }), 'content has "id", of which nothing'],
  ['meta', 'user', inContent({ meta: { version: 'x' } }), '"meta", of which nothing is kept'],
  ['schemas', 'user', inContent({ schemas: [URN.user] }), '"schemas", of which nothing is kept'],
  [
    'groups',
    'user',
    inContent({ groups: [{ value: A_GROUP }] }),
    '"groups", of which nothing is kept',
  ],
  [
    'a password',
    'user',
    inContent({ password: 'Pa55word!' }),
    '"password", of which nothing is kept',
  ],
  [
    'a part that is unknown',
    'user',
    having(['content', 'name'], { nick: 'x' }),
    '"nick", of which nothing is kept',
  ],
  ['another case', 'user', inContent({ DISPLAYNAME: 'x' }), '"DISPLAYNAME", which is kept under'],
  ['another case inside', 'user', inPeople({ COSTCENTRE: 'x' }), '"COSTCENTRE", which is kept'],
  ['people by the URN', 'user', inContent({ [URN.peopleUser]: { level: 'x' } }), 'another name'],
  ['a path', 'user', inContent({ 'name.middleName': 'x' }), 'which is kept under another name'],
  ['nothing', 'user', inContent({ later: null }), 'content has null'],
  ['too deep', 'user', inContent({ later: deep(4) }), 'deeper than 4 levels'],
  ['too long', 'user', inContent({ later: 'x'.repeat(65_537) }), 'at most 65536 characters'],
  ['too many', 'user', inContent({ later: Array.from({ length: 1001 }, () => 1) }), 'most 1000'],
  [
    'too many numbers',
    'user',
    inContent({ phoneNumbers: Array.from({ length: 1001 }, (_, n) => ({ value: `${n}` })) }),
    'at most 1000 values, 1001 are',
  ],
  [
    'too much',
    'user',
    inContent(
      Object.fromEntries(Array.from({ length: 8 }, (_, n) => [`a${n}`, 'x'.repeat(65_000)])),
    ),
    'The User is too large',
  ],
  [
    'members in a group',
    'group',
    having(['group', 'content'], { members: [{ value: 'a' }] }),
    'content has members, which have lines of their own',
  ],
  // The tenant.
  ['no id of a tenant', 'tenant', set({ id: 'a/b' }), 'tenant id must have 1 to 32 characters'],
  ['a name that rings', 'tenant', set({ name: '\u0007!' }), 'name of the tenant must have at most'],
  ['a name of blanks', 'tenant', set({ name: ' ' }), 'name of the tenant must not be empty'],
  ['a long name', 'tenant', set({ name: 'x'.repeat(201) }), 'name of the tenant must have at most'],
  ['a long reference', 'tenant', set({ reference: 'x'.repeat(101) }), 'reference of the tenant'],
  ['a setting too high', 'tenant', set({ settings: { activityDays: 1e9 } }), 'activityDays'],
  [
    'a setting __proto__',
    'tenant',
    set({ settings: named('__proto__', 1) }),
    'no setting is called',
  ],
  ['a setting constructor', 'tenant', set({ settings: named('constructor', 1) }), 'no setting is'],
  ['a setting that rings', 'tenant', set({ settings: { 'a\u0007': 1 } }), 'no setting is called'],
  [
    'settings without end',
    'tenant',
    set({ settings: Object.fromEntries(Array.from({ length: 101 }, (_, n) => [`s${n}`, n])) }),
    'at most 100 settings that are not known',
  ],
  ['a label without text', 'tenant', firstWith({ label: '' }), 'label of an attribute must not be'],
  ['a label with a bell', 'tenant', firstWith({ label: '\u0007!' }), 'label of an attribute must'],
  ['an attribute __proto__', 'tenant', firstWith({ id: '__proto__' }), 'must not be __proto__'],
  ['an attribute seen', 'tenant', firstWith({ id: 'seen' }), 'must not be seen'],
  ['an attribute with a blank', 'tenant', firstWith({ id: 'a b' }), '1 to 64 characters out of'],
  [
    'an attribute of all',
    'tenant',
    firstWith({ id: 'userName' }),
    'every tenant has the attribute',
  ],
  ['an attribute to come', 'tenant', firstWith({ created: FUTURE }), 'created of an attribute'],
  [
    'one purged that stays',
    'tenant',
    firstWith({ purging: true }),
    'is purged, and was not removed',
  ],
  [
    'an attribute twice, in another case',
    'tenant',
    definitionsWith((all) =>
      all.flatMap((each) => [each, { ...each, id: textOf(each, 'id').toUpperCase() }]),
    ),
    'names ignore case',
  ],
  [
    'attributes without end',
    'tenant',
    definitionsWith(([one]) => Array.from({ length: 101 }, (_, n) => ({ ...one, id: `a${n}` }))),
    'at most 100 attributes',
  ],
]

describe('a line that no export has is refused, and nothing is written', () => {
  test.each(FORGED)('%s (%s)', async (_, which, forge, why) => {
    const { file, line } = forged(which, forge)
    const detail = await refused(file)
    expect(detail).toContain(why)
    expect(detail).toMatch(
      new RegExp(`^line ${line} of the file is .*[^.]; nothing of it is taken$`),
    )
  })
})

test('a line of the tenant that has changed meanwhile is refused by its own number', async () => {
  const all = records.slice(0, -1).filter(({ kind }) => kind !== 'credential')
  const changed = [...all, { kind: 'pass', pass: 1 }, { ...all[0], name: '\u0007' }]
  expect(await refused(sealed(changed))).toMatch(
    new RegExp(`^line ${changed.length} of the file is wrong: the name of the tenant`),
  )
})

test('two credentials of one id are refused', async () => {
  const all = records.slice(0, -1)
  const one = all.find(LINES.token) ?? {}
  expect(await refused(sealed([...all, one]))).toMatch(/has the id of another credential/)
})

/** What a store can have, however odd it looks. */
const TAKEN: readonly (readonly [what: string, which: keyof typeof LINES, forge: Forge])[] = [
  ['one who may be somebody deleted', 'user', set({ possibleReturner: randomUUID() })],
  ['a hidden one who may be another', 'hidden', set({ possibleReturner: randomUUID() })],
  ['a hidden one who was invited', 'hidden', set({ invitation: 'acknowledged' })],
  ['members whom nobody knows', 'scim', set({ users: ['nobody', '..', randomUUID()] })],
  ['a member twice', 'scim', set({ users: ['a', 'b', 'a'] })],
  ['a group in itself', 'scim', (record) => ({ ...record, groups: [record['of'] ?? ''] })],
  ['a person by hand twice', 'byHand', ({ byHand, ...record }) => twice(record, byHand)],
  ['an attribute that is called prototype', 'tenant', firstWith({ id: 'prototype' })],
  ['a tenant without a name', 'tenant', set({ name: '' })],
  [
    'a group that a deletion of before it has changed',
    'group',
    having(['group'], { lastModified: at(-99) }),
  ],
  ['a clock that was wrong by an hour', 'user', set({ lastModified: at(1) })],
  ['what a later version has', 'user', inContent({ later: [{ value: 'x', primary: true }] })],
]

function twice(record: JsonObject, byHand: JsonValue | undefined): JsonObject {
  const ids = isArray(byHand) ? byHand : []
  return { ...record, byHand: [...ids, ...ids] }
}

describe('what a store can have is taken', () => {
  test.each(TAKEN)('%s', async (_, which, forge) => {
    const stores = memoryStores()
    await createTenant(stores.tenants, { id: 'copy', name: 'A copy', now: new Date() })
    const { left } = await importOf(partsOn(stores), 'copy', forged(which, forge).file)
    expect(left).toEqual({ count: 0, first: [] })
    const { users } = await contentsOf(stores, 'copy')
    expect(users).toHaveLength(records.filter(LINES.user).length)
  })

  test('a member who is there twice is one', async () => {
    const stores = memoryStores()
    await createTenant(stores.tenants, { id: 'copy', now: new Date() })
    const { file } = forged('scim', set({ users: ['a', 'b', 'a'] }))
    const { brought } = await importOf(partsOn(stores), 'copy', file)
    const { members } = await contentsOf(stores, 'copy')
    const of = textOf(records.find(LINES.scim) ?? {}, 'of')
    expect(members[of]?.map(({ value }) => value)).toEqual(['a', 'b'])
    expect(brought.members).toBe(Object.values(members).flat().length)
  })

  test('a credential that has expired since comes, and opens nothing', async () => {
    const stores = memoryStores()
    await createTenant(stores.tenants, { id: 'acme', now: new Date() })
    const expires = new Date(Date.now() - 1).toISOString()
    const made = { created: at(-2), expires }
    const { file } = forged('token', set(made))
    await importOf(partsOn(stores), 'acme', file, { withCredentials: true })
    expect(await stores.tenants.credentials('acme')).toContainEqual(expect.objectContaining(made))
  })
})
