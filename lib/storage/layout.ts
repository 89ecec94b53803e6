import { resolvePath, type ResolvedAttribute } from '../scim/attribute-path.ts'
import type { ResourceType } from '../scim/resource-type.ts'
import { uniqueAttributes } from '../scim/unique-attributes.ts'
import { URN } from '../scim/urn.ts'
import { familyPart } from './keys.ts'

/** An attribute whose equality filter is answered without a scan. */
export interface AttributeIndex {
  /** Names the index rows; never changes once data exists. */
  readonly name: string
  /** Canonical path as `referencePath` prints it, such as `emails.value`. */
  readonly path: string
  readonly reference: ResolvedAttribute
  /** At most one resource of the type has a value, compared by the attribute's caseExact. */
  readonly unique: boolean
}

/** Where and how the resources of one type are kept. */
export interface StorageLayout {
  /** The name of the resource type. */
  readonly resourceType: string
  readonly table: 'users' | 'groups'
  /** The family of the resources' own keys, as in `user:<id>`. */
  readonly family: string
  /**
   * Begins the names of the families that several types in one table would share: counters, deletions, indexes. Empty for
   * the first type of a table.
   */
  readonly prefix: string
  /** An attribute with a column of its own, to be filtered by or read without the rest. */
  readonly promoted?: string
  /** Its resources have members, so each has a guard (see `guardKey`). */
  readonly guarded: boolean
  /** The names of the index rows by the path of the attribute; unique attributes without a name here get one. */
  readonly indexes: Readonly<Record<string, string>>
}

/** The layouts of the resource types that every tenant has. */
export const DEFAULT_LAYOUTS: readonly StorageLayout[] = [
  {
    resourceType: 'User',
    table: 'users',
    family: 'user',
    prefix: '',
    promoted: 'active',
    guarded: false,
    indexes: {
      userName: 'userName',
      externalId: 'externalId',
      'emails.value': 'email',
      [`${URN.enterpriseUser}:employeeNumber`]: 'employeeNumber',
    },
  },
  {
    resourceType: 'Group',
    table: 'groups',
    family: 'group',
    prefix: '',
    promoted: 'displayName',
    guarded: true,
    indexes: { displayName: 'displayName', externalId: 'externalId' },
  },
]

/** @throws TypeError for a resource type without a layout: it would be kept among another type's. */
export function layoutOf(
  layouts: readonly StorageLayout[],
  { name }: Pick<ResourceType, 'name'>,
): StorageLayout {
  const layout = layouts.find(({ resourceType }) => resourceType === name)
  if (layout === undefined) throw new TypeError(`no storage layout for the resource type ${name}`)
  return layout
}

const known = new WeakMap<StorageLayout, WeakMap<ResourceType, readonly AttributeIndex[]>>()

/**
 * The indexes of a resource type: those of its layout, and one for every attribute that is unique.
 * @throws TypeError when the layout names an attribute that the schemas do not have.
 */
export function indexesOf(
  layout: StorageLayout,
  resourceType: ResourceType,
): readonly AttributeIndex[] {
  let byType = known.get(layout)
  if (byType === undefined) known.set(layout, (byType = new WeakMap()))
  let indexes = byType.get(resourceType)
  if (indexes === undefined) byType.set(resourceType, (indexes = makeIndexes(layout, resourceType)))
  return indexes
}

function makeIndexes(layout: StorageLayout, resourceType: ResourceType): readonly AttributeIndex[] {
  const unique = new Map(uniqueAttributes(resourceType).map((each) => [each.path, each.reference]))
  const named = Object.entries(layout.indexes).map(([path, name]): AttributeIndex => {
    const reference = resolvePath(resourceType, path)
    if (reference?.kind !== 'attribute') {
      throw new TypeError(`index ${name} of ${resourceType.name}: no attribute ${path}`)
    }
    return { name: layout.prefix + name, path, reference, unique: unique.has(path) }
  })
  const others = [...unique]
    .filter(([path]) => !Object.hasOwn(layout.indexes, path))
    .map(([path, reference]): AttributeIndex => ({
      name: `${layout.prefix}unique:${familyPart(path)}`,
      path,
      reference,
      unique: true,
    }))
  return [...named, ...others]
}
