import type { ChangeEntry } from '../../../lib/storage/activity-port.ts'
import type { Made, Returns } from './returns.ts'

/** What cannot be, as sentences; none when all is right. */
export function holdsOf(found: Returns): readonly string[] {
  return [...namesOf(found), ...lives(found), ...requests(found), ...memberships(found)]
}

/** Who is there is not kept, and has a name of its own; all are counted. */
function namesOf({ live, hidden, total }: Returns): readonly string[] {
  const names = live.map(({ attributes }) => JSON.stringify(attributes['userName']))
  const both = live.filter(({ id }) => hidden.some((each) => each.id === id))
  const active = hidden.filter(({ attributes }) => attributes['active'] !== false)
  return [
    ...(total === live.length ? [] : [`${live.length} users are counted as ${total}`]),
    ...(new Set(names).size === names.length ? [] : [`a name is there twice: ${names.join(' ')}`]),
    ...both.map(({ id }) => `${id} is there and kept out of sight`),
    ...active.map(({ id }) => `${id} is kept, and active`),
  ]
}

/** An account is created once, and returns as often as it went, unless it is kept now. */
function lives({ entries, live, hidden }: Returns): readonly string[] {
  const ofUsers = entries.filter(
    ({ table, operation }) => table === 'users' && operation !== 'members',
  )
  const ids = new Set([...ofUsers, ...live, ...hidden].map(idOf))
  return [...ids].flatMap((id) => {
    const own = ofUsers.filter(({ subject }) => subject === id)
    const times = (wanted: ChangeEntry['operation']): number =>
      own.filter(({ operation }) => operation === wanted).length
    const isLive = live.some((each) => each.id === id)
    const gone = times('delete') - times('restore')
    const isRight = times('create') === 1 && gone === (isLive ? 0 : 1)
    const isKept = own.every(
      ({ operation, hidden: kept }) => operation !== 'delete' || kept === true,
    )
    return isRight && isKept ? [] : [`${id} has had a strange life: ${own.map(said).join(', ')}`]
  })
}

function idOf(each: { readonly id: string } | { readonly subject: string }): string {
  return 'id' in each ? each.id : each.subject
}

function said({ operation, requestId }: ChangeEntry): string {
  return `${operation} by ${requestId}`
}

/** What succeeded is in the journal once, and what was refused is not; of what nobody knows it is there once at most. */
function requests({ made, entries }: Returns): readonly string[] {
  const changes = made.filter(({ operation: { type, verb } }) => type === 'User' && verb !== 'GET')
  return changes.flatMap(({ operation: { id, verb }, outcome }) => {
    const own = entries.filter(({ requestId, table }) => requestId === id && table === 'users')
    if (isTold(outcome, own)) return []
    const rows = own.map(said).join(', ')
    return [`${verb} ${id} was answered ${outcome.status}, and is in the journal as ${rows}`]
  })
}

function isTold({ status, seen }: Made['outcome'], own: readonly ChangeEntry[]): boolean {
  if (status >= 500) return own.length <= 1
  if (status >= 300) return own.length === 0
  const [entry, ...others] = own
  const [shown] = seen
  if (entry === undefined || others.length > 0) return false
  return shown === undefined || shown.id === entry.subject
}

/** Who has joined a group, and was not deleted since, is in it: no deletion from before takes anything. */
function memberships({ made, groupsOf }: Returns): readonly string[] {
  return made.flatMap((join) => {
    const { operation, outcome, called } = join
    const [user] = operation.add ?? []
    const { resource: group = '' } = operation
    if (user === undefined || outcome.status >= 300) return []
    const isLeft = made.some((each) => isDeletionOf(each, user) && each.returned > called)
    if (isLeft || groupsOf.get(user)?.includes(group) === true) return []
    return [`${user} has joined ${group} by ${operation.id} and is not in it`]
  })
}

function isDeletionOf({ operation, outcome }: Made, user: string): boolean {
  const { verb, resource } = operation
  return verb === 'DELETE' && resource === user && outcome.status !== 404
}
