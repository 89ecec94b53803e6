import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { withDefinitions, type IndexKind } from '../../lib/scim/attribute-definition.ts'
import { USER } from '../../lib/scim/default-resource-types.ts'
import { ScimError } from '../../lib/scim/errors.ts'
import { parseFilter } from '../../lib/scim/filter/parse.ts'
import { resolveFilter } from '../../lib/scim/filter/resolve.ts'
import { own, type JsonObject } from '../../lib/scim/json.ts'
import type { StoredResource } from '../../lib/scim/resource.ts'
import type { ResourceType } from '../../lib/scim/resource-type.ts'
import { URN } from '../../lib/scim/urn.ts'
import { DEFAULT_LAYOUTS, type StorageLayout } from '../../lib/storage/layout.ts'
import { memoryStores } from '../../lib/storage/memory/stores.ts'
import type { ResourceStore, Scope } from '../../lib/storage/port.ts'
import { matchesStored } from '../../lib/storage/query.ts'
import { tableStores } from '../../lib/storage/table/stores.ts'
import { createTables, openTables, type Tables } from '../../lib/storage/table/tables.ts'
import { LATER_INDEXES } from '../../lib/storage/tenant-port.ts'
import { aChange, aStamp, deletion, scopeOf } from '../support/changes.ts'
import { aDefinition } from '../support/definitions.ts'
import { tableService } from '../support/table-service/service.ts'

/** How an attribute of a tenant stands, as the instances know it. */
interface Stage {
  readonly type: ResourceType
  /** What may come next, once every instance knows of this one. */
  readonly next: readonly string[]
}

function badge(
  wanted: IndexKind | undefined,
  written: readonly IndexKind[],
  complete = false,
): ResourceType {
  const flags = { unique: wanted === 'unique', indexed: wanted === 'values' }
  return withDefinitions(USER, [
    aDefinition('badge', { ...flags, multiValued: true, index: { written, complete } }),
  ])
}

const UNFILLED: ResourceType = { ...USER, unfilledIndexes: LATER_INDEXES }

/** Those that end with `complete` or `gone` come behind a walk through all users that had nothing to do. */
const STAGES: Readonly<Record<string, Stage>> = {
  old: { type: UNFILLED, next: ['of this version'] },
  'of this version': { type: UNFILLED, next: ['all complete'] },
  'all complete': { type: USER, next: ['plain', 'new values complete', 'new unique complete'] },
  plain: { type: badge(undefined, []), next: ['values', 'unique', 'removed'] },
  'new values complete': { type: badge('values', ['values'], true), next: ['both', 'no values'] },
  'new unique complete': {
    type: badge('unique', ['unique'], true),
    next: ['no unique', 'removed'],
  },
  values: { type: badge('values', ['values']), next: ['values complete', 'removed'] },
  'values complete': {
    type: badge('values', ['values'], true),
    next: ['both', 'no values', 'removed'],
  },
  both: { type: badge('unique', ['unique', 'values']), next: ['unique', 'removed'] },
  unique: { type: badge('unique', ['unique']), next: ['unique complete', 'removed'] },
  'unique complete': {
    type: badge('unique', ['unique'], true),
    next: ['no unique', 'again values', 'removed'],
  },
  'again values': { type: badge('values', ['values', 'unique']), next: ['values'] },
  'no values': { type: badge(undefined, ['values']), next: ['plain'] },
  'no unique': { type: badge(undefined, ['unique']), next: ['plain'] },
  removed: { type: USER, next: ['removed, gone', 'there again'] },
  'removed, gone': { type: USER, next: ['values', 'unique', 'plain'] },
  'there again': { type: badge('values', ['values', 'unique']), next: ['values'] },
}

/** The same without what came later: users of before. */
const OLD_LAYOUTS = DEFAULT_LAYOUTS.map((layout): StorageLayout => {
  const names: readonly string[] = layout.laterIndexes ?? []
  const indexes = Object.entries(layout.indexes).filter(([, name]) => !names.includes(name))
  return Object.assign({}, layout, { indexes: Object.fromEntries(indexes), laterIndexes: [] })
})

const word = fc.constantFrom('a', 'A', 'ab', 'b', 'é')
const attributes = fc
  .record(
    {
      familyName: word,
      level: word,
      manager: word,
      badge: fc.uniqueArray(word, { minLength: 1, maxLength: 2 }),
    },
    { requiredKeys: [] },
  )
  .map(({ familyName, level = 'none', manager = 'nobody', badge: values = [] }): JsonObject => {
    const people = values.length === 0 ? { level } : { level, badge: values }
    const name = familyName === undefined ? { givenName: 'x' } : { familyName }
    return {
      name,
      [URN.enterpriseUser]: { manager: { value: manager } },
      [URN.peopleUser]: people,
    }
  })

const step = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('create' as const), attributes, by: fc.nat(1) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('put' as const),
      who: fc.nat(9),
      attributes,
      by: fc.nat(1),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('delete' as const), who: fc.nat(9), by: fc.nat(1) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('fill' as const),
      count: fc.integer({ min: 1, max: 3 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('next' as const), which: fc.nat(3) }) },
  { weight: 3, arbitrary: fc.constant({ do: 'settle' as const }) },
)

type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never

const FILTERS = [
  'manager eq "a"',
  'level eq "A"',
  'level sw "a"',
  'name.familyName eq "AB"',
  'name.familyName sw "a"',
  'badge eq "a"',
  'badge sw "a" and level pr',
]

/** One tenant, and two instances: the second one learns of a stage when it is settled. */
class Tenant {
  readonly #scope: Scope
  readonly #store: ResourceStore
  readonly #old: ResourceStore
  #ids: readonly string[] = []
  #stage = 'old'
  #known = 'old'
  #after: string | undefined

