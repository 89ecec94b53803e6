import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { GROUP, USER } from '../../lib/scim/default-resource-types.ts'
import type { StoredResource } from '../../lib/scim/resource.ts'
import type { ActivityStore, ChangeEntry } from '../../lib/storage/activity-port.ts'
import { compareIds } from '../../lib/storage/keys.ts'
import type { Change, Memberships, ResourceStore, Scope } from '../../lib/storage/port.ts'
import type { Team, TeamMember, TeamStore } from '../../lib/storage/team-port.ts'
import { aChange, creation, deletion, PASSED, replacement, scopeOf } from '../support/changes.ts'
import { refusalOf } from '../support/refusal.ts'
import { collect, expectMembers, user, users, idsOf } from './membership-store.ts'
import { changed, newResource } from './resource-store.ts'

/** The stores under test, which share their rows. */
export interface TeamFixture {
  readonly resources: ResourceStore
  readonly memberships: Memberships
  readonly teams: TeamStore
  readonly activity: ActivityStore
}

const aTenant = (): Scope => scopeOf(`t-${randomUUID()}`)

/** A change of a team that no other call has made. */
export function aTeamChange(operation: Change['operation'], subject: string): Change {
  return { ...aChange(operation), note: { type: 'Team', subject } }
}

/** The changes of groups and teams, oldest first. */
async function changesIn(
  { activity }: TeamFixture,
  tenant: Scope,
): Promise<readonly ChangeEntry[]> {
  const identity = { id: 't', partitionKey: tenant.partitionKey, created: '2026-01-01T00:00:00Z' }
  const changes: ChangeEntry[] = []
  for (let behind: string | undefined; ;) {
    const from = behind === undefined ? {} : { behind }
    const page = await activity.read(identity, { count: 200, outcome: 'changed', ...from })
    changes.push(...page.entries.flatMap((entry) => (entry.kind === 'change' ? [entry] : [])))
    behind = page.next
    if (behind === undefined) break
  }
  return changes.filter(({ table }) => table === 'groups').toReversed()
}

/** Makes a team by hand. */
export async function aTeam(
  { teams }: Pick<TeamFixture, 'teams'>,
  tenant: Scope,
  name: string,
): Promise<Team> {
  const id = randomUUID()
  await teams.create(tenant, { id, name }, aTeamChange('create', id))
  const team = await teams.get(tenant, id)
  if (team === undefined) throw new Error('the team was not made')
  return team
}

/** Creates a group as SCIM does; tells its id. */
export async function aGroup(
  { resources }: Pick<TeamFixture, 'resources'>,
  tenant: Scope,
  displayName: string,
): Promise<string> {
  return resources.create(tenant, GROUP, ...groupCreation(displayName))
}

/** The creation of a group as the service asks for it. */
export function groupCreation(displayName: string): ReturnType<typeof creation> {
  const [resource, change] = creation(newResource({ displayName }))
  return [resource, { ...change, note: { type: 'Group', subject: resource.id } }]
}

/** Deletes a group as SCIM does. */
export async function removeGroup(
  { resources }: Pick<TeamFixture, 'resources'>,
  tenant: Scope,
  id: string,
): Promise<void> {
  const stored = await resources.get(tenant, GROUP, id)
  if (stored === undefined) throw new Error('no such group')
  expect(await resources.delete(tenant, GROUP, stored, deletion())).toBe(true)
}

async function aUser({ resources }: TeamFixture, tenant: Scope): Promise<StoredResource> {
  const id = await resources.create(
    tenant,
    USER,
    ...creation(newResource({ userName: randomUUID() })),
  )
  const stored = await resources.get(tenant, USER, id)
  if (stored === undefined) throw new Error('no such user')
  return stored
}

/** Moves a person by hand. */
export async function moved(
  { teams }: Pick<TeamFixture, 'teams'>,
  tenant: Scope,
  teamId: string,
  personId: string,
  to: 'present' | 'absent' = 'present',
): Promise<string> {
  return teams.changeMember(tenant, teamId, { personId, to }, aTeamChange('members', teamId))
}

