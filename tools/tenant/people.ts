import { GROUP, USER } from '../../lib/scim/default-resource-types.ts'
import type { ResolvedFilter } from '../../lib/scim/filter/filter.ts'
import { parseFilter } from '../../lib/scim/filter/parse.ts'
import { resolveFilter } from '../../lib/scim/filter/resolve.ts'
import type { JsonObject, JsonValue } from '../../lib/scim/json.ts'
import type { StoredResource } from '../../lib/scim/resource.ts'
import type { ResourceType } from '../../lib/scim/resource-type.ts'
import { NO_DEADLINE } from '../../lib/storage/deadline.ts'
import type { ResourceStore, Scope } from '../../lib/storage/port.ts'
import { requireTenant } from '../../lib/tenants/tenants.ts'
import { UsageError } from '../command-line.ts'
import type { OptionValues } from './command-line.ts'
import type { Workplace } from './commands.ts'
import { cutToWidth } from './display-width.ts'
import { columns, minute, type Outcome } from './text.ts'

/** Listed when neither --count nor --all says how many. */
const DEFAULT_COUNT = 100

/** Columns that a name or externalId has in a table at most; --json has all of it. */
const CELL_WIDTH = 60

/** What the operator sees of a tenant's users and groups. */
export type PeopleStore = Pick<ResourceStore, 'list' | 'listFrom' | 'getAll'>

/** What a command lists. */
interface Kind {
  readonly resourceType: ResourceType
  readonly plural: 'users' | 'groups'
  /** Where a text is looked for. */
  readonly searched: readonly string[]
  /** Those that --json has. */
  readonly attributes: readonly string[]
  /** What a table has, by the headings of its columns. */
  readonly columns: Readonly<Record<string, string>>
}

export const USERS: Kind = {
  resourceType: USER,
  plural: 'users',
  searched: ['userName', 'displayName', 'externalId', 'emails.value'],
  attributes: ['userName', 'displayName', 'active', 'externalId'],
  columns: {
    ID: 'id',
    'USER NAME': 'userName',
    ACTIVE: 'active',
    'EXTERNAL ID': 'externalId',
    'LAST MODIFIED': 'lastModified',
  },
}

/** Without the number of members: a group has no counter, they would all have to be read. */
export const GROUPS: Kind = {
  resourceType: GROUP,
  plural: 'groups',
  searched: ['displayName', 'externalId'],
  attributes: ['displayName', 'externalId'],
  columns: {
    ID: 'id',
    'DISPLAY NAME': 'displayName',
    'EXTERNAL ID': 'externalId',
    'LAST MODIFIED': 'lastModified',
  },
}

/** How many users and groups a tenant has; by the counters, so that a million cost no more than one. */
export async function countPeople(
  people: PeopleStore,
  partitionKey: string,
): Promise<{ readonly users: number; readonly groups: number }> {
  const scope = { partitionKey, deadline: NO_DEADLINE }
  const [users, groups] = await Promise.all([
    total(people, scope, USERS),
    total(people, scope, GROUPS),
  ])
  return { users, groups }
}

/**
 * Lists users or groups, those alone that have the second operand in one of `searched`, case ignored.
 * @throws ScimError `notFound`, `invalidFilter`; UsageError.
 */
export async function listPeople(
  kind: Kind,
  { store, people, say }: Workplace,
  [id = '', text]: readonly string[],
  options: OptionValues,
): Promise<Outcome> {
  const count = countOf(options)
  const filter = text === undefined ? undefined : containing(kind, text)
  const { partitionKey } = await requireTenant(store, id)
  const scope = { partitionKey, deadline: NO_DEADLINE }
  const { found, more } = await collect(people, scope, kind, count, filter)
  if (more) {
    const all = filter === undefined ? await total(people, scope, kind) : undefined
    say(thereAreMore(kind, found.length, all))
  }
  const json = { tenant: { id }, [kind.plural]: found, more }
  if (found.length > 0) return { text: table(kind, found), json }
  const where = filter === undefined ? '' : ` with that text in any of ${kind.searched.join(', ')}`
  return { text: `tenant ${id} has no ${kind.plural}${where}`, json }
}

/** Page after page, until there are as many as are wanted; of each no more is held than is shown. */
async function collect(
  people: PeopleStore,
  scope: Scope,
  kind: Kind,
  count: number,
  filter: ResolvedFilter | undefined,
): Promise<{ readonly found: readonly JsonObject[]; readonly more: boolean }> {
  const found: JsonObject[] = []
  const matching = filter === undefined ? {} : { filter }
  let behind: { readonly after?: string } = {}
  for (;;) {
    const { resources, next } = await people.listFrom(scope, kind.resourceType, {
      ...matching,
      ...behind,
      count: count - found.length,
    })
    for (const stored of resources) found.push(shown(kind, stored))
    if (next === undefined || found.length >= count) return { found, more: next !== undefined }
    behind = { after: next }
  }
}

function shown(kind: Kind, { id, created, lastModified, attributes }: StoredResource): JsonObject {
  const present = kind.attributes.flatMap((name) => {
    const value = attributes[name]
    return value === undefined ? [] : [[name, value] as const]
  })
  return { id, ...Object.fromEntries(present), created, lastModified }
}

function table({ columns: shownColumns }: Kind, found: readonly JsonObject[]): string {
  const names = Object.values(shownColumns)
  const rows = found.map((each) => names.map((name) => cell(name, each[name])))
  return columns([Object.keys(shownColumns), ...rows])
}

function cell(name: string, value: JsonValue | undefined): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (typeof value !== 'string') return ''
  return name === 'lastModified' ? minute(value) : cutToWidth(value, CELL_WIDTH)
}

/** How many to list. @throws UsageError */
export function countOf({ count, all = false }: OptionValues): number {
  if (count === undefined) return all ? Number.POSITIVE_INFINITY : DEFAULT_COUNT
  if (all) throw new UsageError('--count and --all exclude each other; give one')
  if (/^[1-9]\d{0,8}$/.test(count)) return Number(count)
  throw new UsageError(`--count must be a whole number from 1, not "${count}"`)
}

/** A filter that any of `searched` can satisfy. An externalId is compared without its case as well: people type it. */
function containing({ resourceType, searched }: Kind, text: string): ResolvedFilter {
  const wanted = text.trim()
  if (wanted === '') throw new UsageError('the text to look for is empty')
  const filters = searched.map((path) =>
    caseIgnored(resolveFilter(resourceType, parseFilter(`${path} co ${JSON.stringify(wanted)}`))),
  )
  return { kind: 'or', filters }
}

function caseIgnored(filter: ResolvedFilter): ResolvedFilter {
  if (filter.kind !== 'comparison') return filter
  const { reference } = filter
  const attribute = { ...reference.attribute, caseExact: false }
  return { ...filter, reference: { ...reference, attribute } }
}

async function total(people: PeopleStore, scope: Scope, { resourceType }: Kind): Promise<number> {
  const { totalResults } = await people.list(scope, resourceType, { startIndex: 1, count: 0 })
  return totalResults
}

function thereAreMore({ plural }: Kind, found: number, all: number | undefined): string {
  const [first, of] = [found, all].map((each) => each?.toLocaleString('en-US'))
  const which =
    of === undefined ? `${first} ${plural} with that text` : `${first} of ${of} ${plural}`
  return `the first ${which} are listed; --count N or --all lists more`
}
