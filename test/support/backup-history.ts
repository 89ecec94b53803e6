import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import type { JsonObject } from '../../lib/scim/json.ts'
import { idOf } from '../../lib/scim/resource-id.ts'
import type { StoredResource } from '../../lib/scim/resource.ts'
import { ScimError } from '../../lib/scim/errors.ts'
import { URN } from '../../lib/scim/urn.ts'
import type { Change } from '../../lib/storage/port.ts'
import { declareAttribute, removeAttribute } from '../../lib/people/declare.ts'
import { USER } from '../../lib/scim/default-resource-types.ts'
import { placeOf, type BackedStores, type Place } from './backup.ts'
import { aChange, aStamp } from './changes.ts'

/** What somebody does to a tenant; `place` is that of one among those that there are. */
export interface Step {
  readonly does: (typeof STEPS)[number]
  readonly name: number
  readonly other: number
  readonly place: number
}

export const STEPS = [
  'come',
  'change',
  'go',
  'hide',
  'back',
  'invited',
  'found',
  'rename',
  'dissolve',
  'join',
  'leave',
  'gather',
  'call',
  'disperse',
  'take',
  'release',
  'declare',
  'withdraw',
] as const

export const STEP: fc.Arbitrary<Step> = fc.record({
  does: fc.constantFrom(...STEPS, 'come', 'come', 'hide', 'found', 'join', 'gather', 'take'),
  name: fc.nat(6),
  other: fc.nat(3),
  place: fc.nat(7),
})

interface Doing extends Place {
  readonly stores: BackedStores
  readonly tenantId: string
}

/** One step; what is refused is an answer. */
export async function take(stores: BackedStores, tenantId: string, step: Step): Promise<void> {
  const doing = { stores, tenantId, ...(await placeOf(stores, tenantId)) }
  try {
    await DOES[step.does](doing, step)
  } catch (error) {
    if (!(error instanceof ScimError) || error.kind === 'unavailable') throw error
  }
}

type Do = (doing: Doing, step: Step) => Promise<unknown>

function one<Value>(all: readonly Value[], place: number): Value | undefined {
  return all[place % Math.max(all.length, 1)]
}

const ALL = { count: 100 }

async function aUser(doing: Doing, place: number): Promise<StoredResource | undefined> {
  const { stores, scope, users } = doing
  return one((await stores.resources.listFrom(scope, users, ALL)).resources, place)
}

async function aHidden(doing: Doing, place: number): Promise<StoredResource | undefined> {
  const { stores, scope, users } = doing
  return one((await stores.resources.listHidden(scope, users, ALL)).resources, place)
}

async function aGroup(doing: Doing, place: number): Promise<StoredResource | undefined> {
  const { stores, scope, groups } = doing
  return one((await stores.resources.listFrom(scope, groups, ALL)).resources, place)
}

/** As the service makes them: with the time at which they are made. */
function changeOf(operation: Change['operation'], type: string, subject: string): Change {
  const made = aChange(operation, { ...aStamp(), lastModified: new Date().toISOString() })
  const invites = type === 'User' ? { invites: true as const } : {}
  return { ...made, position: freshPosition(), note: { type, subject }, ...invites }
}

function freshPosition(): string {
  const random = randomUUID().replaceAll('-', '').slice(0, 8)
  return `${String(Date.now()).padStart(13, '0')}-${random}`
}

function attributesOf({ name, other }: Step, known: readonly string[]): JsonObject {
  return {
    userName: `n${name}@acme.example`,
    active: other !== 1,
    ...(other === 2 ? {} : { externalId: `e${name % 4}` }),
    emails: [{ value: `mail${name}@acme.example`, type: 'work' }],
    name: { familyName: `Family${other}`, givenName: `Given${name}` },
    [URN.enterpriseUser]: { employeeNumber: `P-${name}`, manager: { value: `manager-${other}` } },
    [URN.peopleUser]: {
      ...(other === 3 ? {} : { level: `L${other}` }),
      ...Object.fromEntries(known.map((id) => [id, `${id} ${other}`])),
    },
  }
}

const OWN = ['costCentre', 'badge'] as const

/** Those that the tenant has declared. */
function ownOf({ users }: Doing): readonly string[] {
  return (users.declaredIndexes ?? []).map(({ reference }) => reference.attribute.name)
}

function aNewUser(
  doing: Doing,
  step: Step,
): { readonly resource: StoredResource; readonly change: Change } {
  const id = randomUUID()
  const change = changeOf('create', 'User', id)
  const created = change.stamp.lastModified
  const attributes = attributesOf(step, ownOf(doing))
  return { resource: { id, created, ...change.stamp, attributes }, change }
}

function aNewGroup({ name }: Step): {
  readonly resource: StoredResource
  readonly change: Change
} {
  const id = idOf({ ...USER, membershipAttribute: 'members' }, randomUUID())
  const change = changeOf('create', 'Group', id)
  const created = change.stamp.lastModified
  const resource = {
    id,
    created,
    ...change.stamp,
    attributes: { displayName: NAMES[name] ?? '', externalId: id },
  }
  return { resource, change }
}

const NAMES = ['Sales', 'sales', 'Tours', 'Legal', 'Quality', 'Crew', 'Board'] as const

