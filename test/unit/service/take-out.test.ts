import { expect, test } from 'vitest'
import { withDefinitions } from '../../../lib/scim/attribute-definition.ts'
import { USER } from '../../../lib/scim/default-resource-types.ts'
import type { JsonObject } from '../../../lib/scim/json.ts'
import { URN } from '../../../lib/scim/urn.ts'
import { takeOut, type TakeOutParts, type TakeOutTask } from '../../../lib/service/take-out.ts'
import { memoryStores } from '../../../lib/storage/memory/stores.ts'
import { creation, deletion, scopeOf } from '../../support/changes.ts'
import { aDefinition } from '../../support/definitions.ts'
import { newUser } from '../../contract/resource-store.ts'

const TENANT = scopeOf('acme_0123456789abcdef')
const TYPE = withDefinitions(USER, [aDefinition('shoe', { unique: true }), aDefinition('hat')])

const { resources } = memoryStores()

const PARTS: TakeOutParts = {
  store: resources,
  now: () => new Date('2026-11-27T14:00:00.000Z'),
  random: Math.random,
  newVersion: () => 'w',
}

const TASK: TakeOutTask = {
  partitionKey: TENANT.partitionKey,
  resourceType: TYPE,
  names: new Set(['shoe']),
  withNames: false,
  isOver: () => false,
}

let added = 0

async function add(people: JsonObject): Promise<string> {
  const user = newUser(`u${(added += 1)}`)
  const attributes = { ...user.attributes, [URN.peopleUser]: people }
  const [resource, change] = creation({ ...user, attributes })
  await resources.create(TENANT, TYPE, resource, change)
  return user.id
}

async function peopleOf(id: string): Promise<unknown> {
  return (await resources.get(TENANT, TYPE, id))?.attributes[URN.peopleUser]
}

test('values go, all else stays; somebody else’s change in between is not undone', async () => {
  const both = await add({ shoe: '1', hat: 'a' })
  const one = await add({ shoe: '2' })
  const none = await add({ hat: 'b' })
  let isFirst = true
  const replace: typeof resources.replace = async (scope, type, before, attributes, change) => {
    if (isFirst && before.id === both) {
      isFirst = false
      const [, other] = creation(newUser('other'))
      const changed = { ...before.attributes, [URN.peopleUser]: { shoe: '1', hat: 'c' } }
      await resources.replace(scope, type, before, changed, other)
    }
    return resources.replace(scope, type, before, attributes, change)
  }
  const store = { ...resources, replace }
  expect(await takeOut({ ...PARTS, store }, TASK)).toEqual({ changed: 2, complete: true })
  expect([await peopleOf(both), await peopleOf(one), await peopleOf(none)]).toEqual([
    { hat: 'c' },
    undefined,
    { hat: 'b' },
  ])
  expect(await takeOut(PARTS, TASK)).toEqual({ changed: 0, complete: true })
  // The value is free again.
  expect(await peopleOf(await add({ shoe: '1' }))).toEqual({ shoe: '1' })
})

test('it stops when the time is up, and goes on where it was', async () => {
  for (let count = 0; count < 450; count += 1) await add({ hat: 'x' })
  const names = new Set(['hat'])
  let looks = 0
  const isOver = (): boolean => (looks += 1) > 2
  const first = await takeOut(PARTS, { ...TASK, names, isOver })
  expect(first).toMatchObject({ complete: false })
  expect(first.changed).toBeLessThanOrEqual(400)
  const rest = await takeOut(PARTS, { ...TASK, names, after: first.next })
  expect(rest.complete).toBe(true)
  expect(first.changed + rest.changed).toBe(452)
  const none = await takeOut(PARTS, { ...TASK, names, isOver: () => true })
  expect(none).toEqual({ changed: 0, complete: false })
})

test('values go from accounts that are kept out of sight, too', async () => {
  const ids = [await add({ shoe: '7', hat: 'a' }), await add({ shoe: '8' })]
  for (const id of ids) {
    const stored = await resources.get(TENANT, TYPE, id)
    expect(stored && (await resources.hide(TENANT, TYPE, stored, deletion()))).toBe(true)
  }
  let looks = 0
  const begun = await takeOut(PARTS, { ...TASK, isOver: () => (looks += 1) > 4 })
  const rest = begun.complete
    ? { changed: 0, complete: true }
    : await takeOut(PARTS, { ...TASK, after: begun.next })
  expect(rest.complete).toBe(true)
  expect(begun.changed + rest.changed).toBeGreaterThanOrEqual(2)
  const kept = await Promise.all(ids.map((id) => resources.getHidden(TENANT, TYPE, id)))
  expect(kept.map((each) => each?.attributes[URN.peopleUser])).toEqual([{ hat: 'a' }, undefined])
})
