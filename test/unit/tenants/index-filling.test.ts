import { beforeEach, describe, expect, test } from 'vitest'
import { memoryStores } from '../../../lib/storage/memory/stores.ts'
import type {
  DeclaredAttribute,
  MaintenanceStore,
  TenantStore,
} from '../../../lib/storage/tenant-port.ts'
import { fillAllIndexes, type FillStep } from '../../../lib/tenants/index-filling.ts'
import type { MaintenanceEvent } from '../../../lib/tenants/maintenance-events.ts'
import { createTenant } from '../../../lib/tenants/tenants.ts'
import { aDefinition } from '../../support/definitions.ts'

const START = Date.parse('2026-11-27T14:00:00.000Z')
const SETTLE = 180 * 1000
const LATER = ['manager', 'level', 'familyName', 'givenName']

type Task = Parameters<FillStep['fillIndexes']>[0]
type Outcome = Awaited<ReturnType<FillStep['fillIndexes']>>

const DONE: Outcome = { changed: 0, clashes: [], complete: true }

let store: TenantStore
let runs: MaintenanceStore
let at: number
let told: MaintenanceEvent[]
let tasks: Task[]
/** What each walk through the users comes to, in turn; then nothing is left to do. */
let outcomes: Outcome[]

beforeEach(() => {
  ;({ tenants: store, maintenance: runs } = memoryStores({ now: () => new Date(at) }))
  at = START
  told = []
  tasks = []
  outcomes = []
})

async function run(isOver = (): boolean => false): Promise<void> {
  const { items } = await store.summaries({ count: 99 })
  await fillAllIndexes(
    {
      store,
      runs,
      async fillIndexes(task) {
        tasks.push(task)
        return outcomes.shift() ?? DONE
      },
      now: () => new Date(at),
      tell: (event) => told.push(event),
      isOver,
      async each(_summary, work) {
        await work()
        return true
      },
    },
    items,
  )
}

async function declare(
  id: string,
  attribute: string,
  flags: { readonly unique?: boolean; readonly indexed?: boolean } = {},
): Promise<void> {
  const created = new Date(at).toISOString()
  await store.addDefinition(id, () => ({ ...aDefinition(attribute, flags), created }))
}

async function change(attribute: string, flags: Partial<DeclaredAttribute>): Promise<void> {
  await store.changeDefinition('acme', attribute, (before) => ({ ...before, ...flags }))
}

async function indexOf(attribute: string): Promise<DeclaredAttribute['index']> {
  const { definitions = [] } = (await store.definitions('acme')) ?? {}
  return definitions.find(({ id }) => id === attribute)?.index
}

async function indexed(id = 'acme'): Promise<string | undefined> {
  const tenant = await store.get(id)
  return tenant && (await store.summary(tenant))?.indexed
}

const newTenant = (id: string): Promise<unknown> => createTenant(store, { id, now: new Date(at) })

describe('a new tenant', () => {
  test('has nothing to fill, nor has one that declares an attribute', async () => {
    await newTenant('acme')
    await declare('acme', 'badge', { unique: true })
    await run()
    expect(tasks).toEqual([])
    expect(await indexed()).toBe(LATER.join(' '))
    expect(await indexOf('badge')).toMatchObject({ written: ['unique'], complete: true })
  })
})

describe('a tenant of before an index', () => {
  beforeEach(async () => {
    const tenant = await createTenant(memoryStores().tenants, { id: 'acme', now: new Date(at) })
    const { indexes: _, ...old } = tenant
    await store.create(old)
  })

  test('is looked through when all instances may be of this version, until nothing is left to do', async () => {
    await run()
    expect((await store.get('acme'))?.indexes).toEqual({
      complete: [],
      since: new Date(START).toISOString(),
    })
    at += SETTLE - 1
    await run()
    expect(tasks).toEqual([])
    at += 1
    outcomes = [
      { ...DONE, changed: 3 },
      { ...DONE, changed: 1 },
    ]
    await run()
    expect(tasks).toHaveLength(3)
    expect((await store.get('acme'))?.indexes).toEqual({ complete: LATER })
    expect(told).toEqual([
      { event: 'indexes filled', tenant: 'acme', attributes: [], clashing: [], users: 4 },
    ])
    await run()
    expect(tasks).toHaveLength(3)
    expect(await indexed()).toBe(LATER.join(' '))
  })

  test('goes on where there was no time for more', async () => {
    await run()
    at += SETTLE
    outcomes = [{ changed: 2, clashes: [], complete: false, next: 'p1' }, { ...DONE }]
    await run()
    expect((await store.get('acme'))?.indexes?.complete).toEqual([])
    await run()
    // It changed some: it is not complete before a walk that changes none.
    expect(tasks.map(({ after }) => after)).toEqual([undefined, 'p1', undefined])
    expect((await store.get('acme'))?.indexes?.complete).toEqual(LATER)
  })
})

function clashing(...pairs: readonly (readonly string[])[]): Outcome {
  return { ...DONE, clashes: pairs.map((ids) => ({ attribute: 'badge', ids })) }
}

