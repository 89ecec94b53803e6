import { compareIds } from './keys.ts'
import { partPosition } from './journal-position.ts'
import {
  losingGroup,
  successionPosition,
  type MembersPart,
  type Succession,
} from './member-parts.ts'
import type { Change } from './port.ts'
import type { TeamMemberPage } from './team-port.ts'

/** Ids in order, and whether there are more behind them. */
export interface IdPage {
  readonly ids: readonly string[]
  readonly more: boolean
}

/** Two lists as one: of ids behind the end of a list that goes on nobody knows yet on which they are. */
export function mergedMembers(scim: IdPage, manual: IdPage, count: number): TeamMemberPage {
  const ends = [scim, manual].flatMap(({ ids, more }) => (more ? [ids.at(-1) ?? ''] : []))
  const end = ends.toSorted(compareIds)[0]
  const sources = [new Set(scim.ids), new Set(manual.ids)] as const
  const all = [...new Set([...scim.ids, ...manual.ids])].toSorted(compareIds)
  const sure = end === undefined ? all : all.filter((id) => compareIds(id, end) <= 0)
  const items = sure.slice(0, count).map((id) => {
    return { id, scim: sources[0].has(id), manual: sources[1].has(id) }
  })
  return { items, more: items.length < all.length || ends.length > 0 }
}

/** What people lose who were put by hand into a team or a group that is deleted; as `losingGroup`. */
export function losingTeam(
  teamId: string,
  personIds: readonly string[],
  deletion: Change,
  resumedAt?: string,
): readonly MembersPart[] {
  const position = partPosition(deletion.position, 'by hand')
  return losingGroup('Team', teamId, personIds, { ...deletion, position }, resumedAt)
}

/** The change of a team that loses a person who was deleted, at a position of its own. */
export function leavingTeam(teamId: string, deletion: Change): Change {
  const position = partPosition(deletion.position, `team ${teamId}`)
  const note = { type: 'Team', subject: teamId, cause: deletion.note.subject }
  return { ...deletion, position, operation: 'members', note }
}

/** The change of a team in which one person takes the place of another. */
export function inheritingTeam(teamId: string, succession: Succession, deletion: Change): Change {
  const position = successionPosition(`team ${teamId}`, succession, deletion)
  const note = { type: 'Team', subject: teamId, cause: succession.from }
  return { ...deletion, position, operation: 'members', note }
}
