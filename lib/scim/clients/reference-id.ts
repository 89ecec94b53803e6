import type { Attribute } from '../attribute.ts'
import { issuedReference } from '../reference.ts'

/** Whether a name is what SCIM 1.1 calls the id in a reference to a SCIM resource: `managerId`. */
export function isReferenceId(attribute: Attribute, name: string): boolean {
  return (
    issuedReference(attribute) !== undefined &&
    name.toLowerCase() === `${attribute.name.toLowerCase()}id`
  )
}
