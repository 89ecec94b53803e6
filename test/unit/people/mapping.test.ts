import { describe, expect, test } from 'vitest'
import { mappingOf, PERSON_ATTRIBUTES, type PersonMapping } from '../../../lib/people/mapping.ts'
import { checkMembers, patchedAttributes } from '../../../lib/people/person-patch.ts'
import { toPerson, type Person, type Surroundings } from '../../../lib/people/person.ts'
import { withDefinitions } from '../../../lib/scim/attribute-definition.ts'
import { defaultResourceTypes, USER } from '../../../lib/scim/default-resource-types.ts'
import type { JsonObject, JsonValue } from '../../../lib/scim/json.ts'
import type { StoredResource } from '../../../lib/scim/resource.ts'
import { URN } from '../../../lib/scim/urn.ts'
import { aDefinition, SURVEY } from '../../support/definitions.ts'
import { refusalOf, said } from '../../support/refusal.ts'

const { enterpriseUser: ENTERPRISE, peopleUser: PEOPLE } = URN

const DEFINITIONS = [
  aDefinition('shirt'),
  aDefinition('score', { type: 'integer', schema: SURVEY }),
  aDefinition('remote', { type: 'boolean' }),
  aDefinition('skills', { multiValued: true }),
  aDefinition('Email'),
  aDefinition('teams', { schema: SURVEY }),
]

const MAPPING = mappingOf(withDefinitions(USER, DEFINITIONS), DEFINITIONS)

const ALONE: Surroundings = { teamsOf: new Map(), teamNames: new Map(), managers: new Map() }

function stored(attributes: JsonObject, id = 'p1'): StoredResource {
  const at = '2026-11-27T14:00:00.000Z'
  return { id, version: 'v1', created: at, lastModified: at, attributes }
}

function personOf(attributes: JsonObject, mapping: PersonMapping = MAPPING): Person {
  return toPerson(mapping, stored({ userName: 'ann', ...attributes }), ALONE)
}

function patched(before: JsonObject, patch: JsonObject): JsonObject {
  const { userName: _, ...rest } = patchedAttributes(MAPPING, { userName: 'ann', ...before }, patch)
  return rest
}

const MANAGED = { [ENTERPRISE]: { manager: { value: 'm1' } } }

/** Of somebody whose manager is this one, if there is one. */
function managerShown(manager?: JsonObject): unknown {
  const managers = new Map(manager === undefined ? [] : [['m1', stored(manager, 'm1')]])
  return toPerson(MAPPING, stored(MANAGED), { ...ALONE, managers }).manager
}

/** Of a person in these teams. */
function versionIn(...ids: readonly string[]): string {
  const teamNames = new Map(ids.map((id) => [id, `${id} ${ids.length}`]))
  const teamsOf = new Map([['p1', ids]])
  return toPerson(MAPPING, stored({}), { ...ALONE, teamsOf, teamNames }).version
}

function withEmail(emails: readonly JsonObject[], email: string | null): unknown {
  return patched({ emails }, { email })['emails']
}

/** A name of a person, its value, and where SCIM has it. */
const LINES: readonly (readonly [string, JsonValue, JsonObject])[] = [
  ['firstName', 'Ann', { name: { givenName: 'Ann' } }],
  ['lastName', 'Lee', { name: { familyName: 'Lee' } }],
  ['email', 'ann@acme.example', { emails: [{ value: 'ann@acme.example', type: 'work' }] }],
  ['position', 'Buyer', { title: 'Buyer' }],
  ['department', 'Sales', { [ENTERPRISE]: { department: 'Sales' } }],
  ['division', 'North', { [ENTERPRISE]: { division: 'North' } }],
  ['costCenter', '4711', { [ENTERPRISE]: { costCenter: '4711' } }],
  ['level', 'Senior', { [PEOPLE]: { level: 'Senior' } }],
  ['location', 'Berlin', { [PEOPLE]: { location: 'Berlin' } }],
  ['gender', 'female', { [PEOPLE]: { gender: 'female' } }],
  ['startDate', '2026-02-01', { [PEOPLE]: { startDate: '2026-02-01' } }],
  ['endDate', '2027-02-01T10:00:00Z', { [PEOPLE]: { endDate: '2027-02-01T10:00:00Z' } }],
  ['birthday', '1990-12-24', { [PEOPLE]: { birthday: '1990-12-24' } }],
  [
    'photo',
    'https://acme.example/ann.png',
    { photos: [{ value: 'https://acme.example/ann.png', type: 'photo' }] },
  ],
  ['externalId', 'e-1', { externalId: 'e-1' }],
  ['shirt', 'XL', { [PEOPLE]: { shirt: 'XL' } }],
  ['score', 7, { [SURVEY]: { score: 7 } }],
  ['remote', false, { [PEOPLE]: { remote: false } }],
  ['skills', ['sql', 'go'], { [PEOPLE]: { skills: ['sql', 'go'] } }],
  [`${PEOPLE}:Email`, 'mine', { [PEOPLE]: { Email: 'mine' } }],
  [`${SURVEY}:teams`, 'blue', { [SURVEY]: { teams: 'blue' } }],
]

