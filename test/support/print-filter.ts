import type { Filter } from '../../lib/scim/filter/filter.ts'

/**
 * Writes a filter in the notation of RFC 7644 §3.4.2.2: `parseFilter(printFilter(f))` is `f` up to positions, with
 * chains of `and` and of `or` as one list each.
 */
export function printFilter(filter: Filter): string {
  switch (filter.kind) {
    case 'and':
      return filter.filters.map(printOperand).join(' and ')
    case 'or':
      return filter.filters.map(printFilter).join(' or ')
    case 'not':
      return `not (${printFilter(filter.filter)})`
    case 'present':
      return `${filter.path.text} pr`
    case 'comparison':
      return `${filter.path.text} ${filter.operator} ${JSON.stringify(filter.value)}`
    case 'valuePath':
      break
  }
  return `${filter.path.text}[${printFilter(filter.filter)}]`
}

/** `and` binds tighter than `or` (RFC 7644 §3.4.2.2). */
function printOperand(filter: Filter): string {
  return filter.kind === 'or' ? `(${printFilter(filter)})` : printFilter(filter)
}
