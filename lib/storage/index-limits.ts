import { LIMITS } from '../scim/limits.ts'
import { entriesOf, requireStorable, type IndexedValues, type IndexEntry } from './index-entries.ts'
import type { AttributeIndex } from './layout.ts'

/**
 * Checks how many values a resource has in indexes after a change. What it has already is never too much: of an index that
 * came later, or of before there was a limit. Folds no value unless there may be too many.
 * @param before what the indexes have of it; empty for a new resource.
 * @returns whether the declared attributes have more values than can be written together, all of them as before, or some: their
 *   rows are left to the filling of the indexes.
 * @throws ScimError `invalidValue` when the change sets too many.
 */
export function isOverfull(
  before: readonly IndexedValues[],
  after: readonly IndexedValues[],
): boolean {
  const declared = after.filter(({ index }) => index.declared)
  const isOver = countOf(declared) > LIMITS.declaredEntries
  if (!isOver && countOf(after) <= LIMITS.indexEntries) return false
  const isKept = isOver && declared.every((values) => hadAll(before, values))
  const others = after.filter(({ index }) => !index.declared)
  requireStorable([
    ...(isNoMore(before, after) ? [] : others.flatMap(entriesOf)),
    ...(isKept ? [] : declared.flatMap(entriesOf)),
  ])
  return isKept
}

function countOf(values: readonly IndexedValues[]): number {
  return values.reduce((sum, each) => sum + each.values.length, 0)
}

/** Whether an index has nothing but what it had. */
function hadAll(before: readonly IndexedValues[], { index, values }: IndexedValues): boolean {
  const old = before.find((each) => each.index.name === index.name)
  if (old === undefined) return values.length === 0
  const written = new Set(old.values)
  if (values.every((value) => written.has(value))) return true
  const had = new Set(entriesOf(old).map(({ value }) => value))
  return entriesOf({ index, values }).every(({ value }) => had.has(value))
}

function isNoMore(before: readonly IndexedValues[], after: readonly IndexedValues[]): boolean {
  if (after.every((values) => hadAll(before, values))) return true
  return after.flatMap(entriesOf).length <= before.flatMap(entriesOf).length
}

/** Rows of indexes that the creation of a resource can write beside its own, its guard's, its name's and its counter's. */
const MOST_ROWS = 90

/** While the index of an attribute that the tenant has declared is filled, what does not fit into it is left to the filling. */
export function isUnfilled({ declared, complete }: AttributeIndex): boolean {
  return declared && !complete
}

/**
 * The entries that are written of a resource that was elsewhere: it may have more values than one that is created now.
 * @throws ScimError `invalidValue` for more than can be written at once.
 */
export function broughtEntries(all: readonly IndexedValues[]): readonly IndexEntry[] {
  const declared = all.filter(({ index }) => index.declared)
  const isOver = countOf(declared) > LIMITS.declaredEntries || countOf(all) > LIMITS.indexEntries
  const written = isOver ? all.filter(({ index }) => !isUnfilled(index)) : all
  const entries = written.flatMap(entriesOf)
  if (entries.length > MOST_ROWS) requireStorable(entries)
  return entries
}