test('every line of the table has its own test', () => {
  const tested = new Set(['userName', ...LINES.map(([name]) => name)])
  expect(MAPPING.lines.map(({ name }) => name).filter((name) => !tested.has(name))).toEqual([])
  expect(PERSON_ATTRIBUTES).toHaveLength(16)
})

describe.each(LINES)('%s', (name, value, attributes) => {
  test('is read', () => {
    expect(personOf(attributes)).toEqual({
      id: 'p1',
      version: personOf({}).version,
      status: 'active',
      userName: 'ann',
      [name]: value,
      teams: [],
    })
  })

  test('is written', () => {
    expect(patched({}, { [name]: value })).toEqual(attributes)
  })

  test('is cleared by null, as often as that is asked for', () => {
    expect(patched(attributes, { [name]: null })).toEqual({})
    expect(patched({}, { [name]: null })).toEqual({})
  })
})

describe('userName', () => {
  test('is read and written, but not cleared', async () => {
    const before = { userName: 'ann' }
    expect(personOf(before)['userName']).toBe('ann')
    expect(patchedAttributes(MAPPING, before, { userName: 'bob' })).toEqual({ userName: 'bob' })
    const refused = await refusalOf(() => patchedAttributes(MAPPING, before, { userName: null }))
    expect(refused).toMatchObject({ member: 'userName' })
  })
})

describe('the status', () => {
  test.each<[Person['status'], JsonObject]>([
    ['active', {}],
    ['active', { active: true }],
    ['inactive', { active: false }],
  ])('is %s for %j', (status, attributes) => {
    expect(personOf(attributes).status).toBe(status)
  })
})

describe('the manager', () => {
  test('has a name and is there, or is not there yet', () => {
    expect(managerShown()).toEqual({ id: 'm1', exists: false })
    const name = { givenName: 'Max', familyName: 'Moe' }
    expect(managerShown({ userName: 'max' })).toEqual({ id: 'm1', name: 'max', exists: true })
    expect(managerShown({ userName: 'max', name })).toEqual({
      id: 'm1',
      name: 'Max Moe',
      exists: true,
    })
    expect(managerShown({ displayName: 'Max!', name })).toEqual({
      id: 'm1',
      name: 'Max!',
      exists: true,
    })
  })

  test('is set by the id, and cleared by null', () => {
    expect(patched({}, { manager: { id: 'm1' } })).toEqual(MANAGED)
    expect(
      patched({ [ENTERPRISE]: { manager: { value: 'm0' } } }, { manager: { id: 'm1' } }),
    ).toEqual(MANAGED)
    expect(patched(MANAGED, { manager: null })).toEqual({})
  })

  test.each<[string, JsonValue]>([
    ['a string', 'm1'],
    ['an array', ['m1']],
    ['an object of 0 members', {}],
    ['an object of 1 members', { id: 1 }],
    ['an object of 2 members', { id: 'm1', name: 'Max' }],
  ])('is refused as %s', async (came, manager) => {
    const refused = await refusalOf(() => patched({}, { manager }))
    expect(said(refused)).toBe(
      `invalidValue: manager must be null or {"id": "…"}, the id of a person, not ${came}; name and exists follow from it.`,
    )
    expect(refused).toMatchObject({ member: 'manager' })
  })
})

describe('teams', () => {
  test('have their names; one that is being deleted is none', () => {
    const surroundings = {
      ...ALONE,
      teamsOf: new Map([['p1', ['g1', 'g2']]]),
      teamNames: new Map([['g1', 'Sales']]),
    }
    expect(toPerson(MAPPING, stored({}), surroundings).teams).toEqual([{ id: 'g1', name: 'Sales' }])
  })

  test('make another version, in whatever order they are read; their names do not', () => {
    expect(versionIn('g1', 'g2')).toBe(versionIn('g2', 'g1'))
    expect(new Set([versionIn(), versionIn('g1'), versionIn('g1', 'g2')]).size).toBe(3)
  })
})

describe('of several e-mails', () => {
  const work = { value: 'work@acme.example', type: 'Work' }
  const home = { value: 'home@acme.example', type: 'home' }
  const plain = { value: 'plain@acme.example' }
  const primary = { value: 'first@acme.example', type: 'work', primary: true }

  test.each<[string | undefined, readonly JsonObject[]]>([
    ['work@acme.example', [home, work]],
    ['work@acme.example', [plain, work]],
    ['first@acme.example', [work, primary]],
    ['plain@acme.example', [plain]],
    ['plain@acme.example', [home, plain]],
    [undefined, [home]],
    [undefined, [plain, { value: 'another@acme.example' }]],
  ])('%s is shown', (email, emails) => {
    expect(personOf({ emails })['email']).toBe(email)
  })

  test('the shown one is changed, and goes; the others stay', () => {
    const email = 'new@acme.example'
    expect(withEmail([home, work], email)).toEqual([home, { ...work, value: email }])
    expect(withEmail([home, plain], email)).toEqual([home, { value: email }])
    expect(withEmail([home], email)).toEqual([home, { value: email, type: 'work' }])
    expect(withEmail([home, work], null)).toEqual([home])
    expect(withEmail([home, plain], null)).toEqual([home])
    expect(withEmail([home], null)).toEqual([home])
  })
})

