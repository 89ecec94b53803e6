const OF_PERSON = ['id', 'person id'] as const

/** The command lines of the commands that are about people. */
export const PEOPLE_SHAPES = {
  'people list': { operands: ['id'], options: ['changed-since', 'q', 'count', 'all'] },
  'people show': { operands: OF_PERSON, options: [] },
  'people lookup': { operands: ['id', 'by', 'value'], options: [] },
  'people change': { operands: [...OF_PERSON, 'JSON'], options: [] },
  'people delete': { operands: OF_PERSON, options: ['force', 'yes'] },
  'people restore': { operands: OF_PERSON, options: [] },
} as const

/** What the help says of them. */
export const PEOPLE_USAGE = `  people list <id>              its people as an application has them, and a position for --changed-since
  people show <id> <person id>  one of them
  people lookup <id> <by> <value>              who signs in, by externalId, userName or email
  people change <id> <person id> <JSON>        such as '{"position": "Buyer", "manager": null}'; null clears
  people delete <id> <person id>               for good, with memberships and values; an active one with --force
  people restore <id> <person id>              joins somebody with the removed person whom possibleReturner names`
