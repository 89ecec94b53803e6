import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ResolvedFilter } from '../../lib/scim/filter/filter.ts'
import { matches } from '../../lib/scim/filter/match.ts'
import { parseFilter } from '../../lib/scim/filter/parse.ts'
import { resolveFilter } from '../../lib/scim/filter/resolve.ts'
import { toRepresentation } from '../../lib/scim/representation.ts'
import type { StoredResource } from '../../lib/scim/resource.ts'
import { USER } from '../../lib/scim/default-resource-types.ts'
import { indexEntries } from '../../lib/storage/index-entries.ts'
import { positionOf, prefixRange, uniqueKey } from '../../lib/storage/keys.ts'
import { DEFAULT_LAYOUTS, layoutOf } from '../../lib/storage/layout.ts'
import { memoryStores } from '../../lib/storage/memory/stores.ts'
import type { ResourceStore } from '../../lib/storage/port.ts'
import { planQuery, type Access, type RowCondition } from '../../lib/storage/query.ts'
import { creation, scopeOf } from '../support/changes.ts'

const ACME = scopeOf('acme')
const LAYOUT = layoutOf(DEFAULT_LAYOUTS, USER)

const word = fc.constantFrom('a', 'A', 'ab', 'b', 'é', 'e\u0301', 'ａ', '😀', '')
const instant = fc
  .date({
    min: new Date('2026-01-01T00:00:00Z'),
    max: new Date('2026-01-01T00:00:03Z'),
    noInvalidDate: true,
  })
  .map((date) => date.toISOString())

const user = fc
  .record({
    id: fc.uuid(),
    created: instant,
    attributes: fc.record(
      {
        userName: word,
        externalId: word,
        title: word,
        active: fc.boolean(),
        emails: fc.array(fc.record({ value: word, type: fc.constantFrom('work', 'home') }), {
          maxLength: 3,
        }),
      },
      { requiredKeys: [] },
    ),
  })
  .map(({ id, created, attributes }): StoredResource => {
    return { id, created, attributes, version: '1', lastModified: created }
  })

const quoted = (text: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  text.map((each) => JSON.stringify(each))

const condition = fc.oneof(
  fc
    .tuple(
      fc.constantFrom('userName', 'externalId', 'title', 'emails.value', 'emails'),
      fc.constantFrom('eq', 'ne', 'sw', 'co', 'gt', 'le'),
      quoted(word),
    )
    .map((parts) => parts.join(' ')),
  fc
    .tuple(fc.constantFrom('eq', 'ne'), fc.boolean())
    .map(([operator, value]) => `active ${operator} ${value}`),
  fc
    .tuple(
      fc.constantFrom('meta.created', 'meta.lastModified'),
      fc.constantFrom('eq', 'ne', 'gt', 'ge', 'lt', 'le'),
      quoted(instant.map((text) => text.replace('Z', '7+00:00'))),
    )
    .map((parts) => parts.join(' ')),
  quoted(word).map((value) => `emails[type eq "work" and value eq ${value}]`),
  fc.constant('title pr'),
)

const filterText = fc
  .array(fc.tuple(condition, fc.boolean()), { minLength: 1, maxLength: 3 })
  .chain((conditions) =>
    fc
      .constantFrom(' and ', ' or ')
      .map((operator) =>
        conditions.map(([text, negated]) => (negated ? `not (${text})` : text)).join(operator),
      ),
  )

const filterOf = (text: string): ResolvedFilter => resolveFilter(USER, parseFilter(text))

/** Whether an access finds a resource. */
function finds(access: Access, stored: StoredResource): boolean {
  switch (access.kind) {
    case 'scan':
      return true
    case 'id':
      return access.id === stored.id
    case 'membership':
      return false
    case 'equals':
    case 'startsWith':
      break
  }
  const { kind, index, value } = access
  const { from, to } = prefixRange(index.name, value)
  return indexEntries(LAYOUT, USER, stored.attributes).some((entry) => {
    if (entry.index.name !== index.name) return false
    if (kind === 'equals') return entry.value === value
    const key = uniqueKey(index.name, entry.value)
    return key >= from && key < to
  })
}

/** Whether the row of a resource fulfils a condition, as the table compares. */
function holds(rowCondition: RowCondition, stored: StoredResource): boolean {
  const { column, operator, value } = rowCondition
  if (operator === 'eq') return stored.attributes[column] === value
  return operator === 'ge' ? stored[column] >= value : stored[column] <= value
}

async function storeOf(users: readonly StoredResource[]): Promise<ResourceStore> {
  const store = memoryStores().resources
  for (const [number, each] of users.entries()) {
    // Names are unique; the filters are not about them.
    const attributes = { ...each.attributes, userName: `user-${number}` }
    await store.create(ACME, USER, ...creation({ ...each, attributes }))
  }
  return store
}

const users = fc.uniqueArray(user, { selector: ({ id }) => id, maxLength: 30 })

describe('a plan', () => {
  test('finds whatever matches the filter', () => {
    fc.assert(
      fc.property(user, filterText, (stored, text) => {
        const filter = filterOf(text)
        const { access, conditions } = planQuery(LAYOUT, USER, filter)
        const found = finds(access, stored) && conditions.every((each) => holds(each, stored))
        // What matches and is not found would be missing in answers.
        expect(matches(filter, toRepresentation(USER, stored)) && !found).toBe(false)
      }),
      { numRuns: 1000 },
    )
  })
})

describe('pages', () => {
  test('of any size, joined, give each match once, in the order of ids', async () => {
    await fc.assert(
      fc.asyncProperty(
        users,
        fc.option(filterText),
        fc.integer({ min: 1, max: 12 }),
        async (all, text, count) => {
          const store = await storeOf(all)
          const filter = text === null ? {} : { filter: filterOf(text) }
          const whole = await store.list(ACME, USER, { startIndex: 1, count: 100, ...filter })
          const ids = whole.resources.map(({ id }) => id)
          expect(ids).toEqual(ids.toSorted((a, b) => (positionOf(a) < positionOf(b) ? -1 : 1)))
          expect(ids.length).toBe(whole.totalResults)
          expect(text !== null || ids.length === all.length).toBe(true)

          const byIndex: string[] = []
          for (let startIndex = 1; startIndex <= whole.totalResults; startIndex += count) {
            const page = await store.list(ACME, USER, { startIndex, count, ...filter })
            byIndex.push(...page.resources.map(({ id }) => id))
          }
          expect(byIndex).toEqual(ids)

          const byPosition: string[] = []
          let after: string | undefined = ''
          while (after !== undefined) {
            const page = await store.listFrom(ACME, USER, { count, after, ...filter })
            byPosition.push(...page.resources.map(({ id }) => id))
            after = page.next
          }
          expect(byPosition).toEqual(ids)
        },
      ),
    )
  })
})