async function aTeamOrGroup(doing: Doing, place: number): Promise<string | undefined> {
  const { stores, scope } = doing
  const group = await aGroup(doing, place)
  const made = await stores.teams.all(scope)
  return one([...made.map(({ id }) => id), ...(group === undefined ? [] : [group.id])], place)
}

async function byHand(doing: Doing, step: Step, to: 'present' | 'absent'): Promise<unknown> {
  const { stores, scope } = doing
  const [id, person] = [await aTeamOrGroup(doing, step.place), await aUser(doing, step.name)]
  if (id === undefined || person === undefined) return undefined
  const change = changeOf('members', 'Team', id)
  return stores.teams.changeMember(scope, id, { personId: person.id, to }, change)
}

async function bySCIM(doing: Doing, step: Step, to: 'add' | 'remove'): Promise<unknown> {
  const { stores, scope } = doing
  const [group, person] = [await aGroup(doing, step.place), await aUser(doing, step.name)]
  if (group === undefined || person === undefined) return undefined
  const change = changeOf('members', 'Group', group.id)
  const members =
    to === 'add'
      ? [
          { value: person.id, type: 'User' as const },
          { value: `nobody-${step.other}`, type: 'User' as const },
        ]
      : []
  const remove = to === 'remove' ? [person.id] : []
  return stores.memberships.changeMembers(scope, group.id, { add: members, remove }, change)
}

const DOES: Readonly<Record<Step['does'], Do>> = {
  async come(doing, step) {
    const { resource, change } = aNewUser(doing, step)
    return doing.stores.resources.createOrRestore(doing.scope, doing.users, resource, change)
  },
  async change(doing, step) {
    const { stores, scope, users } = doing
    const user = await aUser(doing, step.place)
    if (user === undefined) return undefined
    const attributes = attributesOf(step, ownOf(doing))
    const change = changeOf('patch', 'User', user.id)
    return stores.resources.replace(scope, users, user, attributes, change)
  },
  async go(doing, { place }) {
    const { stores, scope, users } = doing
    const user = await aUser(doing, place)
    return user && stores.resources.delete(scope, users, user, changeOf('delete', 'User', user.id))
  },
  async hide(doing, { place }) {
    const { stores, scope, users } = doing
    const user = await aUser(doing, place)
    return user && stores.resources.hide(scope, users, user, changeOf('delete', 'User', user.id))
  },
  async back(doing, step) {
    const { stores, scope, users } = doing
    const user = await aHidden(doing, step.place)
    if (user === undefined) return undefined
    const change = changeOf('restore', 'User', user.id)
    const attributes = attributesOf(step, ownOf(doing))
    return stores.resources.restore(scope, users, user, attributes, change)
  },
  async invited(doing, { place }) {
    const { stores, scope, users } = doing
    const user = await aUser(doing, place)
    return user && stores.resources.acknowledge(scope, users, [user.id])
  },
  async found(doing, step) {
    const { resource, change } = aNewGroup(step)
    return doing.stores.resources.create(doing.scope, doing.groups, resource, change)
  },
  async rename(doing, { place, name }) {
    const { stores, scope, groups } = doing
    const group = await aGroup(doing, place)
    if (group === undefined) return undefined
    const attributes = { ...group.attributes, displayName: NAMES[name] ?? '' }
    const change = changeOf('patch', 'Group', group.id)
    return stores.resources.replace(scope, groups, group, attributes, change)
  },
  async dissolve(doing, { place }) {
    const { stores, scope, groups } = doing
    const group = await aGroup(doing, place)
    if (group === undefined) return undefined
    return stores.resources.delete(scope, groups, group, changeOf('delete', 'Group', group.id))
  },
  join: async (doing, step) => bySCIM(doing, step, 'add'),
  leave: async (doing, step) => bySCIM(doing, step, 'remove'),
  async gather({ stores, scope }, { name }) {
    const id = idOf({ ...USER, membershipAttribute: 'members' }, randomUUID())
    return stores.teams.create(
      scope,
      { id, name: NAMES[name] ?? '' },
      changeOf('create', 'Team', id),
    )
  },
  async call({ stores, scope }, { place, name }) {
    const team = one(await stores.teams.all(scope), place)
    if (team === undefined) return undefined
    return stores.teams.rename(scope, team, NAMES[name] ?? '', changeOf('patch', 'Team', team.id))
  },
  async disperse({ stores, scope }, { place }) {
    const team = one(await stores.teams.all(scope), place)
    return team && stores.teams.delete(scope, team, changeOf('delete', 'Team', team.id))
  },
  take: async (doing, step) => byHand(doing, step, 'present'),
  release: async (doing, step) => byHand(doing, step, 'absent'),
  async declare({ stores, tenantId }, { other, name }) {
    const id = OWN[other % OWN.length] ?? ''
    const parts = { store: stores.tenants, resourceType: USER }
    const wanted = { id, indexed: name % 2 === 0, unique: name === 1 }
    return declareAttribute(parts, tenantId, wanted, new Date())
  },
  async withdraw({ stores, tenantId }, { other }) {
    const id = OWN[other % OWN.length] ?? ''
    return removeAttribute(stores.tenants, tenantId, id, { purge: false, now: new Date() })
  },
}
