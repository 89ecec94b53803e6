/** The resource types by their names. */
export type TypeName = 'User' | 'Group'

/** What a client asks for: FIND by a filter, COUNT without resources, LIST of all of them. */
export interface Operation {
  /** Names it in versions, in the journal and in reports. */
  readonly id: string
  readonly client: number
  readonly verb: 'POST' | 'GET' | 'FIND' | 'COUNT' | 'LIST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly type: TypeName
  /** The id in the path. */
  readonly resource?: string
  /** The version of an earlier answer. */
  readonly ifMatch?: string
  /** The `userName` or `displayName` to be written. */
  readonly name?: string
  /** To be written; with PUT and POST absent means none. */
  readonly externalId?: string
  /** For FIND: the filter. */
  readonly find?: { readonly by: 'name' | 'externalId'; readonly value: string }
  /** All members of a group, for POST and PUT. */
  readonly members?: readonly string[]
  readonly add?: readonly string[]
  readonly remove?: readonly string[]
}

/** A resource as an answer shows it. */
export interface Seen {
  readonly id: string
  readonly version: string
  readonly name: string
  readonly externalId: string | undefined
  /** The members of a group; undefined where the answer does not tell them. */
  readonly members: readonly string[] | undefined
  /** The groups of a user; undefined where the answer does not tell them. */
  readonly groups: readonly string[] | undefined
}

/** What an operation was answered. */
export interface Outcome {
  readonly status: number
  readonly scimType: string | undefined
  /** That of the ETag. */
  readonly version: string | undefined
  readonly seen: readonly Seen[]
  readonly total: number | undefined
}

/** An operation of a history. Calls and returns are numbered together, in the order in which they happened. */
export interface Event {
  readonly operation: Operation
  readonly called: number
  /** Infinite where nobody knows what became of it. */
  readonly returned: number
  readonly outcome: Outcome
}

/** A value as names are compared. */
export function folded(name: string): string {
  return name.toLowerCase()
}

/** The operation that has made a version. */
export function writerOf(version: string): string {
  return version.split('.', 1)[0] ?? version
}

/** An event in one line. */
export function inWords({ operation, called, returned, outcome }: Event): string {
  const { id, client, verb, type, resource, ...asked } = operation
  const { status, scimType, version, seen, total } = outcome
  const details = Object.entries(asked).map(([name, value]) => ` ${name}=${JSON.stringify(value)}`)
  const shown = seen.map((each) => ` ${JSON.stringify(each)}`)
  const answer = [status, scimType, version, total].filter((part) => part !== undefined).join(' ')
  return (
    `${id} of client ${client}, ${called} to ${returned}: ${verb} ${type}` +
    `${resource === undefined ? '' : ` ${resource}`}${details.join('')} -> ${answer}${shown.join('')}`
  )
}
