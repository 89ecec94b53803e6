/** The command lines of the commands that are about levels and invitations. */
export const COUNTED_SHAPES = {
  'level list': { operands: ['id'], options: [] },
  'level delete': { operands: ['id', 'level name'], options: [] },
  'invitation list': { operands: ['id'], options: ['count', 'all'] },
  'invitation acknowledge': { operands: ['id', 'ids'], options: [] },
} as const

/** What the help says of them. */
export const COUNTED_USAGE = `  level list <id>               the levels that its people have or had, and how many have them
  level delete <id> <level name>               one that nobody has
  invitation list <id>          who was active for the first time and is to be invited (setting invitations)
  invitation acknowledge <id> <ids>            takes people off that list: their ids, separated by commas`
