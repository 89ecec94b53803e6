import { wantedIndex, type AttributeDefinition } from '../scim/attribute-definition.ts'
import type { DeclaredAttribute, IndexState } from './tenant-port.ts'

type Indexed = Pick<DeclaredAttribute, 'index'>

/**
 * The index of an attribute that is declared. What users have of it can only have been written with it, unless it was
 * declared and removed before.
 */
export function declaredIndex(
  before: DeclaredAttribute | undefined,
  made: AttributeDefinition & Pick<DeclaredAttribute, 'created'>,
): Indexed {
  const wanted = wantedIndex(made)
  if (before !== undefined) return restarted(before, made, made.created)
  if (wanted.length === 0) return {}
  const { created: since } = made
  return { index: { written: wanted, complete: true, since, leftovers: false, clashes: [] } }
}

/** The index of an attribute after a change. */
export function changedIndex(
  before: DeclaredAttribute,
  after: AttributeDefinition,
  now: Date,
): Indexed {
  const isSame = wantedIndex(before).join() === wantedIndex(after).join()
  if (!isSame) return restarted(before, after, now.toISOString())
  return before.index === undefined ? {} : { index: before.index }
}

/**
 * The index of an attribute that is removed: instances that do not know it yet still ask it, and its rows stay as its
 * values do until the maintenance takes them out.
 */
export function removedIndex({ index }: DeclaredAttribute, at: string): Indexed {
  if (index === undefined) return {}
  return { index: { ...index, complete: false, since: at, leftovers: true, clashes: [] } }
}

/** What was written stays so for now: instances that do not know of the change yet still ask it. */
function restarted(
  { index }: Indexed,
  after: AttributeDefinition,
  since: string,
): { readonly index: IndexState } {
  const written = [...new Set([...wantedIndex(after), ...(index?.written ?? [])])]
  const leftovers = index?.leftovers ?? false
  return { index: { written, complete: false, since, leftovers, clashes: [] } }
}

export function isSameIndex(one: IndexState | undefined, other: IndexState | undefined): boolean {
  return textOf(one) === textOf(other)
}

function textOf(index: IndexState | undefined): string {
  if (index === undefined) return ''
  const { written, complete, since, leftovers, clashes } = index
  return JSON.stringify([written, complete, since, leftovers, clashes])
}

/** Whether users have to be looked through, now or later, for an attribute to be in its index and in no other. */
export function isPending({
  index,
  removed,
}: Pick<DeclaredAttribute, 'index' | 'removed'>): boolean {
  if (index === undefined) return false
  return index.leftovers || (removed === undefined && !index.complete)
}

/** Whether nothing else is written of an attribute than what is wanted. */
export function isWanted({ index, ...definition }: DeclaredAttribute): boolean {
  return wantedIndex(definition).join() === (index?.written ?? []).join()
}

/** The index of an attribute once no instance asks what is not wanted any more. */
export function settledIndex(definition: DeclaredAttribute, now: Date): IndexState {
  const written = wantedIndex(definition)
  return { written, complete: false, since: now.toISOString(), leftovers: true, clashes: [] }
}
