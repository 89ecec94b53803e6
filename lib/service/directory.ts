import { parseFilter } from '../scim/filter/parse.ts'
import { resolveFilter } from '../scim/filter/resolve.ts'
import { own } from '../scim/json.ts'
import type { StoredResource } from '../scim/resource.ts'
import { memberTypeOf } from '../scim/resource-id.ts'
import type { ResourceType } from '../scim/resource-type.ts'
import { uniqueAttributes } from '../scim/unique-attributes.ts'
import { URN } from '../scim/urn.ts'
import { NO_DEADLINE } from '../storage/deadline.ts'
import type { ResourceStore, Scope } from '../storage/port.ts'

/** Of several that are called the same, so many. */
const MOST_NAMED = 5

/** A resource as it is recognised. */
interface Recognised {
  readonly id: string
  readonly name?: string
  readonly manager?: string
}

/** Looks resources up by name or id, each by its index: a million of them cost no more than one. */
export function directoryOf(
  store: Pick<ResourceStore, 'list' | 'getAll'>,
  resourceTypes: readonly ResourceType[],
): {
  readonly named: (partitionKey: string, name: string) => Promise<readonly Recognised[]>
  readonly known: (partitionKey: string, ids: readonly string[]) => Promise<readonly Recognised[]>
} {
  return {
    async named(partitionKey, name) {
      const searches = resourceTypes.flatMap((type) =>
        namesOf(type).map((path) => {
          const filter = resolveFilter(type, parseFilter(`${path} eq ${JSON.stringify(name)}`))
          const query = { filter, startIndex: 1, count: MOST_NAMED }
          return store.list(scopeOf(partitionKey), type, query)
        }),
      )
      const pages = await Promise.all(searches)
      return pages.flatMap(({ resources }) => resources.map(recognised))
    },
    async known(partitionKey, ids) {
      const reads = resourceTypes.map((type) =>
        store.getAll(
          scopeOf(partitionKey),
          type,
          ids.filter((id) => mayBe(type, id)),
        ),
      )
      return (await Promise.all(reads)).flat().map(recognised)
    },
  }
}

function scopeOf(partitionKey: string): Scope {
  return { partitionKey, deadline: NO_DEADLINE }
}

/** By what a type is found: what nobody else has, and what the client calls it. */
function namesOf(type: ResourceType): readonly string[] {
  return [...uniqueAttributes(type).map(({ path }) => path), 'externalId']
}

/** Ids tell groups from others; one that is not ours may be of any type. */
function mayBe({ membershipAttribute }: ResourceType, id: string): boolean {
  const type = memberTypeOf(id)
  return type === undefined || (type === 'Group') === (membershipAttribute === 'members')
}

function recognised({ id, attributes }: StoredResource): Recognised {
  const name = attributes['displayName'] ?? attributes['userName']
  const manager = own(own(attributes[URN.enterpriseUser], 'manager'), 'value')
  return {
    id,
    ...(typeof name === 'string' ? { name } : {}),
    ...(typeof manager === 'string' ? { manager } : {}),
  }
}
