import { attribute, type Schema } from '../attribute.ts'
import { URN } from '../urn.ts'

/**
 * RFC 7643 §8.7.1 with errata 5368, 6011, and `members.value` case exact as every id is (erratum 8472 says so for
 * manager.value). `displayName` is unique without regard to case (published as
 * `server`): Entra needs exactly one hit for a name, see docs/decisions.md.
 */
export const GROUP_SCHEMA: Schema = {
  id: URN.group,
  name: 'Group',
  description: 'Group',
  attributes: [
    attribute({
      name: 'displayName',
      type: 'string',
      description: 'A human-readable name for the Group. REQUIRED.',
      required: true,
      uniqueness: 'server',
      format: 'visibleName',
      // Entra ID lets a name end with blanks and line breaks, which no one sees (BR3-12).
      trimmed: true,
    }),
    attribute({
      name: 'members',
      type: 'complex',
      description: 'A list of members of the Group.',
      multiValued: true,
      subAttributes: [
        attribute({
          name: 'value',
          type: 'string',
          description: 'Identifier of the member of this Group.',
          caseExact: true,
          format: 'resourceId',
          trimmed: true,
          mutability: 'immutable',
        }),
        attribute({
          name: '$ref',
          type: 'reference',
          description: 'The URI corresponding to a SCIM resource that is a member of this Group.',
          mutability: 'immutable',
          referenceTypes: ['User', 'Group'],
        }),
        attribute({
          name: 'type',
          type: 'string',
          description: "A label indicating the type of resource, e.g., 'User' or 'Group'.",
          mutability: 'immutable',
          canonicalValues: ['User', 'Group'],
        }),
        attribute({
          name: 'display',
          type: 'string',
          description: 'A human-readable name for the group member.',
          mutability: 'immutable',
        }),
      ],
    }),
  ],
}
