import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { GROUP } from '../../lib/scim/default-resource-types.ts'
import { ScimError } from '../../lib/scim/errors.ts'
import { memoryStores } from '../../lib/storage/memory/stores.ts'
import type { Scope } from '../../lib/storage/port.ts'
import { tableStores } from '../../lib/storage/table/stores.ts'
import { createTables, openTables } from '../../lib/storage/table/tables.ts'
import { aChange, deletion, scopeOf } from '../support/changes.ts'
import { tableService } from '../support/table-service/service.ts'
import type { Request, Response } from '../support/tables.ts'
import { collect, user } from '../contract/membership-store.ts'
import {
  aTeamChange,
  groupCreation,
  membersOf,
  moved,
  type TeamFixture,
} from '../contract/team-store.ts'

const NAMES = ['Sales', 'sales', 'Tours'] as const
const PEOPLE = ['p0', 'p1', 'p2'] as const

const NAME = fc.constantFrom(...NAMES)
const PERSON = fc.constantFrom(...PEOPLE)
const WHICH = fc.nat({ max: 3 })

/** What the identity provider does; `which` is one of the groups that it knows, or of the ids it has seen. */
const SCIM_STEP = fc.oneof(
  fc.record({ does: fc.constant('create' as const), name: NAME }),
  fc.record({ does: fc.constant('delete' as const), which: WHICH }),
  fc.record({ does: fc.constantFrom('add', 'remove'), which: WHICH, person: PERSON }),
  fc.record({ does: fc.constant('replace' as const), which: WHICH, person: PERSON }),
)

/** What the vendor does; `which` is one of the teams and groups that there are. */
const VENDOR_STEP = fc.oneof(
  fc.record({ does: fc.constant('create' as const), name: NAME }),
  fc.record({ does: fc.constant('rename' as const), which: WHICH, name: NAME }),
  fc.record({ does: fc.constant('delete' as const), which: WHICH }),
  fc.record({ does: fc.constantFrom('add', 'remove'), which: WHICH, person: PERSON }),
)

type ScimStep = typeof SCIM_STEP extends fc.Arbitrary<infer Step> ? Step : never
type VendorStep = typeof VENDOR_STEP extends fc.Arbitrary<infer Step> ? Step : never

/** Who is in what, as one side said last: by the id of the team or group. */
type Said = Map<string, Set<string>>

function sets(said: Said, id: string): Set<string> {
  const known = said.get(id) ?? new Set()
  said.set(id, known)
  return known
}

/** Refusals are answers; anything else is a failure. */
async function unlessRefused<Result>(work: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof ScimError && error.kind === 'uniqueness') return undefined
    throw error
  }
}

async function scimStep(
  { resources, memberships }: TeamFixture,
  tenant: Scope,
  said: Said,
  step: ScimStep,
): Promise<void> {
  if (step.does === 'create') {
    const made = groupCreation(step.name)
    const id = await unlessRefused(() => resources.create(tenant, GROUP, ...made))
    if (id !== undefined) said.set(id, new Set())
    return
  }
  const ids = [...said.keys()]
  const id = ids[step.which % ids.length]
  if (id === undefined) return
  if (step.does === 'delete') {
    const stored = await resources.get(tenant, GROUP, id)
    if (stored === undefined) throw new Error('a group is gone that nobody has deleted')
    if (await resources.delete(tenant, GROUP, stored, deletion())) said.delete(id)
    return
  }
  const { does, person } = step
  const members = await collect(memberships.members(tenant, id))
  const others = members.map(({ value }) => value).filter((value) => value !== person)
  const wanted = {
    add: does === 'remove' ? [] : [user(person)],
    remove: does === 'remove' ? [person] : does === 'replace' ? others : [],
  }
  const outcome = await memberships.changeMembers(tenant, id, wanted, aChange('members'))
  expect(outcome).not.toBe('noGroup')
  if (does === 'replace') said.set(id, new Set([person]))
  else if (does === 'add') sets(said, id).add(person)
  else sets(said, id).delete(person)
}

async function vendorStep(
  fixture: TeamFixture,
  tenant: Scope,
  said: Said,
  step: VendorStep,
): Promise<void> {
  const { resources, teams } = fixture
  if (step.does === 'create') {
    const id = randomUUID()
    const change = aTeamChange('create', id)
    await unlessRefused(() => teams.create(tenant, { id, name: step.name }, change))
    return
  }
  const made = await teams.all(tenant)
  if (step.does === 'add' || step.does === 'remove') {
    const { resources: groups } = await resources.list(tenant, GROUP, { startIndex: 1, count: 9 })
    const ids = [...new Set([...made, ...groups].map(({ id }) => id))]
    const id = ids[step.which % ids.length]
    if (id === undefined) return
    const to = step.does === 'add' ? 'present' : 'absent'
    if ((await moved(fixture, tenant, id, step.person, to)) === 'noTeam') return
    if (to === 'present') sets(said, id).add(step.person)
    else sets(said, id).delete(step.person)
    return
  }
  const team = made[step.which % made.length]
  if (team === undefined) return
  if (step.does === 'rename') {
    const change = aTeamChange('patch', team.id)
    await unlessRefused(() => teams.rename(tenant, team, step.name, change))
    return
  }
  if (await teams.delete(tenant, team, aTeamChange('delete', team.id))) said.delete(team.id)
}

