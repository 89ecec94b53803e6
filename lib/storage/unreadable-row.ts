import { isPosition } from './keys.ts'

/** What is named of a row: all of it is there as far as it was read. */
interface NamedRow {
  readonly partitionKey?: unknown
  readonly rowKey?: unknown
  readonly id?: unknown
}

/** Families whose keys hold ids, times and names of ours: any other key may hold what somebody is called. */
const WITHOUT_VALUES: ReadonlySet<string> = new Set([
  'user',
  'group',
  'hidden',
  'invitation',
  'team',
  'teamMember',
  'teamOf',
  'member',
  'memberOf',
  'guard',
  'count',
  'deleted',
  'tenant',
  'token',
  'credential',
  'attribute',
  'lease',
  'task',
  'journal',
  'stats',
  'day',
  'people',
])

/**
 * A row that nobody here has written as it is: somebody has changed it by hand, or a copy is broken. Its message names the row and
 * the column, and never has a value; nor has it a cause, which would quote one.
 */
export class UnreadableRow extends Error {
  override readonly name = 'UnreadableRow'
  /** What the key begins with. */
  readonly family: string
  /** Ids, as the key has them or else the column does; undefined where both hold something else. */
  readonly about: string | undefined
  readonly column: string
  readonly #wanted: string

  /** @param wanted what is not in the column, such as `text`. */
  constructor(row: NamedRow, column: string, wanted: string) {
    const { partitionKey, rowKey } = row
    const [family = '', ...parts] = typeof rowKey === 'string' ? rowKey.split(':') : []
    const about = WITHOUT_VALUES.has(family) ? parts.join(':') : idIn(row)
    const named = [family, about].filter((part) => part !== undefined && part !== '').join(' ')
    const place = typeof partitionKey === 'string' ? ` of ${partitionKey}` : ''
    super(
      `the row${named === '' ? '' : ` ${named}`}${place} has no ${wanted} in its column ${column}`,
    )
    this.family = family
    this.about = about === '' ? undefined : about
    this.column = column
    this.#wanted = wanted
  }

  /** The same of a row whose key was not asked for, named by what the keys begin with among which it is. */
  among(partitionKey: string, beginning: string): UnreadableRow {
    const rowKey = beginning.replace(/:$/, '')
    return new UnreadableRow({ partitionKey, rowKey }, this.column, this.#wanted)
  }
}

function idIn({ id }: NamedRow): string | undefined {
  return typeof id === 'string' && isPosition(id) ? id : undefined
}
