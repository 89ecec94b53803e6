import { idPart, valuePart } from './key-text.ts'
import { rangeOf, type KeyRange } from './keys.ts'

const TEAM_FAMILY = 'team:'

/** The key of a team that was made by hand; it has the id of the group that it became. */
export function teamKey(id: string): string {
  return TEAM_FAMILY + idPart(id)
}

/** The keys of all teams that were made by hand. */
export const TEAM_RANGE: KeyRange = rangeOf(TEAM_FAMILY)

/**
 * The key of a name, folded, that at most one team made by hand has. Creating a group writes it as well, whoever has it: of
 * two who give a name at the same moment, one is refused.
 */
export function teamNameKey(folded: string): string {
  return `teamname:${valuePart(folded)}`
}

/** The key of a membership that was made by hand, seen from the team. */
export function teamMemberKey(teamId: string, personId: string): string {
  return teamMemberRange(teamId).from + idPart(personId)
}

/** The keys of a team's members that were made by hand. */
export function teamMemberRange(teamId: string): KeyRange {
  return rangeOf(`teamMember:${idPart(teamId)}:`)
}

/** The key of a membership that was made by hand, seen from the person. */
export function teamOfKey(personId: string, teamId: string): string {
  return teamOfRange(personId).from + idPart(teamId)
}

/** The keys of the teams that anybody was put into by hand. */
export function allTeamOf(): KeyRange {
  return rangeOf('teamOf:')
}

/** The keys of the teams that a person was put into by hand. */
export function teamOfRange(personId: string): KeyRange {
  return rangeOf(`teamOf:${idPart(personId)}:`)
}
