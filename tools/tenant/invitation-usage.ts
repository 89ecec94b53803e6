/** The command lines of the commands that are about invitations. */
export const INVITATION_SHAPES = {
  'invitation list': { operands: ['id'], options: ['count', 'all'] },
  'invitation acknowledge': { operands: ['id', 'ids'], options: [] },
} as const

/** What the help says of them. */
export const INVITATION_USAGE = `  invitation list <id>          who was active for the first time and is to be invited (setting invitations)
  invitation acknowledge <id> <ids>            takes people off that list: their ids, separated by commas`
