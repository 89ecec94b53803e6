import { detail, resourceId } from '../scim/detail.ts'
import { ScimError, unavailable } from '../scim/errors.ts'
import { newStamp } from '../service/next-change.ts'
import { journalPosition } from '../storage/journal-position.ts'
import type { Change, JournalOperation } from '../storage/port.ts'
import type { Team, TeamMemberOutcome } from '../storage/team-port.ts'
import { printableText } from '../tenants/naming.ts'
import { getTeam, noTeam, toldMember, type ToldMember, type VersionedTeam } from './teams.ts'
import type { TeamsContext } from './teams-context.ts'

/** Whom a change of a team is about. */
type Subject = Pick<Team, 'id' | 'name'> & Partial<Pick<Team, 'lastModified'>>

/** Of what a change is that nobody but us makes. */
const TYPE = 'Team'

function changeOf(
  { service, by, namesInActivity }: TeamsContext,
  operation: JournalOperation,
  { id: subject, name, lastModified }: Subject,
  changed: readonly string[] = [],
): Change {
  const stamp = newStamp(service, lastModified === undefined ? {} : { lastModified })
  const { requestId = '', ...author } = by
  const note = { type: TYPE, subject, ...(namesInActivity ? { name } : {}), changed }
  const position = journalPosition(stamp.lastModified, service.random)
  return { position, stamp, operation, requestId, author, note }
}

const MOST_CHARACTERS = 200

/** The name of a team. @throws ScimError `invalidValue` for one that nobody could read. */
export function teamNameFrom(text: string): string {
  const name = printableText('name', text, MOST_CHARACTERS)
  if (name !== '') return name
  throw new ScimError('invalidValue', `The name must have 1 to ${MOST_CHARACTERS} characters.`)
}

/** Makes a team. @throws ScimError `uniqueness` that names who has the name. */
export async function makeTeam(context: TeamsContext, name: string): Promise<VersionedTeam> {
  const { scope, service, teams, groups } = context
  const team = { id: service.newId(groups), name: teamNameFrom(name) }
  await teams.create(scope, team, changeOf(context, 'create', team, ['name']))
  return getTeam(context, team.id)
}

/** What a change of a team is bound to: refuses one that is not as the client knew it. */
export type Condition = (team: { readonly id: string; readonly version: string }) => unknown

/** Gives a team that is made by hand another name. @throws ScimError `notFound`, `mutability`, `uniqueness` */
export async function renameTeam(
  context: TeamsContext,
  id: string,
  text: string,
  check: Condition,
): Promise<VersionedTeam> {
  const name = teamNameFrom(text)
  await retried(
    context,
    id,
    check,
    'Its name is the identity provider’s to change.',
    async (made) => {
      if (made.name === name) return true
      const change = changeOf(context, 'patch', { ...made, name }, ['name'])
      return context.teams.rename(context.scope, made, name, change)
    },
  )
  return getTeam(context, id)
}

/** Removes a team that is made by hand, with its members. @throws ScimError `notFound`, `mutability` */
export async function removeTeam(
  context: TeamsContext,
  id: string,
  check: Condition,
): Promise<void> {
  const { scope, teams, service, groups } = context
  try {
    const why = 'The identity provider has to delete it.'
    await retried(context, id, check, why, (made) =>
      teams.delete(scope, made, changeOf(context, 'delete', made)),
    )
  } catch (error) {
    // Whoever repeats it because it failed has what was left of it go now.
    const isGone = error instanceof ScimError && error.kind === 'notFound'
    if (isGone) await service.store.finishDelete(scope, groups, id)
    throw error
  }
}

const LONGEST_PAUSE_MILLISECONDS = 200

/** Reads, checks and writes until nobody else was faster. */
async function retried(
  context: TeamsContext,
  id: string,
  check: Condition,
  whose: string,
  write: (made: Team) => Promise<boolean>,
): Promise<void> {
  const { scope, service } = context
  for (let lost = 1; scope.deadline.remaining() > 0; lost += 1) {
    const { told, version, made } = await getTeam(context, id)
    check({ id, version })
    if (made === undefined || told.source !== 'manual') {
      const what = detail`Team ${resourceId(id)} is a group of the identity provider. ${whose}`
      throw new ScimError('mutability', what)
    }
    if (await write(made)) return
    await service.pause(service.random() * Math.min(LONGEST_PAUSE_MILLISECONDS, 5 * 2 ** lost))
  }
  throw unavailable('Too many changes of this team at once. Try again.')
}

/**
 * Puts a person into a team by hand; nothing happens when that is so already.
 * @returns the member, and whether it was put in now.
 * @throws ScimError `notFound` for the team; `invalidValue` when nobody has the id.
 */
export async function addMember(
  context: TeamsContext,
  teamId: string,
  personId: string,
): Promise<{ readonly member: ToldMember; readonly isNew: boolean }> {
  const { told } = await getTeam(context, teamId)
  if (!(await isPerson(context, personId))) throw noSuchPerson(personId)
  const isNew = (await move(context, told, personId, 'present')) === 'changed'
  // People and teams are in two tables: whoever was deleted meanwhile has not seen this membership.
  if (!(await isPerson(context, personId))) {
    await move(context, told, personId, 'absent')
    throw noSuchPerson(personId)
  }
  const by = { id: personId, type: 'person', source: 'manual' } as const
  return { member: (await memberOf(context, teamId, personId)) ?? by, isNew }
}

async function isPerson({ scope, service, people }: TeamsContext, id: string): Promise<boolean> {
  return (await service.store.get(scope, people, id)) !== undefined
}

function noSuchPerson(id: string): ScimError {
  return new ScimError(
    'invalidValue',
    detail`personId must be the id of a person; nobody has ${resourceId(id.slice(0, 100))}.`,
  )
}

/**
 * Takes a person out of a team who was put into it by hand.
 * @returns what is left of the membership: what SCIM says of it.
 * @throws ScimError `notFound` for the team or the member; `mutability` for one who is there by SCIM alone.
 */
export async function removeMember(
  context: TeamsContext,
  teamId: string,
  personId: string,
): Promise<ToldMember | undefined> {
  const { told } = await getTeam(context, teamId)
  const before = await memberOf(context, teamId, personId)
  if (before === undefined) {
    const who = detail`${resourceId(personId.slice(0, 100))} is no member of team ${resourceId(teamId)}.`
    throw new ScimError('notFound', who)
  }
  if (before.source === 'scim') {
    const what = detail`The identity provider has put ${resourceId(personId)} into team ${resourceId(teamId)}, and has to take it out.`
    throw new ScimError('mutability', what)
  }
  await move(context, told, personId, 'absent')
  return before.source === 'both' ? { ...before, source: 'scim' } : undefined
}

async function move(
  context: TeamsContext,
  team: Subject,
  personId: string,
  to: 'present' | 'absent',
): Promise<TeamMemberOutcome> {
  const { scope, teams } = context
  // Members do not move the time of the team.
  const change = changeOf(context, 'members', { id: team.id, name: team.name })
  const outcome = await teams.changeMember(scope, team.id, { personId, to }, change)
  if (outcome === 'noTeam') throw noTeam(team.id)
  return outcome
}

async function memberOf(
  { scope, teams, service }: TeamsContext,
  teamId: string,
  personId: string,
): Promise<ToldMember | undefined> {
  const [manual, scim] = await Promise.all([
    teams.teamsOf(scope, [personId]),
    service.memberships.isMember(scope, teamId, personId),
  ])
  const isManual = manual.get(personId)?.includes(teamId) === true
  return scim || isManual ? toldMember({ id: personId, scim, manual: isManual }) : undefined
}
