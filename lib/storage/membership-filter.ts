import { leaf, type ResolvedAttribute } from '../scim/attribute-path.ts'
import { ScimError } from '../scim/errors.ts'
import type { ResolvedFilter } from '../scim/filter/filter.ts'
import type { JsonObject } from '../scim/json.ts'
import type { ResourceType } from '../scim/resource-type.ts'
import type { MembershipLookup } from './port.ts'

/** The memberships that a filter asks about, to be laid over resources before they are matched. */
export type MembershipView = (id: string) => JsonObject

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
export function membershipTerms(
  resourceType: ResourceType,
  filter: ResolvedFilter,
): readonly string[] {
  return [...new Set(terms(resourceType, filter))]
}

function terms(resourceType: ResourceType, filter: ResolvedFilter): readonly string[] {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return filter.filters.flatMap((each) => terms(resourceType, each))
    case 'not':
      return terms(resourceType, filter.filter)
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
    ? elementTerms(resourceType, filter.filter)
    : []
}

/** `members[value eq "1" or value eq "2"]`; anything else says something about the elements that are not asked for. */
function elementTerms(resourceType: ResourceType, filter: ResolvedFilter): readonly string[] {
  if (filter.kind === 'or')
    return filter.filters.flatMap((each) => elementTerms(resourceType, each))
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

function unsupported(resourceType: ResourceType): ScimError {
  const name = resourceType.membershipAttribute
  return new ScimError(
    'invalidFilter',
    `Of "${name}" a filter can ask value eq only, nothing beside it: ${name}[value eq "2819c223"].`,
  )
}

/** Whose memberships are looked up. */
export interface Realm {
  readonly tenantId: string
  readonly resourceType: ResourceType
}

/** The ids of the resources that have an id among their `members` or `groups`, in batches. */
export async function* idsWith(
  lookup: MembershipLookup,
  { tenantId, resourceType }: Realm,
  term: string,
): AsyncGenerator<readonly string[]> {
  if (resourceType.membershipAttribute === 'groups') {
    yield* lookup.memberIdsOf(tenantId, term)
    return
  }
  const groups = await lookup.groupsOf(tenantId, [term])
  yield groups.get(term) ?? []
}

/** What is known before memberships are looked up. */
export interface Candidates {
  /** The ids of the resources that will be matched. */
  readonly ids: readonly string[]
  /** Those of them that have an id among their memberships, where that is how they were found. */
  readonly found?: { readonly term: string }
}

/**
 * Looks the memberships up that a filter asks about. The view gives, for an id, an object with `members` or `groups`
 * cut down to the values the filter names: enough for it to be matched.
 */
export async function viewMemberships(
  lookup: MembershipLookup,
  realm: Realm,
  asked: readonly string[],
  candidates?: Candidates,
): Promise<MembershipView> {
  const sets = await Promise.all(
    asked.map((term) => resourcesWith(lookup, realm, term, asked.length, candidates)),
  )
  return (id) => {
    const values = asked.filter((_, index) => sets[index]?.has(id) === true)
    if (values.length === 0) return {}
    return { [realm.resourceType.membershipAttribute ?? '']: values.map((value) => ({ value })) }
  }
}

async function resourcesWith(
  lookup: MembershipLookup,
  realm: Realm,
  term: string,
  termCount: number,
  candidates: Candidates | undefined,
): Promise<ReadonlySet<string>> {
  if (candidates?.found?.term === term) return new Set(candidates.ids)
  if (candidates !== undefined && candidates.ids.length * termCount <= MOST_SINGLE_QUESTIONS) {
    return askEach(lookup, realm, term, candidates.ids)
  }
  return collect(idsWith(lookup, realm, term))
}

async function askEach(
  lookup: MembershipLookup,
  { tenantId, resourceType }: Realm,
  term: string,
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  const isGroup = resourceType.membershipAttribute === 'members'
  const answers = await Promise.all(
    ids.map((id) =>
      isGroup ? lookup.isMember(tenantId, id, term) : lookup.isMember(tenantId, term, id),
    ),
  )
  return new Set(ids.filter((_, index) => answers[index] === true))
}

async function collect(batches: AsyncIterable<readonly string[]>): Promise<ReadonlySet<string>> {
  const ids = new Set<string>()
  for await (const batch of batches) for (const id of batch) ids.add(id)
  return ids
}