/** Fails unless all is as both sides said last, and no name is given twice. */
async function check(fixture: TeamFixture, tenant: Scope, scim: Said, manual: Said): Promise<void> {
  const { resources, teams } = fixture
  const page = await resources.list(tenant, GROUP, { startIndex: 1, count: 100 })
  const groups = page.resources
  expect(page.totalResults).toBe(groups.length)
  expect(groups.map(({ id }) => id).toSorted()).toEqual([...scim.keys()].toSorted())
  const made = await teams.all(tenant)
  const free = made.filter(({ adopted }) => !adopted)
  const ids = new Set(groups.map(({ id }) => id))
  for (const { id, adopted } of made) expect(ids.has(id)).toBe(adopted)
  const names: readonly unknown[] = [
    ...groups.map(({ attributes }) => attributes['displayName']),
    ...free.map(({ name }) => name),
  ]
  expect(names).toEqual([...new Set(names)])
  const lower = made.map(({ name }) => name.toLowerCase())
  expect(new Set(lower).size).toBe(lower.length)
  for (const id of new Set([...ids, ...made.map((team) => team.id)])) {
    const members = await membersOf(fixture, tenant, id)
    const of = (side: 'scim' | 'manual'): string[] =>
      members.filter((member) => member[side]).map((member) => member.id)
    expect(of('scim').toSorted()).toEqual([...(scim.get(id) ?? [])].toSorted())
    expect(of('manual').toSorted()).toEqual([...(manual.get(id) ?? [])].toSorted())
  }
  const teamsOf = await teams.teamsOf(tenant, PEOPLE)
  for (const id of [...teamsOf.values()].flat()) {
    expect(ids.has(id) || made.some((team) => team.id === id)).toBe(true)
  }
}

const SCIM_HISTORY = fc.array(SCIM_STEP, { minLength: 1, maxLength: 8 })
const VENDOR_HISTORY = fc.array(VENDOR_STEP, { minLength: 1, maxLength: 8 })

/** Two instances on one table service, whose requests arrive in the order that the scheduler decides. */
async function interleaved(scheduler: fc.Scheduler): Promise<readonly [TeamFixture, TeamFixture]> {
  const service = tableService()
  const connection = {
    kind: 'connectionString',
    connectionString: service.connectionString,
  } as const
  const tables = await openTables(connection, { httpClient: service })
  await createTables(tables)
  const sendRequest = scheduler.scheduleFunction((request: Request): Promise<Response> =>
    service.sendRequest(request),
  )
  const opened = await Promise.all(
    [0, 1].map(() => openTables(connection, { httpClient: { sendRequest } })),
  )
  const [one = tables, other = tables] = opened
  return [tableStores(one), tableStores(other)]
}

describe('what SCIM and the vendor say of teams and members', () => {
  test('one after the other, in any order, is so afterwards', async () => {
    const step = fc.oneof(
      SCIM_STEP.map((each) => ({ scim: each })),
      VENDOR_STEP.map((each) => ({ vendor: each })),
    )
    const law = fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (steps) => {
      const [fixture, tenant] = [memoryStores(), scopeOf('t')]
      const [scim, manual]: [Said, Said] = [new Map(), new Map()]
      for (const each of steps) {
        if ('scim' in each) await scimStep(fixture, tenant, scim, each.scim)
        else await vendorStep(fixture, tenant, manual, each.vendor)
        await check(fixture, tenant, scim, manual)
      }
    })
    expect(await fc.check(law)).toMatchObject({ failed: false, counterexample: null })
  })

  test('at the same moment, in any interleaving of two writers, is so afterwards', async () => {
    const law = fc.asyncProperty(
      fc.scheduler(),
      SCIM_HISTORY,
      VENDOR_HISTORY,
      async (scheduler, scimSteps, vendorSteps) => {
        const [one, other] = await interleaved(scheduler)
        const tenant = scopeOf('t')
        const [scim, manual]: [Said, Said] = [new Map(), new Map()]
        const both = Promise.all([
          (async () => {
            for (const each of scimSteps) await scimStep(one, tenant, scim, each)
          })(),
          (async () => {
            for (const each of vendorSteps) await vendorStep(other, tenant, manual, each)
          })(),
        ])
        await scheduler.waitFor(both)
        await scheduler.waitFor(check(one, tenant, scim, manual))
      },
    )
    const { counterexample, errorInstance } = await fc.check(law, { numRuns: 200 })
    expect([errorInstance, fc.stringify(counterexample)]).toEqual([null, 'null'])
  }, 120_000)
})
