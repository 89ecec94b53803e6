import { checkDistinctKeys } from '../patch/distinct-keys.ts'
import type { OperationRewrite, PatchOperation } from '../patch/operation.ts'
import type { ResourceType } from '../resource-type.ts'
import { coreContainer } from './core-container.ts'
import { pathKeys } from './entra.ts'
import { echoedReadOnly } from './okta.ts'

/** In this order: what is inside a container may be dropped, and what is dropped need not be taken apart. */
const REWRITES: readonly OperationRewrite[] = [coreContainer, echoedReadOnly, pathKeys]

/**
 * The operations as RFC 7644 §3.5.2 would have them written, each with the `index` of the one it comes from. Rewriting
 * them again changes nothing.
 *
 * @throws ScimError `invalidSyntax` for an attribute given twice in one operation, `invalidValue` for a container that
 *   is no object.
 */
export function rewriteOperations(
  resourceType: ResourceType,
  operations: readonly PatchOperation[],
): readonly PatchOperation[] {
  for (const operation of operations) checkDistinctKeys(resourceType, operation)
  return REWRITES.reduce(
    (current, rewrite) => current.flatMap((operation) => rewrite(resourceType, operation)),
    operations,
  )
}
