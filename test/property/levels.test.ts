import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { DEFAULT_RESOURCE_TYPES, USER } from '../../lib/scim/default-resource-types.ts'
import type { JsonObject } from '../../lib/scim/json.ts'
import type { StoredResource } from '../../lib/scim/resource.ts'
import { URN } from '../../lib/scim/urn.ts'
import type { ResourceStore, Scope } from '../../lib/storage/port.ts'
import { tableStores } from '../../lib/storage/table/stores.ts'
import { createTables, openTables } from '../../lib/storage/table/tables.ts'
import { newResource } from '../contract/resource-store.ts'
import { aChange, creation, scopeOf } from '../support/changes.ts'
import { refusalOf } from '../support/refusal.ts'
import { tableService } from '../support/table-service/service.ts'

/** What one of two writers does. */
interface Step {
  readonly kind: 'come' | 'move' | 'go' | 'hide' | 'back' | 'join' | 'forget' | 'sweep'
  readonly name: number
  readonly level: number
  readonly isLoud: boolean
  readonly place: number
}

const STEP: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom(
    'come',
    'come',
    'come',
    'move',
    'move',
    'go',
    'hide',
    'back',
    'join',
    'forget',
    'sweep',
  ),
  name: fc.nat(4),
  level: fc.nat(3),
  isLoud: fc.boolean(),
  place: fc.nat(5),
})

let store: ResourceStore
let tenants = 0

beforeAll(async () => {
  const { connectionString, sendRequest } = tableService()
  const connection = { kind: 'connectionString', connectionString } as const
  const tables = await openTables(connection, { httpClient: { sendRequest } })
  await createTables(tables)
  store = tableStores(tables).resources
})

/** The last of them stands for none. */
function attributesOf({ name, level, isLoud }: Step): JsonObject {
  const userName = `n${name}`
  const spelling = `${isLoud ? 'L' : 'l'}${level}`
  return level === 3 ? { userName } : { userName, [URN.peopleUser]: { level: spelling } }
}

async function take(scope: Scope, step: Step): Promise<unknown> {
  const { kind } = step
  if (kind === 'come') {
    return store.createOrRestore(scope, USER, ...creation(newResource(attributesOf(step))))
  }
  if (kind === 'forget') return store.deleteLevel(scope, USER, `L${step.level}`)
  if (kind === 'sweep') return store.sweep(scope, DEFAULT_RESOURCE_TYPES)
  return takeOfSomeone(scope, step)
}

async function takeOfSomeone(scope: Scope, step: Step): Promise<unknown> {
  const { kind, place } = step
  const [{ resources: live }, { resources: kept }] = await Promise.all([
    store.listFrom(scope, USER, { count: 100 }),
    store.listHidden(scope, USER, { count: 100 }),
  ])
  const attributes = attributesOf(step)
  const someone = live[place % Math.max(live.length, 1)]
  if (kind === 'back' || kind === 'join') {
    const account = kept[place % Math.max(kept.length, 1)]
    const returner = kind === 'join' ? someone : undefined
    const own = returner?.attributes ?? attributes
    return account && store.restore(scope, USER, account, own, aChange('restore'), returner)
  }
  if (someone === undefined) return undefined
  if (kind === 'move') {
    const after = { ...attributes, userName: someone.attributes['userName'] ?? '' }
    return store.replace(scope, USER, someone, after, aChange('put'))
  }
  if (kind === 'hide') return store.hide(scope, USER, someone, aChange('delete'))
  return store.delete(scope, USER, someone, aChange('delete'))
}

/** What is refused changes nothing. */
async function attempt(scope: Scope, step: Step): Promise<void> {
  try {
    await take(scope, step)
  } catch (error) {
    if ((await refusalOf(() => Promise.reject(error))).kind !== 'uniqueness') throw error
  }
}

/** Each level as most have it, or else in capitals, which come before small letters. */
function counted(live: readonly StoredResource[]): Record<string, number> {
  const spellings = live.flatMap(({ attributes }) => {
    return /"level":"(L\d)"/i.exec(JSON.stringify(attributes))?.[1] ?? []
  })
  const having = (spelling: string): number => spellings.filter((each) => each === spelling).length
  return Object.fromEntries(
    [...new Set(spellings)].flatMap((spelling): readonly (readonly [string, number])[] => {
      const [loud, low] = [having(spelling.toUpperCase()), having(spelling.toLowerCase())]
      const name = loud >= low ? spelling.toUpperCase() : spelling.toLowerCase()
      return [[name, loud + low]]
    }),
  )
}

test('levels are counted truly after any history of two writers', async () => {
  const histories = fc.array(STEP, { maxLength: 15 })
  const law = fc.asyncProperty(histories, histories, async (...writers) => {
    tenants += 1
    const scope = scopeOf(`levels-${tenants}`)
    await Promise.all(
      writers.map(async (steps) => {
        for (const step of steps) await attempt(scope, step)
      }),
    )
    const { resources } = await store.listFrom(scope, USER, { count: 100 })
    const { levels, complete } = await store.levels(scope, USER)
    expect(complete).toBe(true)
    const held = levels.filter(({ people }) => people > 0)
    expect(Object.fromEntries(held.map(({ name, people }) => [name, people]))).toEqual(
      counted(resources),
    )
  })
  expect(await fc.check(law, { numRuns: 100 })).toMatchObject({
    failed: false,
    counterexample: null,
  })
})
