import * as z from 'zod'
import { detail, resourceId } from '../scim/detail.ts'
import { ScimError } from '../scim/errors.ts'
import type { JsonObject } from '../scim/json.ts'
import { memberTypeOf } from '../scim/resource-id.ts'
import type { StoredResource } from '../scim/resource.ts'
import { seal, unseal } from '../sealed-text.ts'
import { looseName } from '../storage/team-names.ts'
import type { Team, TeamMember } from '../storage/team-port.ts'
import { positionNow, readChanges } from './changes.ts'
import type { TeamsContext } from './teams-context.ts'

/** Who has made it: the identity provider, the vendor's application, or both. */
export type TeamSource = 'scim' | 'manual' | 'both'

/** A team as the application has it: a group of SCIM, one made by hand, or one that is both. */
export interface ToldTeam extends JsonObject {
  readonly id: string
  readonly name: string
  /** Its own name, which it has again when the group that it is now, and which is called otherwise, is deleted. */
  readonly manualName?: string
  readonly source: TeamSource
  readonly externalId?: string
  readonly created: string
  readonly lastModified: string
  /** Teams from the other side whose names are the same but for case and blanks: nothing has joined them. */
  readonly similar?: readonly SimilarTeam[]
}

interface SimilarTeam extends JsonObject {
  readonly id: string
  readonly name: string
  /** Both names look the same; the code points are others. */
  readonly otherCodePoints?: true
}

/** A team, and what a change can be bound to. */
export interface VersionedTeam {
  readonly told: ToldTeam
  readonly version: string
  /** As it was made by hand; absent for one that SCIM alone has made. */
  readonly made?: Team
}

/** A member of a team. */
export interface ToldMember extends JsonObject {
  readonly id: string
  /** `team` for a group that SCIM has put into the group. */
  readonly type: 'person' | 'team'
  readonly source: TeamSource
}

/** A team that is not there any more. */
interface RemovedTeam extends JsonObject {
  readonly id: string
  readonly removed: true
}

/** A page of teams. */
export interface TeamsPage<Item> {
  readonly items: readonly Item[]
  readonly nextCursor?: string
  /** Whence what changes from now on is read. */
  readonly position: string
}

/** Where a page goes on, and the position from before the first one. */
const CURSOR = z.strictObject({ after: z.string(), position: z.string() })

/** What is read of one team before it is told. */
interface Found {
  readonly id: string
  readonly group?: StoredResource | undefined
  readonly made?: Team | undefined
}

/**
 * A page of all teams, in the order of their ids: one round trip, and more where some are like others.
 * @throws ScimError `invalidCursor`
 */
export async function listTeams(
  context: TeamsContext,
  { cursor, count }: { readonly cursor?: string | undefined; readonly count: number },
): Promise<TeamsPage<ToldTeam>> {
  const { scope, service, teams, groups, changes } = context
  const place = cursor === undefined ? undefined : readCursor(context, cursor)
  // Before anything is read: what changes meanwhile comes once more.
  const position = place?.position ?? positionNow(changes, 'teams')
  const placeOf = (id: string): string => service.store.positionBehind(id)
  const after = place === undefined ? {} : { after: placeOf(place.after) }
  const [page, all] = await Promise.all([
    service.store.listFrom(scope, groups, { ...after, count }),
    teams.all(scope),
  ])
  const last = page.resources.at(-1)?.id
  const end = page.next === undefined || last === undefined ? undefined : placeOf(last)
  const free = all.filter(({ id, adopted }) => {
    const isBehind = after.after === undefined || placeOf(id) > after.after
    return !adopted && isBehind && (end === undefined || placeOf(id) <= end)
  })
  const found = merged(page.resources, all, free).toSorted((one, other) =>
    placeOf(one.id) < placeOf(other.id) ? -1 : 1,
  )
  const items = (await told(context, found.slice(0, count), all)).map((each) => each.told)
  const isLast = found.length <= count && end === undefined
  const lastId = items.at(-1)?.id
  if (isLast || lastId === undefined) return { items, position }
  return { items, nextCursor: writeCursor(context, { after: lastId, position }), position }
}