/** All members of a team, page by page. */
export async function membersOf(
  { teams }: Pick<TeamFixture, 'teams'>,
  tenant: Scope,
  teamId: string,
  count = 100,
): Promise<readonly TeamMember[]> {
  const items: TeamMember[] = []
  for (let after: string | undefined; ; after = items.at(-1)?.id) {
    const page = await teams.members(tenant, teamId, {
      count,
      ...(after === undefined ? {} : { after }),
    })
    items.push(...page.items)
    if (!page.more) return items
  }
}

const manual = (id: string): TeamMember => ({ id, scim: false, manual: true })
const scim = (id: string): TeamMember => ({ id, scim: true, manual: false })

async function groupNamed({ resources }: TeamFixture, tenant: Scope, id: string): Promise<unknown> {
  return (await resources.get(tenant, GROUP, id))?.attributes['displayName']
}

async function countOf({ resources }: TeamFixture, tenant: Scope): Promise<number> {
  return (await resources.list(tenant, GROUP, { startIndex: 1, count: 0 })).totalResults
}

/** What every store of teams must do. */
export function teamStoreContract(open: () => TeamFixture): void {
  test('a team is made, read, listed, given another name and removed', async () => {
    const [fixture, tenant] = [open(), aTenant()]
    const { teams } = fixture
    const change = aTeamChange('create', 'a')
    await teams.create(tenant, { id: 'a', name: 'Sales' }, change)
    const { lastModified, version } = change.stamp
    const made = { id: 'a', name: 'Sales', created: lastModified, lastModified, version }
    expect(await teams.get(tenant, 'a')).toEqual({ ...made, adopted: false })
    const other = await aTeam(fixture, tenant, 'Other')
    const all = (await teams.all(tenant)).map(({ id }) => id)
    expect(all).toEqual(['a', other.id].toSorted(compareIds))

    const before = (await teams.get(tenant, 'a')) ?? other
    const renaming = aTeamChange('patch', 'a')
    expect(await teams.rename(tenant, before, 'Sales EMEA', renaming)).toBe(true)
    const after = { ...made, ...renaming.stamp, name: 'Sales EMEA', adopted: false }
    expect(await teams.get(tenant, 'a')).toEqual(after)
    expect(await teams.rename(tenant, before, 'Late', aTeamChange('patch', 'a'))).toBe(false)
    expect(await teams.delete(tenant, before, aTeamChange('delete', 'a'))).toBe(false)
    expect(await teams.delete(tenant, after, aTeamChange('delete', 'a'))).toBe(true)
    expect(await teams.get(tenant, 'a')).toBeUndefined()
    expect(await teams.all(tenant)).toEqual([other])
    expect(await teams.all(aTenant())).toEqual([])
  })

  test('a name belongs to one team by hand, whatever its case, and is free again afterwards', async () => {
    const [fixture, tenant] = [open(), aTenant()]
    const { teams } = fixture
    const sales = await aTeam(fixture, tenant, 'Sales')
    const refused = await refusalOf(() => aTeam(fixture, tenant, 'SALES'))
    expect(refused).toMatchObject({ kind: 'uniqueness' })
    expect(refused.detail).toContain(sales.id)
    const other = await aTeam(fixture, tenant, 'Other')
    const change = aTeamChange('patch', other.id)
    const taken = await refusalOf(() => teams.rename(tenant, other, 'sales', change))
    expect(taken).toMatchObject({ kind: 'uniqueness' })
    expect(await teams.rename(tenant, sales, 'sales', aTeamChange('patch', sales.id))).toBe(true)
    const lower = (await teams.get(tenant, sales.id)) ?? sales
    expect(lower.name).toBe('sales')
    expect(await teams.delete(tenant, lower, aTeamChange('delete', sales.id))).toBe(true)
    expect((await aTeam(fixture, tenant, 'Sales')).name).toBe('Sales')
    expect(await aTeam(fixture, aTenant(), 'Sales')).toMatchObject({ adopted: false })
  })

  test('nor has a team the name of a group', async () => {
    const [fixture, tenant] = [open(), aTenant()]
    const id = await aGroup(fixture, tenant, 'Sales')
    const refused = await refusalOf(() => aTeam(fixture, tenant, 'sales'))
    expect(refused).toMatchObject({ kind: 'uniqueness' })
    expect(refused.detail).toContain(id)
    const other = await aTeam(fixture, tenant, 'Other')
    const renaming = (): Promise<boolean> =>
      fixture.teams.rename(tenant, other, 'Sales', aTeamChange('patch', other.id))
    expect((await refusalOf(renaming)).detail).toContain(id)
    await removeGroup(fixture, tenant, id)
    expect(await renaming()).toBe(true)
  })

  test('a call with a change that is made already does nothing', async () => {
    const [{ teams }, tenant] = [open(), aTenant()]
    const change = aTeamChange('create', 'a')
    await teams.create(tenant, { id: 'a', name: 'Sales' }, change)
    await teams.create(tenant, { id: 'a', name: 'Sales' }, change)
    const [team, ...others] = await teams.all(tenant)
    if (team === undefined) throw new Error('no team')
    expect(others).toEqual([])
    const renaming = aTeamChange('patch', 'a')
    expect(await teams.rename(tenant, team, 'B', renaming)).toBe(true)
    expect(await teams.rename(tenant, team, 'B', renaming)).toBe(true)
    const joining = aTeamChange('members', 'a')
    const member = { personId: 'p', to: 'present' } as const
    expect(await teams.changeMember(tenant, 'a', member, joining)).toBe('changed')
    expect(await teams.changeMember(tenant, 'a', member, joining)).toBe('changed')
  })

  test('members by hand are seen beside those of SCIM, and never by SCIM', async () => {
    const [fixture, tenant] = [open(), aTenant()]
    const { teams, memberships } = fixture
    const group = await aGroup(fixture, tenant, 'Sales')
    const team = await aTeam(fixture, tenant, 'By hand')
    const [both = '', one = '', other = ''] = idsOf(users(3))
    const add = [user(both), user(one)]
    await memberships.changeMembers(tenant, group, { add, remove: [] }, aChange('members'))
    for (const id of [both, other]) expect(await moved(fixture, tenant, group, id)).toBe('changed')
    expect(await moved(fixture, tenant, team.id, one)).toBe('changed')
    expect(await moved(fixture, tenant, team.id, one)).toBe('unchanged')
    expect(await moved(fixture, tenant, 'nobody', one)).toBe('noTeam')
    const expected = [{ ...scim(both), manual: true }, scim(one), manual(other)]
    for (const count of [100, 1]) {
      expect(await membersOf(fixture, tenant, group, count)).toEqual(
        expected.toSorted((left, right) => compareIds(left.id, right.id)),
      )
    }
    await expectMembers(fixture, tenant, group, [both, one], [other])
    expect(await teams.teamsOf(tenant, [both, one, other, 'nobody'])).toEqual(
      new Map([
        [both, [group]],
        [one, [team.id]],
        [other, [group]],
      ]),
    )
    const people = [both, one, other].toSorted(compareIds)
    for (const [at, person] of [undefined, ...people].entries()) {
      const behind = await teams.teamsBehind(tenant, person)
      const rest = people.slice(at).filter(behind.isComplete)
      // A service may answer with less than it could.
      for (const id of rest) expect(behind.groupsOf.get(id)).toHaveLength(1)
      expect([...behind.groupsOf.keys()].every((id) => people.indexOf(id) >= at)).toBe(true)
    }
    expect(await moved(fixture, tenant, group, both, 'absent')).toBe('changed')
    expect(await moved(fixture, tenant, group, both, 'absent')).toBe('unchanged')
    await expectMembers(fixture, tenant, group, [both, one])
    expect(await countOf(fixture, tenant)).toBe(1)
    expect(await fixture.resources.get(tenant, GROUP, team.id)).toBeUndefined()
  })

  test('a group that is called exactly so becomes the team, and is it no more when it is deleted', async () => {
    const [fixture, tenant] = [open(), aTenant()]
    const { teams, memberships } = fixture
    const team = await aTeam(fixture, tenant, 'Sales')
    const [hand = '', first = '', second = ''] = idsOf(users(3))
    await moved(fixture, tenant, team.id, hand)
    for (const added of [first, second]) {
      expect(await aGroup(fixture, tenant, 'Sales')).toBe(team.id)
      expect(await groupNamed(fixture, tenant, team.id)).toBe('Sales')
      expect(await teams.get(tenant, team.id)).toMatchObject({ adopted: true, name: 'Sales' })
      expect(await countOf(fixture, tenant)).toBe(1)
      const add = [user(added)]
      await memberships.changeMembers(tenant, team.id, { add, remove: [] }, aChange('members'))
      await expectMembers(fixture, tenant, team.id, [added])
      const expected = [scim(added), manual(hand)]
      expect(await membersOf(fixture, tenant, team.id)).toEqual(
        expected.toSorted((left, right) => compareIds(left.id, right.id)),
      )
      await removeGroup(fixture, tenant, team.id)
      expect(await fixture.resources.get(tenant, GROUP, team.id)).toBeUndefined()
      expect(await teams.get(tenant, team.id)).toMatchObject({ adopted: false, name: 'Sales' })
      expect(await membersOf(fixture, tenant, team.id)).toEqual([manual(hand)])
      await expectMembers(fixture, tenant, team.id, [], [added, hand])
      expect(await countOf(fixture, tenant)).toBe(0)
    }
    expect((await refusalOf(() => aTeam(fixture, tenant, 'Sales'))).detail).toContain(team.id)
  })

  test('while it is adopted nobody gives it another name or removes it', async () => {
    const [fixture, tenant] = [open(), aTenant()]
    const { teams } = fixture
    const before = await aTeam(fixture, tenant, 'Sales')
    await aGroup(fixture, tenant, 'Sales')
    const adopted = (await teams.get(tenant, before.id)) ?? before
    for (const read of [before, adopted]) {
      expect(await teams.rename(tenant, read, 'X', aTeamChange('patch', read.id))).toBe(false)
      expect(await teams.delete(tenant, read, aTeamChange('delete', read.id))).toBe(false)
    }
    expect(await teams.get(tenant, before.id)).toEqual(adopted)
  })

  test('another case, other blanks and a rename adopt nothing', async () => {
    const [fixture, tenant] = [open(), aTenant()]
    const { resources, teams } = fixture
    const team = await aTeam(fixture, tenant, 'Tour Guides')
    const lower = await aGroup(fixture, tenant, 'tour guides')
    const blanks = await aGroup(fixture, tenant, 'Tour  Guides')
    const third = await aGroup(fixture, tenant, 'third')
    await aGroup(fixture, tenant, 'Tours')
    await removeGroup(fixture, tenant, lower)
    const stored = await resources.get(tenant, GROUP, third)
    if (stored === undefined) throw new Error('no group')
    const after = changed(stored, { displayName: 'Tour Guides' })
    expect(await resources.replace(tenant, GROUP, stored, ...replacement(after))).toBe(true)
    expect(new Set([team.id, lower, blanks, third]).size).toBe(4)
    expect(await teams.get(tenant, team.id)).toEqual(team)
    const like = await teams.groupsLike(tenant, ['Tour Guides', 'Third'])
    expect([...like.keys()]).toEqual(['Tour Guides'])
    expect(like.get('Tour Guides')?.toSorted()).toEqual([blanks, third].toSorted())
    expect(await teams.groupsLike(tenant, ['TOURS', 'nobody'])).toMatchObject({ size: 1 })
  })

  test('an adopted group is renamed by SCIM alone; deleted, the team has its own name again', async () => {
    const [fixture, tenant] = [open(), aTenant()]
    const { resources } = fixture
    const team = await aTeam(fixture, tenant, 'Sales')
    await aGroup(fixture, tenant, 'Sales')
    const stored = await resources.get(tenant, GROUP, team.id)
    if (stored === undefined) throw new Error('no group')
    const after = changed(stored, { displayName: 'Sales EMEA' })
    expect(await resources.replace(tenant, GROUP, stored, ...replacement(after))).toBe(true)
    const refused = await refusalOf(() => aTeam(fixture, tenant, 'SALES'))
    expect(refused.detail).toContain(`Team ${team.id} was made with this name, and keeps it`)
    const second = await aGroup(fixture, tenant, 'Sales')
    expect(second).not.toBe(team.id)
    await removeGroup(fixture, tenant, second)
    await removeGroup(fixture, tenant, team.id)
    expect(await fixture.teams.get(tenant, team.id)).toMatchObject({ name: 'Sales' })
    expect(await aGroup(fixture, tenant, 'Sales')).toBe(team.id)
  })

  test('who is deleted leaves all teams, and who is in a team that goes is in it no more', async () => {
    const [fixture, tenant] = [open(), aTenant()]
    const { resources, teams } = fixture
    const gone = await aUser(fixture, tenant)
    const stays = await aUser(fixture, tenant)
    const team = await aTeam(fixture, tenant, 'Sales')
    const group = await aGroup(fixture, tenant, 'Group')
    for (const { id } of [gone, stays]) {
      await moved(fixture, tenant, team.id, id)
      await moved(fixture, tenant, group, id)
    }
    expect(await resources.delete(tenant, USER, gone, deletion())).toBe(true)
    for (const id of [team.id, group]) {
      expect(await membersOf(fixture, tenant, id)).toEqual([manual(stays.id)])
    }
    const left = (await changesIn(fixture, tenant)).filter(({ removed = [] }) =>
      removed.includes(gone.id),
    )
    expect(left).toHaveLength(2)
    expect(left.map(({ type }) => type)).toEqual(['Team', 'Team'])
    await removeGroup(fixture, tenant, group)
    const read = (await teams.get(tenant, team.id)) ?? team
    expect(await teams.delete(tenant, read, aTeamChange('delete', team.id))).toBe(true)
    expect(await teams.teamsOf(tenant, [gone.id, stays.id])).toEqual(new Map())
    for (const id of [team.id, group]) {
      expect(await membersOf(fixture, tenant, id)).toEqual([])
      expect(await moved(fixture, tenant, id, stays.id)).toBe('noTeam')
    }
  })

  test('who is hidden leaves all teams, and returns to none until put into one again', async () => {
    const [fixture, tenant] = [open(), aTenant()]
    const { resources, teams } = fixture
    const team = await aTeam(fixture, tenant, 'Sales')
    const { id } = await aUser(fixture, tenant)
    for (const round of [1, 2]) {
      expect([round, await moved(fixture, tenant, team.id, id)]).toEqual([round, 'changed'])
      const before = await resources.get(tenant, USER, id)
      expect(before && (await resources.hide(tenant, USER, before, deletion()))).toBe(true)
      expect(await membersOf(fixture, tenant, team.id)).toEqual([])
      const hidden = await resources.getHidden(tenant, USER, id)
      if (hidden === undefined) throw new Error('nobody is hidden')
      const back = { ...hidden.attributes, active: true }
      await resources.restore(tenant, USER, hidden, back, aChange('restore'))
      expect(await teams.teamsOf(tenant, [id])).toEqual(new Map())
    }
    await moved(fixture, tenant, team.id, id)
    await resources.finishDelete(tenant, USER, id)
    expect(await resources.sweep(tenant, [USER, GROUP])).toBe(0)
    expect(await teams.teamsOf(tenant, [id])).toEqual(new Map([[id, [team.id]]]))
  })

  test('who is brought back takes the place of the account under which the person had come again', async () => {
    const [fixture, tenant] = [open(), aTenant()]
    const { resources, teams } = fixture
    const team = await aTeam(fixture, tenant, 'Sales')
    const group = await aGroup(fixture, tenant, 'Group')
    const before = await aUser(fixture, tenant)
    expect(await resources.hide(tenant, USER, before, deletion())).toBe(true)
    const returner = await aUser(fixture, tenant)
    for (const id of [team.id, group]) await moved(fixture, tenant, id, returner.id)
    const members = { add: [{ value: returner.id, type: 'User' as const }], remove: [] }
    await fixture.memberships.changeMembers(tenant, group, members, aChange('members'))
    const hidden = await resources.getHidden(tenant, USER, before.id)
    if (hidden === undefined) throw new Error('nobody is hidden')
    const { attributes } = returner
    const joining = aChange('restore')
    const joined = await resources.restore(tenant, USER, hidden, attributes, joining, returner)
    expect(joined).toMatchObject({ id: before.id, attributes })
    const byHand = (await teams.teamsOf(tenant, [before.id, returner.id])).get(before.id)
    expect(byHand?.toSorted()).toEqual([team.id, group].toSorted())
    expect(await teams.teamsOf(tenant, [returner.id])).toEqual(new Map())
    const both = [before.id, returner.id]
    expect(await fixture.memberships.groupsOf(tenant, both)).toEqual(
      new Map([[before.id, [group]]]),
    )
    const passed = (await changesIn(fixture, tenant)).filter(({ removed = [] }) =>
      removed.includes(returner.id),
    )
    expect(passed.map(({ subject }) => subject).toSorted()).toEqual(
      [team.id, group, group].toSorted(),
    )
    for (const each of passed)
      expect(each).toMatchObject({ added: [before.id], cause: returner.id })
  })

  test('each change has its row in the journal', async () => {
    const [fixture, tenant] = [open(), aTenant()]
    const { teams } = fixture
    const team = await aTeam(fixture, tenant, 'Sales')
    await moved(fixture, tenant, team.id, 'p')
    await moved(fixture, tenant, team.id, 'p')
    await moved(fixture, tenant, team.id, 'p', 'absent')
    await teams.rename(tenant, team, 'B', aTeamChange('patch', team.id))
    const read = (await teams.get(tenant, team.id)) ?? team
    await teams.delete(tenant, read, aTeamChange('delete', team.id))
    const entries = await changesIn(fixture, tenant)
    expect(entries.map(({ operation }) => operation)).toEqual([
      'create',
      'members',
      'members',
      'patch',
      'delete',
    ])
    expect(entries[1]).toMatchObject({ type: 'Team', subject: team.id, added: ['p'] })
    expect(entries[2]).toMatchObject({ type: 'Team', subject: team.id, removed: ['p'] })
  })

  test('a deadline that has passed stops every call', async () => {
    const [fixture, tenant] = [open(), aTenant()]
    const team = await aTeam(fixture, tenant, 'Sales')
    const { teams } = fixture
    const late: Scope = { ...tenant, deadline: PASSED }
    const calls = [
      () => teams.get(late, team.id),
      () => teams.all(late),
      () => aTeam(fixture, late, 'X'),
      () => teams.rename(late, team, 'X', aTeamChange('patch', team.id)),
      () => teams.delete(late, team, aTeamChange('delete', team.id)),
      () => moved(fixture, late, team.id, 'p'),
      () => teams.members(late, team.id, { count: 1 }),
      () => teams.teamsOf(late, ['p']),
      () => teams.teamsBehind(late, undefined),
      () => teams.groupsLike(late, ['Sales']),
    ]
    for (const call of calls) {
      expect(await refusalOf(call)).toMatchObject({ kind: 'unavailable' })
    }
    expect(await collect(fixture.memberships.members(tenant, team.id))).toEqual([])
  })
}
