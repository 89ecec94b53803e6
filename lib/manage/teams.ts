import type * as z from 'zod'
import {
  addMember,
  makeTeam,
  removeMember,
  removeTeam,
  renameTeam,
  type Condition,
} from '../people/change-teams.ts'
import {
  changedTeams,
  getTeam,
  listMembers,
  listTeams,
  type VersionedTeam,
} from '../people/teams.ts'
import type { TeamsContext } from '../people/teams-context.ts'
import { ScimError } from '../scim/errors.ts'
import { detail, quote } from '../scim/detail.ts'
import { invalidRequest } from './check.ts'
import { boundTo, entityTag } from './entity-tag.ts'
import type { Input, ManageContext, ManageResult } from './operation.ts'
import type { TEAMS_PARAMETERS } from './people-query.ts'
import { refusePlace } from './people.ts'
import type { PAGE_PARAMETERS, QuerySchema } from './query.ts'
import type { NEW_MEMBER, NEW_TEAM, TEAM_PATCH } from './team-answers.ts'
import { requireTenant } from './tenants.ts'

type TeamInput<Query extends QuerySchema> = Input<Query, z.ZodType>

async function teamsOf(context: ManageContext, id: string): Promise<TeamsContext> {
  return context.teams(await requireTenant(context, id))
}

export async function readTeams(
  context: ManageContext,
  { id, query: { cursor, count, changedSince } }: TeamInput<typeof TEAMS_PARAMETERS>,
): Promise<ManageResult> {
  const teams = await teamsOf(context, id)
  const page =
    changedSince === undefined
      ? listTeams(teams, { cursor, count })
      : changedTeams(teams, { changedSince, cursor }, count)
  return { status: 200, body: { ...(await page.catch(refusePlace(cursor, changedSince))) } }
}

export async function createTeam(
  context: ManageContext,
  { id, body }: Input<QuerySchema, typeof NEW_TEAM>,
): Promise<ManageResult> {
  const made = await makeTeam(await teamsOf(context, id), body.name)
  return { ...answer(made), status: 201, location: `tenants/${id}/teams/${made.told.id}` }
}

export async function readTeam(
  context: ManageContext,
  { id, teamId }: TeamInput<QuerySchema>,
): Promise<ManageResult> {
  return answer(await getTeam(await teamsOf(context, id), teamId))
}

export async function patchTeam(
  context: ManageContext,
  { id, teamId, body: { name }, ifMatch }: Input<QuerySchema, typeof TEAM_PATCH>,
): Promise<ManageResult> {
  const teams = await teamsOf(context, id)
  const check = conditionOf(ifMatch)
  if (name !== undefined) return answer(await renameTeam(teams, teamId, name, check))
  const team = await getTeam(teams, teamId)
  check({ id: teamId, version: team.version })
  return answer(team)
}

export async function deleteTeam(
  context: ManageContext,
  { id, teamId, ifMatch }: TeamInput<QuerySchema>,
): Promise<ManageResult> {
  await removeTeam(await teamsOf(context, id), teamId, conditionOf(ifMatch))
  return { status: 200, body: { id: teamId, removed: true } }
}

export async function readMembers(
  context: ManageContext,
  { id, teamId, query: { cursor, count } }: TeamInput<typeof PAGE_PARAMETERS>,
): Promise<ManageResult> {
  const teams = await teamsOf(context, id)
  const page = listMembers(teams, teamId, { cursor, count })
  return { status: 200, body: { ...(await page.catch(refusePlace(cursor, undefined))) } }
}

export async function joinTeam(
  context: ManageContext,
  { id, teamId, body: { personId } }: Input<QuerySchema, typeof NEW_MEMBER>,
): Promise<ManageResult> {
  const teams = await teamsOf(context, id)
  try {
    const { member, isNew } = await addMember(teams, teamId, personId)
    return { status: isNew ? 201 : 200, body: member }
  } catch (error) {
    if (!(error instanceof ScimError) || error.kind !== 'invalidValue') throw error
    const what = detail`must be the id of a person; nobody has ${quote(personId)}`
    throw invalidRequest([{ path: ['personId'], what }], 'body')
  }
}

export async function leaveTeam(
  context: ManageContext,
  { id, teamId, personId }: TeamInput<QuerySchema>,
): Promise<ManageResult> {
  const left = await removeMember(await teamsOf(context, id), teamId, personId)
  return { status: 200, body: left ?? { id: personId, removed: true } }
}

function conditionOf(ifMatch: string | undefined): Condition {
  return (team) => boundTo(team, ifMatch)
}

function answer({ told, version }: VersionedTeam): ManageResult {
  return { status: 200, body: told, etag: entityTag({ id: told.id, version }, told) }
}
