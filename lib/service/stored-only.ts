import { referencePath, type ResolvedAttribute } from '../scim/attribute-path.ts'
import { ScimError } from '../scim/errors.ts'
import type { ResolvedFilter } from '../scim/filter/filter.ts'
import { MANAGER_NAME } from './managers.ts'

/** The attribute whose parts a filter in brackets is about. */
type Inside = ResolvedAttribute | undefined

/**
 * Refuses a filter by the name of a manager: it is read from the manager where it is shown, and is nowhere to be found by.
 * @throws ScimError `invalidFilter` that says what to filter by.
 */
export function requireStored(filter: ResolvedFilter, inside?: Inside): void {
  switch (filter.kind) {
    case 'and':
    case 'or':
      for (const each of filter.filters) requireStored(each, inside)
      return
    case 'not':
      requireStored(filter.filter, inside)
      return
    case 'valuePath':
      requireStored(filter.filter, filter.reference)
      return
    case 'present':
    case 'comparison':
      break
  }
  const { reference } = filter
  const whole = inside === undefined ? reference : { ...inside, subAttribute: reference.attribute }
  if (referencePath(whole) !== MANAGER_NAME) return
  throw new ScimError(
    'invalidFilter',
    `${MANAGER_NAME} is not stored with the report: find the manager by displayName, and filter by manager eq "<id>".`,
  )
}