describe('what is refused names the member', () => {
  test.each<[string, JsonObject, RegExp]>([
    [
      'firstName',
      { firstName: 1 },
      /^invalidValue: firstName must be a string, or null to clear it; the number 1 came\.$/,
    ],
    ['startDate', { startDate: 'soon' }, /^invalidValue: startDate must be .*date/],
    ['photo', { photo: 'http://acme.example/a.png' }, /^invalidValue: photo must be .*https/],
    ['email', { email: '\uD800' }, /^invalidValue: email must be well-formed Unicode;/],
    ['score', { score: 'x' }, /^invalidValue: score must be a number, or null/],
    ['score', { score: 1.5 }, /^invalidValue: score must be an integer/],
    ['id', { id: 'p2' }, /^invalidValue: id cannot be changed here: the id of a person never/],
    ['status', { status: 'inactive' }, /^invalidValue: status cannot be changed here: the status/],
    ['teams', { teams: [] }, /^invalidValue: teams cannot be changed here: teams are changed by/],
    ['version', { version: 'x' }, /^invalidValue: version cannot be changed here/],
    ['removed', { removed: true }, /^invalidValue: removed cannot be changed here/],
    ['title', { title: 'Buyer' }, /^invalidValue: "title" is not known here; known are firstName,/],
    ['__proto__', JSON.parse('{"__proto__": 1}'), /^invalidValue: "__proto__" is not known here/],
    ['FirstName', { FirstName: 'Ada' }, /known are .*shirt/],
  ])('%s', async (member, patch, detail) => {
    const refused = await refusalOf(() => patched({}, patch))
    expect(said(refused)).toMatch(detail)
    expect(said(refused)).not.toContain('Operation')
    expect(refused).toMatchObject({ member })
  })

  test.each<[string, JsonValue, string]>([
    ['firstName', {}, 'a string, or null to clear it; an object came'],
    ['firstName', [], 'a string, or null to clear it; an array came'],
    ['firstName', ['a'], 'a string, or null to clear it; an array came'],
    ['firstName', '', 'a string, or null to clear it; an empty string came'],
    ['email', [{ value: 'a@acme.example' }], 'a string, or null to clear it; an array came'],
    ['email', '', 'a string, or null to clear it; an empty string came'],
    ['shirt', {}, 'a string, or null to clear it; an object came'],
    ['score', '5', 'a number, or null to clear it; "5" came'],
  ])('for %s nothing but null clears, and nothing is read into %j', async (name, value, end) => {
    const before = { name: { givenName: 'Ann' }, emails: [{ value: 'a@x.example', type: 'work' }] }
    const refused = await refusalOf(() => patched(before, { [name]: value }))
    expect(said(refused)).toBe(`invalidValue: ${name} must be ${end}.`)
    expect(refused).toMatchObject({ member: name })
  })

  test('that comes twice in different case', async () => {
    const refused = await refusalOf(() => {
      checkMembers(MAPPING, { shirt: 'S', SHIRT: 'XL' })
    })
    expect(said(refused)).toBe(
      'invalidValue: shirt is given more than once; the case of its name does not count.',
    )
    expect(refused).toMatchObject({ member: 'SHIRT' })
  })

  test('but text is taken as SCIM takes it, control characters of a name included', () => {
    const name = { givenName: 'A\u0000nn' }
    expect(patched({}, { firstName: name.givenName })).toEqual({ name })
  })

  test('but a declared id is one in any case', () => {
    expect(patched({}, { SHIRT: 'XL' })).toEqual(patched({}, { shirt: 'XL' }))
  })

  test('before anything is read, where it is a name', async () => {
    expect(
      await refusalOf(() => {
        checkMembers(MAPPING, { nope: 1 })
      }),
    ).toMatchObject({ member: 'nope' })
    checkMembers(MAPPING, { firstName: 1, manager: 2, shirt: 3 })
  })
})

test('the URN of the people extension may be another one', () => {
  const urn = 'urn:ietf:params:scim:schemas:extension:acme:2.0:User'
  const [user = USER] = defaultResourceTypes(urn)
  const mapping = mappingOf(user, [])
  expect(personOf({ [urn]: { level: 'Senior' } }, mapping)['level']).toBe('Senior')
})
