import type { AttributeDefinition } from '../scim/attribute-definition.ts'
import { URN } from '../scim/urn.ts'

/** Under which names an attribute is mapped. */
export interface Targets {
  /** As it is put into the attribute list of an application in Entra ID, and answered. */
  readonly target: string
  /** As applications have it that were made for the older URN form. */
  readonly olderTarget: string
  /** Under these names it is taken as well. */
  readonly alsoTaken: readonly string[]
  /** What an identity provider cannot send; absent where all can be sent. */
  readonly restriction?: string
}

/** As Entra ID documents it for attributes that are added to an application's list. */
const SINGLE_SIMPLE_VALUES =
  'Entra ID sends this attribute from applications of its gallery only: others have custom attributes of one simple value each, no references among them.'

/** @param peopleUrn the URN of the people extension. */
export function targets(definition: AttributeDefinition, peopleUrn: string): Targets {
  const { id, schema = peopleUrn, type, multiValued } = definition
  const enterprise = URN.enterpriseUser
  const isSent = !multiValued && type !== 'reference'
  return {
    target: `${schema}:${id}`,
    olderTarget: `${schema}.${id}`,
    alsoTaken: [`${enterprise}:${id}`, `${enterprise}.${id}`],
    ...(isSent ? {} : { restriction: SINGLE_SIMPLE_VALUES }),
  }
}
