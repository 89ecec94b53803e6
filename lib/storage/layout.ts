import { leaf, referencePath, resolvePath, type ResolvedAttribute } from '../scim/attribute-path.ts'
import { findAttribute } from '../scim/attribute.ts'
import type { ResourceType } from '../scim/resource-type.ts'
import { uniqueAttributes } from '../scim/unique-attributes.ts'
import { URN } from '../scim/urn.ts'
import { uniqueIndexName } from './keys.ts'
import { storedPath } from './stored-attributes.ts'

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

/** What a store of any kind is made with. */
export interface LayoutOptions {
  readonly layouts?: readonly StorageLayout[]
}

/** @throws TypeError for a resource type without a layout: it would be kept among another type's. */
export function layoutOf(
  layouts: readonly StorageLayout[],
  { name }: Pick<ResourceType, 'name'>,
): StorageLayout {
  const layout = layouts.find(({ resourceType }) => resourceType === name)
  if (layout === undefined) throw new TypeError(`no storage layout for the resource type ${name}`)
  return layout
}

/** The layout of the groups. @throws TypeError unless exactly one of the layouts is guarded. */
export function groupLayout(layouts: readonly StorageLayout[]): StorageLayout {
  const [layout, ...others] = layouts.filter(({ guarded }) => guarded)
  if (layout === undefined || others.length > 0) {
    throw new TypeError('exactly one resource type can have members')
  }
  return layout
}

/**
 * The layouts, when they can be used beside each other.
 * @throws TypeError when two of them would keep their rows among each other.
 */
export function distinctLayouts(layouts: readonly StorageLayout[]): readonly StorageLayout[] {
  for (const { resourceType, table, family, prefix } of layouts) {
    const others = layouts.filter((each) => each.resourceType !== resourceType)
    const mixes = others.some((each) => {
      return each.table === table && (each.family === family || each.prefix === prefix)
    })
    if (mixes || others.length + 1 < layouts.length) {
      throw new TypeError(`the storage layout of ${resourceType} is not distinct from the others`)
    }
  }
  return layouts
}

const known = new WeakMap<StorageLayout, WeakMap<ResourceType, readonly AttributeIndex[]>>()

/**
 * The indexes of a resource type: those of its layout, and one for every attribute that is unique.
 * @throws TypeError when the layout names an attribute that the schemas do not have, or a unique one cannot be compared.
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
  const unique = new Map(
    uniqueAttributes(resourceType)
      .map(({ reference }) => comparedAttribute(reference))
      .map((reference) => [referencePath(reference), reference]),
  )
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
      name: uniqueIndexName(layout, storedPath(reference)),
      path,
      reference,
      unique: true,
    }))
  return [...named, ...others]
}

/** RFC 7643 §2.4: `value` is what a complex attribute is about, and what is compared of it. */
function comparedAttribute(reference: ResolvedAttribute): ResolvedAttribute {
  const { type, subAttributes } = leaf(reference)
  if (type !== 'complex') return reference
  const subAttribute = findAttribute(subAttributes, 'value')
  if (subAttribute !== undefined) return { ...reference, subAttribute }
  throw new TypeError(`${referencePath(reference)} is complex without a value: it cannot be unique`)
}