  constructor(scope: Scope, store: ResourceStore, old: ResourceStore) {
    this.#scope = scope
    this.#store = store
    this.#old = old
  }

  async take(one: Step): Promise<void> {
    if (one.do === 'settle') this.#known = this.#stage
    else if (one.do === 'next') await this.#next(one.which)
    else if (one.do === 'fill') await this.#fillSome(one.count)
    else await this.#write(one)
  }

  /** What an instance is answered otherwise than a scan finds it. */
  async disagreements(): Promise<readonly unknown[]> {
    const all: unknown[] = []
    for (const stage of new Set([this.#stage, this.#known])) {
      const { type } = stageOf(stage)
      const kept = await this.#store.list(this.#scope, type, { startIndex: 1, count: 100 })
      for (const text of FILTERS) {
        if (text.startsWith('badge') && type.declaredIndexes === undefined) continue
        const filter = resolveFilter(type, parseFilter(text))
        const found = await this.#store.list(this.#scope, type, {
          filter,
          startIndex: 1,
          count: 100,
        })
        const wanted = kept.resources.filter((each) =>
          matchesStored(type, filter, each, () => ({})),
        )
        const [ids, expected] = [found.resources, wanted].map((those) => those.map(({ id }) => id))
        if (String(ids) !== String(expected)) all.push({ stage, text, ids, expected })
      }
    }
    return all
  }

  async #write(one: Extract<Step, { readonly by: number }>): Promise<void> {
    const { type } = stageOf(one.by === 0 ? this.#stage : this.#known)
    // An instance of the version before knows nothing that came with this one.
    const isOld = one.by === 1 && this.#known === 'old'
    const store = isOld ? this.#old : this.#store
    const known = type.declaredIndexes === undefined ? withoutBadge : same
    try {
      if (one.do === 'create') {
        const id = `id-${String(this.#ids.length)}`
        const stamp = aStamp()
        const values = { userName: id, ...known(one.attributes) }
        const resource = { id, created: stamp.lastModified, attributes: values }
        await store.create(this.#scope, type, resource, aChange('create', stamp))
        this.#ids = [...this.#ids, id]
        return
      }
      const before = await this.#one(store, type, one.who)
      if (before === undefined) return
      if (one.do === 'delete') {
        await store.delete(this.#scope, type, before, deletion())
        return
      }
      const values = { userName: before.id, ...known(one.attributes) }
      await store.replace(this.#scope, type, before, values, aChange('put'))
    } catch (error) {
      if (!(error instanceof ScimError) || error.kind !== 'uniqueness') throw error
    }
  }

  async #one(
    store: ResourceStore,
    type: ResourceType,
    who: number,
  ): Promise<StoredResource | undefined> {
    return store.get(this.#scope, type, this.#ids[who] ?? '')
  }

  /** A part of a walk, such as the maintenance makes beside changes. */
  async #fillSome(count: number): Promise<void> {
    if (this.#known !== this.#stage || this.#stage === 'old') return
    const behind = this.#after === undefined ? {} : { after: this.#after }
    const { type } = stageOf(this.#stage)
    const { next } = await this.#store.reindex(this.#scope, type, { ...behind, count })
    this.#after = next
  }

  async #next(which: number): Promise<void> {
    if (this.#known !== this.#stage) return
    const { next } = stageOf(this.#stage)
    const to = next[which % next.length] ?? ''
    if (to.endsWith('complete') && !to.startsWith('new') && !(await this.#isFilled(to))) return
    if (to.endsWith('gone') && !(await this.#isFilled('plain'))) return
    this.#after = undefined
    this.#stage = to
  }

  async #isFilled(as: string): Promise<boolean> {
    const { type } = stageOf(as)
    for (;;) {
      const query = { count: 100 }
      const { changed, clashes } = await this.#store.reindex(this.#scope, type, query)
      if (changed === 0) return clashes.length === 0
    }
  }
}

function stageOf(name: string): Stage {
  const stage = STAGES[name]
  if (stage === undefined) throw new Error(`no stage ${name}`)
  return stage
}

const same = (attributesOf: JsonObject): JsonObject => attributesOf

/** As an instance writes it that has never heard of the attribute. */
function withoutBadge(given: JsonObject): JsonObject {
  const people = own(given, URN.peopleUser)
  return { ...given, [URN.peopleUser]: { level: own(people, 'level') ?? 'none' } }
}

let tables: Tables

beforeAll(async () => {
  const { connectionString, sendRequest } = tableService({})
  const connection = { kind: 'connectionString', connectionString } as const
  tables = await openTables(connection, { httpClient: { sendRequest } })
  await createTables(tables)
})

describe('filters by an index find what a scan finds, whatever was written and filled before', () => {
  let tenants = 0

  test.each(['tables', 'memory'])('in %s', { timeout: 120_000 }, async (where) => {
    const law = fc.asyncProperty(
      fc.array(step, { minLength: 10, maxLength: 60 }),
      async (steps) => {
        tenants += 1
        const inMemory = memoryStores().resources
        const store = where === 'memory' ? inMemory : tableStores(tables).resources
        const old =
          where === 'memory' ? inMemory : tableStores(tables, { layouts: OLD_LAYOUTS }).resources
        const tenant = new Tenant(scopeOf(`t${String(tenants)}`), store, old)
        for (const each of steps) {
          await tenant.take(each)
          expect(await tenant.disagreements()).toEqual([])
        }
      },
    )
    expect(await fc.check(law, { numRuns: 30 })).toMatchObject({
      failed: false,
      counterexample: null,
    })
  })
})
