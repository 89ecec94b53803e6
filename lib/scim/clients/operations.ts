import type { OperationRewrite, PatchOperation } from '../patch/operation.ts'
import type { ResourceType } from '../resource-type.ts'
import { pathKeys } from './entra.ts'
import { echoedReadOnly } from './okta.ts'

/** In this order: what is dropped need not be taken apart. */
const REWRITES: readonly OperationRewrite[] = [echoedReadOnly, pathKeys]

/** The operations as RFC 7644 §3.5.2 would have them written, each with the `index` of the one it comes from. */
export function rewriteOperations(
  resourceType: ResourceType,
  operations: readonly PatchOperation[],
): readonly PatchOperation[] {
  return REWRITES.reduce(
    (current, rewrite) => current.flatMap((operation) => rewrite(resourceType, operation)),
    operations,
  )
}