/** Each once: what was adopted between the two reads is the group. */
function merged(
  resources: readonly StoredResource[],
  all: readonly Team[],
  free: readonly Team[],
): readonly Found[] {
  const madeBy = new Map(all.map((team) => [team.id, team]))
  const found = new Map<string, Found>(free.map((made) => [made.id, { id: made.id, made }]))
  for (const group of resources)
    found.set(group.id, { id: group.id, group, made: madeBy.get(group.id) })
  return [...found.values()]
}

function writeCursor({ changes }: TeamsContext, content: z.output<typeof CURSOR>): string {
  return seal(changes.sign, 'teams', '', content)
}

function readCursor({ changes }: TeamsContext, cursor: string): z.output<typeof CURSOR> {
  const content = CURSOR.safeParse(unseal(changes.sign, 'teams', '', cursor)).data
  if (content !== undefined) return content
  throw new ScimError(
    'invalidCursor',
    'This cursor was not made for this list. Start again without a cursor.',
  )
}

/**
 * A page of what has changed since a position: teams as they are now, and which are removed.
 * @throws ScimError as `readChanges`.
 */
export async function changedTeams(
  context: TeamsContext,
  place: { readonly changedSince: string; readonly cursor?: string | undefined },
  count: number,
): Promise<TeamsPage<ToldTeam | RemovedTeam>> {
  const { scope, service, teams, groups, changes } = context
  const { ids, own, ...rest } = await readChanges(changes, 'teams', place, count)
  const [resources, all] = await Promise.all([
    Promise.all(ids.map((id) => service.store.get(scope, groups, id))),
    teams.all(scope),
  ])
  const madeBy = new Map(all.map((team) => [team.id, team]))
  const found = ids.map((id, at): Found => ({ id, group: resources[at], made: madeBy.get(id) }))
  const there = found.filter(isThere)
  const toldBy = new Map((await told(context, there, all)).map((each) => [each.told.id, each.told]))
  const items = ids.flatMap((id): readonly (ToldTeam | RemovedTeam)[] => {
    const team = toldBy.get(id)
    if (team !== undefined) return [team]
    return own.has(id) ? [{ id, removed: true }] : []
  })
  return { items, ...rest }
}

/** What was adopted by a group that is not there (yet, or any more) is made by hand. */
function isThere({ group, made }: Found): boolean {
  return group !== undefined || made !== undefined
}

/** One team. @throws ScimError `notFound` */
export async function getTeam(context: TeamsContext, id: string): Promise<VersionedTeam> {
  const { scope, service, teams, groups } = context
  const [group, made, all] = await Promise.all([
    service.store.get(scope, groups, id),
    teams.get(scope, id),
    teams.all(scope),
  ])
  const [team] = await told(context, [{ id, group, made }].filter(isThere), all)
  if (team === undefined) throw noTeam(id)
  return team
}

export function noTeam(id: string): ScimError {
  return new ScimError('notFound', detail`There is no team ${resourceId(id.slice(0, 100))}.`)
}

/** @param all that were made by hand. */
async function told(
  { scope, service, teams }: TeamsContext,
  found: readonly Found[],
  all: readonly Team[],
): Promise<readonly VersionedTeam[]> {
  const free = all.filter(({ adopted }) => !adopted)
  const byHand = found.flatMap(({ group, made }) =>
    group === undefined && made ? [made.name] : [],
  )
  const groupsLike =
    byHand.length === 0
      ? new Map<string, readonly string[]>()
      : await teams.groupsLike(scope, byHand)
  const like = [...new Set([...groupsLike.values()].flat())]
  const names =
    like.length === 0
      ? new Map<string, string>()
      : await service.memberships.groupNames(scope, like)
  const others = (name: string, { id, group }: Found): ToldTeam['similar'] =>
    group === undefined
      ? (groupsLike.get(name) ?? []).flatMap((each) => {
          const called = names.get(each)
          return called === undefined || each === id ? [] : [similarTo(name, each, called)]
        })
      : free
          .filter((team) => team.id !== id && looseName(team.name) === looseName(name))
          .map((team) => similarTo(name, team.id, team.name))
  return found.map((each) => toldTeam(each, others))
}

