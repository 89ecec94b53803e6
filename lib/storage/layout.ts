import { leaf, referencePath, resolvePath, type ResolvedAttribute } from '../scim/attribute-path.ts'
import { findAttribute } from '../scim/attribute.ts'
import type { IndexKind } from '../scim/attribute-definition.ts'
import type { DeclaredIndex, ResourceType } from '../scim/resource-type.ts'
import { uniqueAttributes } from '../scim/unique-attributes.ts'
import { URN } from '../scim/urn.ts'
import { uniqueIndexName, valuesIndexName } from './keys.ts'
import { storedPath } from './stored-attributes.ts'
import { LATER_INDEXES } from './tenant-port.ts'

/** An attribute whose equality filter is answered without a scan. */
export interface AttributeIndex {
  /** Names the index rows; never changes once data exists. */
  readonly name: string
  /** Canonical path as `referencePath` prints it, such as `emails.value`. */
  readonly path: string
  readonly reference: ResolvedAttribute
  /** At most one resource of the type has a value, compared by the attribute's caseExact. */
  readonly unique: boolean
  /** It has all values that the tenant has: filters can be answered by it. */
  readonly complete: boolean
  /** Of an attribute that a tenant has declared: a resource's row has the keys of its rows. */
  readonly declared: boolean
  /** Added when there were data: a resource's row says whether it was written with it. */
  readonly later: boolean
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
  /** The names of the index rows by the path of the attribute as `storedPath` has it; unique attributes without a name here get one. */
  readonly indexes: Readonly<Record<string, string>>
  /** The one of them whose values are counted. */
  readonly counted?: string
  /** Names of those of them that were added when there were data; none when absent. */
  readonly laterIndexes?: readonly string[]
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
      [`${URN.enterpriseUser}:manager.value`]: 'manager',
      'people:level': 'level',
      'name.familyName': 'familyName',
      'name.givenName': 'givenName',
    },
    counted: 'level',
    laterIndexes: LATER_INDEXES,
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
      .map((reference) => [storedPath(reference), reference]),
  )
  const { laterIndexes = [] } = layout
  const { unfilledIndexes = [], declaredIndexes = [] } = resourceType
  const named = Object.entries(layout.indexes).map(([path, name]): AttributeIndex => {
    const reference = resolveStored(resourceType, path)
    if (reference === undefined) {
      throw new TypeError(`index ${name} of ${resourceType.name}: no attribute ${path}`)
    }
    return {
      name: layout.prefix + name,
      path: referencePath(reference),
      reference,
      unique: unique.has(path),
      complete: !unfilledIndexes.includes(name),
      declared: false,
      later: laterIndexes.includes(name),
    }
  })
  const declared = declaredIndexes.flatMap((each) => ofDeclared(layout, each))
  const present = new Set([
    ...Object.keys(layout.indexes),
    ...declaredIndexes.map(({ reference }) => storedPath(reference)),
  ])
  const others = [...unique]
    .filter(([path]) => !present.has(path))
    .map(([path, reference]): AttributeIndex => ({
      name: uniqueIndexName(layout, path),
      path: referencePath(reference),
      reference,
      unique: true,
      complete: true,
      declared: false,
      later: false,
    }))
  return [...named, ...others, ...declared]
}

/** The rows that are written of a declared attribute. */
function ofDeclared(
  layout: StorageLayout,
  { reference, written, complete }: DeclaredIndex,
): readonly AttributeIndex[] {
  return written.map((kind) => ({
    name: declaredIndexName(layout, storedPath(reference), kind),
    path: referencePath(reference),
    reference,
    unique: kind === 'unique',
    complete,
    declared: true,
    later: false,
  }))
}

const knownNames = new WeakMap<ResourceType, ReadonlySet<string>>()

/** The names of all indexes that attributes may have, or may have had, that a tenant has declared. */
export function declaredIndexNames(
  layout: StorageLayout,
  resourceType: ResourceType,
): ReadonlySet<string> {
  let names = knownNames.get(resourceType)
  if (names === undefined) {
    const { declaredIndexes = [] } = resourceType
    const paths = declaredIndexes.map(({ reference }) => storedPath(reference))
    names = new Set(
      paths.flatMap((path) => INDEX_KINDS.map((kind) => declaredIndexName(layout, path, kind))),
    )
    knownNames.set(resourceType, names)
  }
  return names
}

const INDEX_KINDS: readonly IndexKind[] = ['unique', 'values']

function declaredIndexName(layout: StorageLayout, path: string, kind: IndexKind): string {
  return kind === 'unique' ? uniqueIndexName(layout, path) : valuesIndexName(layout, path)
}

/** The attribute that is kept at a path, whatever the URN of its extension is. */
function resolveStored(resourceType: ResourceType, path: string): ResolvedAttribute | undefined {
  for (const { schema } of resourceType.extensions) {
    const { storedAs } = schema
    if (storedAs === undefined || !path.startsWith(`${storedAs}:`)) continue
    const found = resolvePath(resourceType, schema.id + path.slice(storedAs.length))
    if (found?.kind === 'attribute') return found
  }
  const target = resolvePath(resourceType, path)
  return target?.kind === 'attribute' ? target : undefined
}

/** RFC 7643 §2.4: `value` is what a complex attribute is about, and what is compared of it. */
function comparedAttribute(reference: ResolvedAttribute): ResolvedAttribute {
  const { type, subAttributes } = leaf(reference)
  if (type !== 'complex') return reference
  const subAttribute = findAttribute(subAttributes, 'value')
  if (subAttribute !== undefined) return { ...reference, subAttribute }
  throw new TypeError(`${referencePath(reference)} is complex without a value: it cannot be unique`)
}
