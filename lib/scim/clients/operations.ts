import type { PatchOperation } from '../patch-operation.ts'
import type { ResourceType } from '../resource-type.ts'
import { coreContainer } from './core-container.ts'
import { pathKeys } from './entra.ts'
import { echoedReadOnly } from './okta.ts'

/** Turns one client's spelling of an operation into what RFC 7644 has for it; hands back everything else as it came. */
type OperationRewrite = (
  resourceType: ResourceType,
  operation: PatchOperation,
) => readonly PatchOperation[]

/** In this order: what is inside a container may be dropped, and what is dropped need not be taken apart. */
const REWRITES: readonly OperationRewrite[] = [coreContainer, echoedReadOnly, pathKeys]

/**
 * An operation as RFC 7644 §3.5.2 would have it written: none, one, or several with the same `index`.
 * @throws ScimError `invalidValue` for a container that is no object.
 */
export function rewriteOperation(
  resourceType: ResourceType,
  operation: PatchOperation,
): readonly PatchOperation[] {
  return REWRITES.reduce<readonly PatchOperation[]>(
    (current, rewrite) => current.flatMap((each) => rewrite(resourceType, each)),
    [operation],
  )
}
