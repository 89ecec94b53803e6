const OF_TEAM = ['id', 'team id'] as const

/** The command lines of the commands that are about teams. */
export const TEAM_SHAPES = {
  'team list': { operands: ['id'], options: ['changed-since', 'count', 'all'] },
  'team show': { operands: OF_TEAM, options: [] },
  'team add': { operands: ['id', 'team name'], options: [] },
  'team rename': { operands: [...OF_TEAM, 'team name'], options: [] },
  'team remove': { operands: OF_TEAM, options: [] },
  'team members': { operands: OF_TEAM, options: ['count', 'all'] },
  'team add-member': { operands: [...OF_TEAM, 'person id'], options: [] },
  'team remove-member': { operands: [...OF_TEAM, 'person id'], options: [] },
} as const

/** What the help says of them. */
export const TEAM_USAGE = `  team list <id>                its teams, those of the identity provider and those made by hand, and a position
  team show <id> <team id>      one of them
  team add <id> <team name>     a team made by hand; a group that is created under exactly its name becomes it
  team rename <id> <team id> <team name>       another name for one that is made by hand
  team remove <id> <team id>    one that is made by hand, with its members
  team members <id> <team id>   who is in it, and by whom
  team add-member <id> <team id> <person id>   puts a person into it by hand; the identity provider takes nobody out who is
  team remove-member <id> <team id> <person id>  takes out who was put into it by hand`