function similarTo(own: string, id: string, name: string): SimilarTeam {
  const looksSame = own !== name && own.normalize() === name.normalize()
  return { id, name, ...(looksSame ? { otherCodePoints: true } : {}) }
}

function toldTeam(
  found: Found,
  others: (name: string, found: Found) => ToldTeam['similar'],
): VersionedTeam {
  const { id, group, made } = found
  const name = nameOf(group) ?? made?.name ?? ''
  const similar = others(name, found) ?? []
  return {
    told: {
      id,
      name,
      ...(made === undefined || made.name === name ? {} : { manualName: made.name }),
      source: sourceOf(group !== undefined, made !== undefined),
      ...externalIdOf(group),
      ...timesOf(found),
      ...(similar.length === 0 ? {} : { similar }),
    },
    version: [group?.version, made?.version].join(' '),
    ...(made === undefined ? {} : { made }),
  }
}

function sourceOf(scim: boolean, manual: boolean): TeamSource {
  if (scim && manual) return 'both'
  return scim ? 'scim' : 'manual'
}

/** A team that has become a group is as old as it was; the group is not. */
function timesOf({ group, made }: Found): Pick<ToldTeam, 'created' | 'lastModified'> {
  const created = made?.created ?? group?.created ?? ''
  return { created, lastModified: (group ?? made)?.lastModified ?? '' }
}

function nameOf(group: StoredResource | undefined): string | undefined {
  const name = group?.attributes['displayName']
  return typeof name === 'string' ? name : undefined
}

function externalIdOf(group: StoredResource | undefined): { readonly externalId?: string } {
  const externalId = group?.attributes['externalId']
  return typeof externalId === 'string' ? { externalId } : {}
}

/** Behind which member a page goes on. */
const MEMBER_CURSOR = z.strictObject({ after: z.string() })

/** A page of the members of a team, from both sides. @throws ScimError `notFound`, `invalidCursor` */
export async function listMembers(
  context: TeamsContext,
  teamId: string,
  { cursor, count }: { readonly cursor?: string | undefined; readonly count: number },
): Promise<{ readonly items: readonly ToldMember[]; readonly nextCursor?: string }> {
  const { scope, teams, changes } = context
  const place =
    cursor === undefined
      ? undefined
      : MEMBER_CURSOR.safeParse(unseal(changes.sign, 'members', teamId, cursor)).data
  if (cursor !== undefined && place === undefined) {
    throw new ScimError('invalidCursor', 'This cursor was not made for the members of this team.')
  }
  const [page] = await Promise.all([
    teams.members(scope, teamId, { ...place, count }),
    requireTeam(context, teamId),
  ])
  const items = page.items.map(toldMember)
  const last = items.at(-1)
  if (!page.more || last === undefined) return { items }
  return { items, nextCursor: seal(changes.sign, 'members', teamId, { after: last.id }) }
}

/** @throws ScimError `notFound` */
async function requireTeam(context: TeamsContext, id: string): Promise<void> {
  const { scope, service, teams, groups } = context
  const [group, made] = await Promise.all([
    service.store.get(scope, groups, id),
    teams.get(scope, id),
  ])
  if (group === undefined && made === undefined) throw noTeam(id)
}

export function toldMember({ id, scim, manual }: TeamMember): ToldMember {
  const type = memberTypeOf(id) === 'Group' ? 'team' : 'person'
  return { id, type, source: sourceOf(scim, manual) }
}
