import type { Brought, UniqueValue } from './bringing-port.ts'
import type { Change, GroupsBehind, Scope } from './port.ts'

/** A team that was made by hand, in the vendor's application. */
export interface Team {
  /** Also that of the group that it is while it is adopted. */
  readonly id: string
  /** As it was given by hand; unique among these teams by `teamFold`. */
  readonly name: string
  /** ISO 8601, UTC. */
  readonly created: string
  readonly lastModified: string
  /** Another one after every change; members do not change it. */
  readonly version: string
  /** Whether a group with this id is there: the identity provider has created one of exactly this name. */
  readonly adopted: boolean
}

/** Where a member comes from: the identity provider, the vendor's application, or both. */
export interface TeamMember {
  readonly id: string
  readonly scim: boolean
  readonly manual: boolean
}

/** What a change of a member came to. */
export type TeamMemberOutcome = 'changed' | 'unchanged' | 'noTeam'

/** A part of a list, in the order of the ids. */
export interface TeamMemberPage {
  readonly items: readonly TeamMember[]
  /** Whether there are more behind the last one. */
  readonly more: boolean
}

/**
 * Keeps what is made by hand beside the groups: teams, and members of teams and of groups. Nothing of it is seen by
 * `ResourceStore` and `MembershipStore`, but that a group is created under the id of the team that has exactly its
 * name: then the team is adopted, until the group is deleted.
 */
export interface TeamStore {
  get(scope: Scope, id: string): Promise<Team | undefined>

  /** All of them, adopted ones included, in the order of their ids: people have made them one by one. */
  all(scope: Scope): Promise<readonly Team[]>

  /**
   * Makes a team with the change's stamp.
   * @throws ScimError `uniqueness` naming the id of the team or group that has the name already.
   */
  create(scope: Scope, team: Pick<Team, 'id' | 'name'>, change: Change): Promise<void>

  /**
   * Gives a team another name.
   * @returns false when it was changed, adopted or deleted since it was read.
   * @throws ScimError `uniqueness` as `create`.
   */
  rename(scope: Scope, before: Team, name: string, change: Change): Promise<boolean>

  /**
   * Removes a team with its members.
   * @returns false when it was changed, adopted or deleted since it was read.
   */
  delete(scope: Scope, before: Team, change: Change): Promise<boolean>

  /** Puts a person into a team or a group by hand, or takes the person out; what SCIM says of members is left alone. */
  changeMember(
    scope: Scope,
    teamId: string,
    member: { readonly personId: string; readonly to: 'present' | 'absent' },
    change: Change,
  ): Promise<TeamMemberOutcome>

  /** Members of a team or a group from both sides, behind an id. */
  members(
    scope: Scope,
    teamId: string,
    page: { readonly after?: string; readonly count: number },
  ): Promise<TeamMemberPage>

  /** The same of those alone who were put into it by hand. */
  membersByHand(
    scope: Scope,
    teamId: string,
    page: { readonly after?: string; readonly count: number },
  ): Promise<{ readonly ids: readonly string[]; readonly more: boolean }>

  /**
   * Inserts a team as it was elsewhere, adopted or not; see `Bringing`.
   * @throws ScimError `uniqueness` when another team has the name.
   */
  bring(scope: Scope, team: Team, change: Change): Promise<Brought>

  /** The name for which `bring` refuses another team. */
  uniqueName(team: Team): UniqueValue

  /** The ids of the teams and groups that these people were put into by hand. People that are in none are absent. */
  teamsOf(
    scope: Scope,
    personIds: readonly string[],
  ): Promise<ReadonlyMap<string, readonly string[]>>

  /** The same of those whose ids come behind one, or of the first ones, as `MembershipStore.groupsBehind`. */
  teamsBehind(scope: Scope, personId: string | undefined): Promise<GroupsBehind>

  /** The ids of the groups whose names are as each of these, but for case and blanks; names like no group's are absent. */
  groupsLike(
    scope: Scope,
    names: readonly string[],
  ): Promise<ReadonlyMap<string, readonly string[]>>
}

/** What is kept of a name that a team made by hand has. */
export interface HeldName {
  readonly team: string
  readonly name: string
  readonly adopted: boolean
}

/** The team that a new group of this name becomes, if any: the name has to be the same, character for character. */
export function adoptedBy(held: HeldName | undefined, name: unknown): string | undefined {
  return held?.adopted === false && held.name === name ? held.team : undefined
}
