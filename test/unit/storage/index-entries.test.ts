import { describe, expect, test } from 'vitest'
import { attribute, type Attribute } from '../../../lib/scim/attribute.ts'
import { USER } from '../../../lib/scim/default-resource-types.ts'
import type { JsonObject } from '../../../lib/scim/json.ts'
import { withExtensions, type ResourceType } from '../../../lib/scim/resource-type.ts'
import { URN } from '../../../lib/scim/urn.ts'
import { changedEntries } from '../../../lib/storage/index-changes.ts'
import {
  indexEntries,
  requireStorable,
  type IndexEntry,
} from '../../../lib/storage/index-entries.ts'
import { DEFAULT_LAYOUTS, layoutOf } from '../../../lib/storage/layout.ts'
import { workingTime } from '../../support/working-time.ts'

const LAYOUT = layoutOf(DEFAULT_LAYOUTS, USER)
const BADGE = 'urn:example:badge'

const written = (entries: readonly IndexEntry[]): string[] =>
  entries.map(({ index, value }) => `${index.name}=${value}`)

const emails = (count: number, text: (n: number) => string): JsonObject => ({
  emails: Array.from({ length: count }, (_, n) => ({ value: text(n) })),
})

const distinct = (count: number): JsonObject => emails(count, (n) => `${n}@x`)

/** Users with unique attributes of their own. */
function usersWith(attributes: readonly Attribute[]): ResourceType {
  const schema = { id: BADGE, name: 'Badge', description: 'Badge', attributes }
  return withExtensions(USER, [{ schema, required: false }])
}

describe('indexEntries', () => {
  test.each<[JsonObject, string[]]>([
    [{}, []],
    [{ userName: 'BJensen' }, ['userName=bjensen']],
    [{ externalId: 'BJensen' }, ['externalId=BJensen']],
    [
      { emails: [{ value: 'A@x' }, { value: 'a@X' }, { type: 'work' }, { value: 'b@x' }] },
      ['email=a@x', 'email=b@x'],
    ],
    [{ [URN.enterpriseUser]: { employeeNumber: 'E1' } }, ['employeeNumber=e1']],
    [{ [URN.enterpriseUser]: {}, title: 'Guide' }, []],
    [{ externalId: 'e\u0301' }, ['externalId=é']],
  ])('of %j', (attributes, expected) => {
    expect(written(indexEntries(LAYOUT, USER, attributes))).toEqual(expected)
  })

  test.each<[Partial<Attribute>, JsonObject[string], string[]]>([
    [{}, 'A1', ['a1']],
    [{ caseExact: true }, 'A1', ['A1']],
    [{ type: 'integer' }, 7, ['7']],
    [{ type: 'decimal' }, 0.5, ['0.5']],
    [{ type: 'boolean' }, false, ['false']],
    [{ multiValued: true }, ['a', 'A', 'b'], ['a', 'b']],
    [{ type: 'reference' }, 'urn:A', ['urn:A']],
  ])('of a unique attribute of its own: %j', (declared, value, expected) => {
    const badge = attribute({ name: 'badge', description: '', uniqueness: 'global', ...declared })
    const entries = indexEntries(LAYOUT, usersWith([badge]), { [BADGE]: { badge: value } })
    expect(written(entries)).toEqual(
      expected.map((each) => `unique:urn=3Aexample=3Abadge=3Abadge=${each}`),
    )
    expect(entries.every(({ index }) => index.unique)).toBe(true)
  })

  test('of two dateTimes of one instant are the same', () => {
    const since = attribute({
      name: 'since',
      description: '',
      type: 'dateTime',
      uniqueness: 'server',
    })
    const valueOf = (text: string): string | undefined =>
      indexEntries(LAYOUT, usersWith([since]), { [BADGE]: { since: text } })[0]?.value
    expect(valueOf('2026-01-01T01:00:00+01:00')).toBe(valueOf('2026-01-01T00:00:00.000Z'))
    expect(valueOf('2026-01-01T01:00:00Z')).not.toBe(valueOf('2026-01-01T00:00:00Z'))
  })

  test('sees own properties only', () => {
    expect(indexEntries(LAYOUT, USER, { __proto__: { userName: 'a' } })).toEqual([])
  })
})

const changes = (before: JsonObject, after: JsonObject): { added: string[]; removed: string[] } => {
  const { added, removed } = changedEntries(LAYOUT, USER, { id: '1', attributes: before }, after)
  return { added: written(added), removed: [...removed] }
}

describe('changedEntries', () => {
  test('gives what has to be added, and removed', () => {
    const before = { userName: 'a', emails: [{ value: 'x' }, { value: 'y' }] }
    const after = { userName: 'A', emails: [{ value: 'y' }, { value: 'z' }] }
    expect(changes(before, after)).toEqual({ added: ['email=z'], removed: ['email:x:1'] })
    expect(changes(after, before)).toEqual({ added: ['email=x'], removed: ['email:z:1'] })
  })

  test.each<[JsonObject, JsonObject, readonly string[]]>([
    [{}, { title: 'x' }, []],
    [{ active: true }, {}, []],
    [{ active: false }, { active: false }, []],
    [{}, { active: false }, ['userName=a']],
    [{ active: false }, { active: true }, ['userName=a']],
    [{ active: false }, { active: true, userName: 'b' }, []],
  ])(
    'of %j and %j notes anew: who has a name has become inactive, or active',
    (one, other, noted) => {
      const common = { userName: 'A', externalId: '1' }
      const { renoted } = changedEntries(
        LAYOUT,
        USER,
        { id: '1', attributes: { ...common, ...one } },
        { ...common, ...other },
      )
      expect(written(renoted)).toEqual(noted)
    },
  )

  test.each<[JsonObject, JsonObject]>([
    [{ emails: [{ value: 'x' }] }, { emails: [{ value: 'X' }] }],
    [{ emails: [{ value: 'x' }] }, { emails: [{ value: 'x' }, { value: 'X' }] }],
    [{ emails: [{ value: 'x' }, { value: 'y' }] }, { emails: [{ value: 'y' }, { value: 'x' }] }],
  ])('is nothing between %j and %j', (before, after) => {
    expect(changes(before, after)).toEqual({ added: [], removed: [] })
  })

  test('does not fold the values of an index that are written as before', () => {
    // Folding takes more than linear time: a second for these, and more for each PATCH.
    const heavy = emails(40, (n) => `${n}${'\u0301\u0323'.repeat(4000)}`)
    const worked = workingTime()
    expect(changes({ ...heavy, title: 'a' }, { ...heavy, title: 'b' })).toEqual({
      added: [],
      removed: [],
    })
    expect(worked()).toBeLessThan(200)
  })

  test('refuses too many values, counted as they are compared', () => {
    expect(() => changes({}, distinct(45))).toThrow('emails.value have 45 values together')
    expect(changes({}, distinct(44)).added).toHaveLength(44)
    const doubled = emails(60, (n) => (n % 2 === 0 ? `a${n}@x` : `A${n - 1}@x`))
    expect(changes({}, doubled).added).toHaveLength(30)
    // What is stored already can always be removed.
    expect(changes(distinct(48), {}).removed).toHaveLength(48)
  })
})

test('requireStorable names the attributes', () => {
  const entries = indexEntries(LAYOUT, USER, { userName: 'a', ...distinct(44) })
  expect(() => requireStorable(entries)).toThrow('userName, emails.value have 45 values together')
  expect(() => requireStorable(entries.slice(1))).not.toThrow()
})
