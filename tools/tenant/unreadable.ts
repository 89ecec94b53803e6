import { ScimError } from '../../lib/scim/errors.ts'
import { UnreadableRow } from '../../lib/storage/unreadable-row.ts'

/** What rows are of, by the family of their keys. */
const TYPES: Readonly<Record<string, string>> = {
  user: 'User',
  hidden: 'User',
  group: 'Group',
  member: 'Group',
  team: 'Team',
  teamMember: 'Team',
}

/** Lines of a tenant as they come; a row that nobody can read ends them in one line that says what to do. */
export async function* untilUnreadable<Each, End>(
  id: string,
  lines: AsyncGenerator<Each, End>,
): AsyncGenerator<Each, End> {
  try {
    return yield* lines
  } catch (error) {
    if (!(error instanceof UnreadableRow)) throw error
    const { family, about = 'without an id', column } = error
    const what = `${TYPES[family] ?? 'row'} ${about}`
    throw new ScimError(
      'internal',
      `tenant ${id}: nobody can read the ${what} (${family}/${column}); npm run tenant -- check ${id} finds all such rows`,
    )
  }
}
