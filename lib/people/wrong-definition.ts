import type { AttributeDefinition } from '../scim/attribute-definition.ts'
import { ScimError, type ErrorKind } from '../scim/errors.ts'

/** A definition that cannot be as it is wanted: which of its members is wrong, for whoever has sent it. */
export class WrongDefinition extends ScimError {
  readonly member: keyof AttributeDefinition

  constructor(kind: ErrorKind, member: keyof AttributeDefinition, detail: string) {
    super(kind, detail)
    this.member = member
  }
}
