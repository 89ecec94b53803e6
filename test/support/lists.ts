import type { JsonValue } from '../../lib/scim/json.ts'

const LABELS: ReadonlySet<string> = new Set(['type', 'primary'])

/** Whether a list is one that the endpoint takes: with a value in it, or empty on purpose. */
export function isTakenList(list: readonly JsonValue[]): boolean {
  return list.some(hasValue) || list.every(isEmptyOnPurpose)
}

function hasValue(element: JsonValue): boolean {
  if (element === null || typeof element !== 'object') return element !== null && element !== ''
  return Object.entries(element).some(([name, part]) => !LABELS.has(name) && hasValue(part))
}

function isEmptyOnPurpose(element: JsonValue): boolean {
  if (element === null || typeof element !== 'object') return element === null
  const names = Object.keys(element)
  return names.length === 0 || !names.every((name) => LABELS.has(name))
}