describe('an attribute', () => {
  beforeEach(async () => {
    await newTenant('acme')
    await declare('acme', 'badge')
    await run()
  })

  test('that becomes unique is filled, and what is in the way is listed', async () => {
    await change('badge', { unique: true })
    expect(await indexed()).toBeUndefined()
    await run()
    at += SETTLE
    outcomes = [{ ...DONE, clashes: [{ attribute: 'badge', ids: ['1', '2'] }] }]
    await run()
    expect(tasks).toMatchObject([
      { definitions: [{ id: 'badge', index: { written: ['unique'] } }] },
    ])
    expect(await indexOf('badge')).toMatchObject({ complete: false, clashes: [['1', '2']] })
    // While they are in the way, these two alone are looked at.
    outcomes = [{ ...DONE, clashes: [{ attribute: 'badge', ids: ['1', '2'] }] }]
    await run()
    expect(tasks.at(-1)?.ids).toEqual(['1', '2'])
    expect(await indexOf('badge')).toMatchObject({ complete: false })
    await run()
    expect(tasks.map(({ ids }) => ids?.length)).toEqual([undefined, 2, 2, undefined])
    expect(await indexOf('badge')).toMatchObject({ complete: true, clashes: [] })
    await run()
    expect(await indexed()).toBe(LATER.join(' '))
  })

  test('has the clashes listed that there are, fewer and others', async () => {
    await change('badge', { unique: true })
    at += SETTLE
    outcomes = [clashing(['1', '2'], ['3', '4'], ['5', '6'])]
    await run()
    outcomes = [clashing(['3', '4'], ['7', '5'])]
    await run()
    expect(await indexOf('badge')).toMatchObject({
      complete: false,
      clashes: [
        ['3', '4'],
        ['7', '5'],
      ],
    })
    outcomes = [clashing(['7', '5'])]
    await run()
    expect(tasks.map(({ ids }) => ids?.length)).toEqual([undefined, 6, 4])
    expect(await indexOf('badge')).toMatchObject({ clashes: [['7', '5']] })
  })

  test('with more clashes than are listed is looked through again once some of them are gone', async () => {
    await change('badge', { unique: true })
    at += SETTLE
    const all = Array.from({ length: 101 }, (_, n) => ({
      attribute: 'badge',
      ids: [`a${String(n)}`, `b${String(n)}`],
    }))
    outcomes = [{ ...DONE, clashes: all }]
    await run()
    outcomes = [
      { ...DONE, clashes: all.slice(1, 100) },
      { ...DONE, clashes: all.slice(1) },
    ]
    await run()
    expect(tasks.map(({ ids }) => ids?.length)).toEqual([undefined, 200, undefined])
    expect((await indexOf('badge'))?.clashes.at(-1)).toEqual(['a100', 'b100'])
  })

  test('of another index is written in both until no instance asks the old one', async () => {
    await change('badge', { indexed: true })
    at += SETTLE
    await run()
    expect(await indexOf('badge')).toMatchObject({ written: ['values'], complete: true })
    await change('badge', { unique: true })
    expect(await indexOf('badge')).toMatchObject({
      written: ['unique', 'values'],
      complete: false,
    })
    at += SETTLE
    await run()
    expect(await indexOf('badge')).toMatchObject({ written: ['unique'], leftovers: true })
    expect(tasks).toHaveLength(1)
    at += SETTLE
    await run()
    expect(await indexOf('badge')).toMatchObject({ complete: true, leftovers: false })
  })

  test('that is indexed no more loses its rows, later', async () => {
    await change('badge', { indexed: true })
    await change('badge', { indexed: false })
    expect(await indexOf('badge')).toMatchObject({ written: ['values'] })
    for (const expected of [{ written: [], leftovers: true }, { leftovers: false }]) {
      at += SETTLE
      await run()
      expect(await indexOf('badge')).toMatchObject(expected)
    }
    expect(tasks).toHaveLength(1)
  })

  test('that is removed loses its rows, and is filled when it is there again', async () => {
    await change('badge', { unique: true })
    at += SETTLE
    await run()
    const removal = { at: new Date(at).toISOString(), purge: false }
    await store.removeDefinition('acme', 'badge', removal)
    await run()
    expect(tasks).toHaveLength(1)
    at += SETTLE
    await run()
    expect(tasks.at(-1)).toMatchObject({ definitions: [{ id: 'badge', index: { written: [] } }] })
    expect(await indexOf('badge')).toMatchObject({ written: [], leftovers: false })
    await declare('acme', 'badge', { unique: true })
    expect(await indexOf('badge')).toMatchObject({ written: ['unique'], complete: false })
  })

  test('that is changed while it is filled is left to a later run', async () => {
    await change('badge', { indexed: true })
    at += SETTLE
    outcomes = [{ changed: 1, clashes: [], complete: false, next: 'p1' }]
    await run()
    await change('badge', { label: 'Badge' })
    await run()
    // Walks are for a version: of another one they begin anew.
    expect(tasks.map(({ after }) => after)).toEqual([undefined, undefined])
    expect(await indexOf('badge')).toMatchObject({ complete: true })
  })
})

test('nothing is done when the time is over, or for a tenant that is being deleted', async () => {
  await newTenant('acme')
  await run(() => true)
  expect(await indexed()).toBeUndefined()
  await store.update('acme', () => ({ status: 'deleting' }))
  await run()
  expect(await indexed()).toBeUndefined()
})
