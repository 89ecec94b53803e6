import { detail, resourceId } from '../scim/detail.ts'
import { ScimError } from '../scim/errors.ts'
import { foldCase } from '../scim/text.ts'
import type { IndexEntry } from './index-entries.ts'
import type { StorageLayout } from './layout.ts'

/** A name in the form in which `displayName` of groups is compared. */
export function teamFold(name: string): string {
  return foldCase(name)
}

/** A name as people read it: case and blanks make no difference. */
export function looseName(name: string): string {
  return wordsOf(name).join(' ')
}

/** The words of a name, folded. */
export function wordsOf(name: string): readonly string[] {
  return foldCase(name)
    .split(/\s+/u)
    .filter((word) => word !== '')
}

/** The attribute that groups are called by, and the name of its index. */
export function nameIndexOf({ promoted = '', prefix, indexes }: StorageLayout): {
  readonly path: string
  readonly index: string
} {
  return { path: promoted, index: prefix + (indexes[promoted] ?? promoted) }
}

/** The name among the entries of a group, folded. */
export function nameIn(layout: StorageLayout, entries: readonly IndexEntry[]): string | undefined {
  const { path } = nameIndexOf(layout)
  return entries.find(({ index }) => index.path === path)?.value
}

/** Who has a name that a team is to have. */
export interface NameHolder {
  readonly id: string
  /** `adopted` for a team that is a group now, whose name is another one than its own. */
  readonly is: 'team' | 'group' | 'adopted'
}

/** The error for a name that another has: it says who. */
export function nameTaken({ id, is }: NameHolder): ScimError {
  if (is === 'adopted') {
    const what = detail`Team ${resourceId(id)} was made with this name, and keeps it: the identity provider calls its group otherwise, and when that is deleted the team has its own name again.`
    return new ScimError('uniqueness', what)
  }
  const whose = is === 'team' ? 'Another team' : 'A group of the identity provider'
  return new ScimError('uniqueness', detail`${whose} has this name: id ${resourceId(id)}.`)
}
