import { referencePath, type ResolvedAttribute } from './attribute-path.ts'
import type { Attribute } from './attribute.ts'
import { containersOf } from './container.ts'
import type { ResourceType } from './resource-type.ts'

/** An attribute whose value at most one resource of the type may have. */
export interface UniqueAttribute {
  readonly reference: ResolvedAttribute
  /** As `referencePath` prints it. */
  readonly path: string
}

const known = new WeakMap<ResourceType, readonly UniqueAttribute[]>()

/**
 * The attributes and sub-attributes that clients may write and whose schema says `uniqueness` `server` or `global`
 * (RFC 7643 §7), those of extensions included.
 */
export function uniqueAttributes(resourceType: ResourceType): readonly UniqueAttribute[] {
  let unique = known.get(resourceType)
  if (unique === undefined) {
    unique = containersOf(resourceType).flatMap(({ extension, attributes }) => {
      const container = extension === undefined ? {} : { extension }
      return attributes
        .flatMap((attribute): ResolvedAttribute[] => [
          { ...container, attribute },
          ...attribute.subAttributes.map((subAttribute) => ({
            ...container,
            attribute,
            subAttribute,
          })),
        ])
        .filter(({ attribute, subAttribute }) => isUnique(subAttribute ?? attribute))
        .map((reference) => ({ reference, path: referencePath(reference) }))
    })
    known.set(resourceType, unique)
  }
  return unique
}

function isUnique({ uniqueness, mutability }: Attribute): boolean {
  return uniqueness !== 'none' && mutability !== 'readOnly'
}
