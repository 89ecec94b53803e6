import { referencePath } from '../attribute-path.ts'
import { rewriteOperation } from '../clients/operations.ts'
import { unwrapped } from '../clients/wrapped.ts'
import type { PatchOperation } from '../patch-operation.ts'
import type { ResourceType } from '../resource-type.ts'
import { ignoredInOperation } from '../validate/ignored-names.ts'
import { atOnce } from './at-once.ts'
import { atOperation } from './at-operation.ts'
import { Comparisons } from './comparisons.ts'
import { checkKeys } from './keys.ts'
import { MemberOperations, type MembershipPatch } from './members.ts'
import { checkCount, parsePatch } from './parse.ts'
import { resolveOperation } from './resolve.ts'
import type { ResolvedOperation } from './resolved-operation.ts'

/** A PATCH, read: what needs no resource to be known. */
export interface Patch {
  /** For `applyPatch`, in their order, those on the members of a group left out. */
  readonly operations: readonly ResolvedOperation[]
  /** What the operations on the members of a group come to; undefined when there are none. */
  readonly members: MembershipPatch | undefined
  /**
   * The canonical paths that `operations` name, extensions by their URN. RFC 7643 §7: what is returned on request comes
   * back too when "the attribute was specified by the client".
   */
  readonly named: ReadonlySet<string>
  /** The names in it that are ignored, see `ignoredInOperation`. */
  readonly ignored: readonly string[]
}

/**
 * Reads a PATCH (RFC 7644 §3.5.2), once: the message, the spellings of known clients, the paths and the filters in them.
 * The generator yields whenever other requests should have their turn.
 *
 * @throws ScimError `invalidSyntax`, `invalidValue`, `invalidPath`, `invalidFilter`, `noTarget`, `mutability`; the detail
 *   starts with the operation's 1-based position where it is about one.
 */
export function* readPatch(
  resourceType: ResourceType,
  body: unknown,
): Generator<undefined, Patch, undefined> {
  const operations: ResolvedOperation[] = []
  const comparisons = new Comparisons()
  const memberOperations = new MemberOperations(resourceType, comparisons)
  const named = new Set<string>()
  const ignored: string[] = []
  let count = 0
  for (const written of parsePatch(body)) {
    if (comparisons.endsTurn()) yield
    const plain = atOperation(written.index, () => plainOperation(resourceType, written))
    for (const name of ignoredInOperation(resourceType, plain)) ignored.push(name)
    const rewritten = atOperation(written.index, () => rewriteOperation(resourceType, plain))
    checkCount((count += rewritten.length))
    for (const each of rewritten) {
      for (const operation of resolved(resourceType, each)) {
        if (yield* memberOperations.take(operation)) continue
        operations.push(operation)
        named.add(pathOf(operation))
      }
    }
  }
  return { operations, members: memberOperations.netEffect(), named, ignored }
}

/** As `readPatch`, without a pause. */
export function readPatchAtOnce(resourceType: ResourceType, body: unknown): Patch {
  return atOnce(readPatch(resourceType, body))
}

/** The operation without the wrapping of its value, each of its attributes given once. */
function plainOperation(resourceType: ResourceType, written: PatchOperation): PatchOperation {
  const plain = unwrapped(resourceType, written)
  checkKeys(resourceType, plain)
  return plain
}

function resolved(
  resourceType: ResourceType,
  operation: PatchOperation,
): readonly ResolvedOperation[] {
  return atOperation(operation.index, () => resolveOperation(resourceType, operation))
}

function pathOf({ target }: ResolvedOperation): string {
  return target.kind === 'extension' ? target.extension.id : referencePath(target.reference)
}
