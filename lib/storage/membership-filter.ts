import { leaf, type ResolvedAttribute } from '../scim/attribute-path.ts'
import { ScimError } from '../scim/errors.ts'
import type { ResolvedFilter } from '../scim/filter/filter.ts'
import type { JsonObject } from '../scim/json.ts'
import type { ResourceType } from '../scim/resource-type.ts'
import type { MembershipLookup, Scope } from './port.ts'

/** The memberships that a filter asks about, to be laid over resources before they are matched. */
export type MembershipsOf = (id: string) => JsonObject

/** A resource of a few is asked about one by one, many are looked up in the set of all that qualify. */
const MOST_SINGLE_QUESTIONS = 32

/** Whether a reference is to the attribute whose values are rows of their own: `members` or `groups`. */
export function isMembership(resourceType: ResourceType, reference: ResolvedAttribute): boolean {
  return (
    reference.extension === undefined &&
    reference.attribute.name === resourceType.membershipAttribute
  )
}

/**
 * The ids that a filter compares `members` or `groups` with, each once.
 * @throws ScimError `invalidFilter` where the filter asks for more of them than whether an id is among them: that
 *   would mean reading all memberships of all groups.
 */
export function comparedIds(resourceType: ResourceType, filter: ResolvedFilter): readonly string[] {
  return [...new Set(idsIn(resourceType, filter))]
}

function idsIn(resourceType: ResourceType, filter: ResolvedFilter): readonly string[] {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return filter.filters.flatMap((each) => idsIn(resourceType, each))
    case 'not':
      return idsIn(resourceType, filter.filter)
    case 'present':
      if (isMembership(resourceType, filter.reference)) throw unsupported(resourceType)
      return []
    case 'comparison':
      return isMembership(resourceType, filter.reference)
        ? [comparedId(resourceType, filter, leaf(filter.reference).name)]
        : []
    case 'valuePath':
      break
  }
  return isMembership(resourceType, filter.reference)
    ? idsInElements(resourceType, filter.filter)
    : []
}

/** `members[value eq "1" or value eq "2"]`: whether an element has one of these ids is all that can be asked. */
function idsInElements(resourceType: ResourceType, filter: ResolvedFilter): readonly string[] {
  if (filter.kind === 'or')
    return filter.filters.flatMap((each) => idsInElements(resourceType, each))
  if (filter.kind !== 'comparison') throw unsupported(resourceType)
  return [comparedId(resourceType, filter, filter.reference.attribute.name)]
}

function comparedId(
  resourceType: ResourceType,
  { operator, value }: ResolvedFilter & { kind: 'comparison' },
  subAttribute: string,
): string {
  if (subAttribute !== 'value' || operator !== 'eq' || typeof value !== 'string') {
    throw unsupported(resourceType)
  }
  return value
}

function unsupported({ membershipAttribute: name }: ResourceType): ScimError {
  return new ScimError(
    'invalidFilter',
    `A filter on "${name}" can compare its value by eq only, and nothing beside it: ${name}[value eq "2819c223"].`,
  )
}

/** The ids of the resources that have an id among their `members` or `groups`, in batches. */
export async function* idsWith(
  lookup: MembershipLookup,
  scope: Scope,
  { membershipAttribute }: ResourceType,
  value: string,
): AsyncGenerator<readonly string[]> {
  if (membershipAttribute === 'groups') {
    yield* lookup.memberIdsOf(scope, value)
    return
  }
  const groups = await lookup.groupsOf(scope, [value])
  yield groups.get(value) ?? []
}

/** What is known before memberships are looked up. */
export interface Candidates {
  /** The ids of the resources that will be matched. */
  readonly ids: readonly string[]
  /** They were found by having this id among their memberships. */
  readonly foundBy?: string | undefined
}

/**
 * Looks the memberships up that a filter asks about. The result gives, for an id, an object with `members` or `groups`
 * cut down to the values the filter names: enough for it to be matched.
 * @param values the ids that the filter compares with.
 */
export async function lookUpMemberships(
  lookup: MembershipLookup,
  scope: Scope,
  resourceType: ResourceType,
  values: readonly string[],
  candidates?: Candidates,
): Promise<MembershipsOf> {
  const sets = await Promise.all(
    values.map(async (value) => {
      if (candidates?.foundBy === value) return new Set(candidates.ids)
      if (
        candidates !== undefined &&
        candidates.ids.length * values.length <= MOST_SINGLE_QUESTIONS
      ) {
        return askEach(lookup, scope, resourceType, value, candidates.ids)
      }
      return collect(idsWith(lookup, scope, resourceType, value))
    }),
  )
  return (id) => {
    const held = values.filter((_, index) => sets[index]?.has(id) === true)
    if (held.length === 0) return {}
    return { [resourceType.membershipAttribute ?? '']: held.map((value) => ({ value })) }
  }
}

async function askEach(
  lookup: MembershipLookup,
  scope: Scope,
  { membershipAttribute }: ResourceType,
  value: string,
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  const answers = await Promise.all(
    ids.map((id) =>
      membershipAttribute === 'members'
        ? lookup.isMember(scope, id, value)
        : lookup.isMember(scope, value, id),
    ),
  )
  return new Set(ids.filter((_, index) => answers[index] === true))
}

async function collect(batches: AsyncIterable<readonly string[]>): Promise<ReadonlySet<string>> {
  const ids = new Set<string>()
  for await (const batch of batches) for (const id of batch) ids.add(id)
  return ids
}
