import { leaf } from '../attribute-path.ts'
import type { Attribute } from '../attribute.ts'
import { ScimError } from '../errors.ts'
import type { ResolvedFilter } from '../filter/filter.ts'
import { isObject, type JsonValue } from '../json.ts'
import { membersAttribute, toMembers } from '../member.ts'
import type { OperationName } from '../patch-operation.ts'
import type { Member } from '../resource.ts'
import type { ResourceType } from '../resource-type.ts'
import { refuseUnknownOnly } from '../validate/unknown-names.ts'
import { refuseNothingSaid } from '../validate/nothing-said.ts'
import { atOperation } from './at-operation.ts'
import type { Comparisons } from './comparisons.ts'
import type { AttributeTarget, ResolvedOperation } from './resolved-operation.ts'

/** The members that a filter matches, and the operation that has it. */
export interface MemberFilter {
  /** 1-based position in the request's `Operations`, for errors. */
  readonly index: number
  readonly filter: ResolvedFilter
}

/** The net effect of all member operations of a PATCH: a member is named once. */
export interface MembershipPatch {
  /** Everyone who is not in `add` goes. */
  readonly replaceAll: boolean
  readonly add: readonly Member[]
  readonly remove: readonly string[]
  /** Members who match one of these go too, unless they are in `add`. */
  readonly removeMatching: readonly MemberFilter[]
}

/**
 * Whether one of the filters of `removeMatching` matches a member. The function is for all members of a group in one
 * PATCH, whose comparisons it counts.
 * @throws ScimError `invalidValue`, by that function, when there are more than LIMITS.patchComparisons.
 */
export function memberMatcher(
  filters: readonly MemberFilter[],
  comparisons: Comparisons,
): (member: Member) => boolean {
  return (member) => {
    const element = { ...member }
    return filters.some(({ index, filter }) => {
      atOperation(index, () => {
        comparisons.charge([element], filter)
      })
      return comparisons.matches(filter, element)
    })
  }
}

/**
 * The operations on the members of a group (RFC 7644 §3.5.2), in every shape that clients send (ENT-GRP-02 to
 * ENT-GRP-04, GEN-GRP-05): members are kept apart from the group and are changed without reading the others.
 */
export class MemberOperations {
  readonly #resourceType: ResourceType
  readonly #attribute: Attribute | undefined
  readonly #comparisons: Comparisons
  readonly #add = new Map<string, Member>()
  readonly #remove = new Set<string>()
  #removeMatching: MemberFilter[] = []
  #replaceAll = false
  #isEmpty = true

  /** @param comparisons those of reading the PATCH. */
  constructor(resourceType: ResourceType, comparisons: Comparisons) {
    this.#comparisons = comparisons
    this.#resourceType = resourceType
    this.#attribute = membersAttribute(resourceType)
  }

  /**
   * Takes an operation if it is about members. The generator yields whenever other requests should have their turn.
   * @returns whether it is.
   * @throws ScimError `invalidValue`, `mutability`, `noTarget`; the detail starts with the operation's position.
   */
  *take(operation: ResolvedOperation): Generator<undefined, boolean, undefined> {
    const { index, target } = operation
    if (target.kind !== 'attribute' || target.reference.attribute !== this.#attribute) return false
    this.#isEmpty = false
    const matching = atOperation(index, () => this.#change(operation, target))
    if (matching !== undefined) yield* this.#removeMatchingMembers(matching)
    return true
  }

  /** @returns a filter to be compared with those who were added. */
  #change(
    { index, op, value }: ResolvedOperation,
    target: AttributeTarget,
  ): MemberFilter | undefined {
    const { attribute } = target.reference
    const sub = target.reference.subAttribute?.name
    if (sub !== undefined && sub !== 'value') checkSubAttribute(sub)
    else if (target.filter !== undefined) {
      if (op === 'remove') return this.#removeFiltered({ index, filter: target.filter }, sub)
      this.#addFiltered(op, attribute, target.filter, value)
    } else if (sub !== undefined && changesValues(op, value)) throw immutable('members.value')
    else if (op === 'remove') this.#removeListed(value)
    else this.#addListed(op, attribute, value)
    return undefined
  }

  /** What the operations come to; undefined when there are none. */
  netEffect(): MembershipPatch | undefined {
    if (this.#isEmpty) return undefined
    return {
      replaceAll: this.#replaceAll,
      add: [...this.#add.values()],
      remove: [...this.#remove],
      removeMatching: this.#removeMatching,
    }
  }

  /** `remove` with a value takes away those (ENT-GRP-03), an empty id nobody; without one all (RFC 7644 §3.5.2.2). */
  #removeListed(value: JsonValue): void {
    if (value === null) this.#clear()
    else for (const { value: id } of toMembers(this.#resourceType, value)) this.#removeMember(id)
  }

  #addListed(op: OperationName, attribute: Attribute, value: JsonValue): void {
    const members = value === null ? [] : toMembers(this.#resourceType, value)
    if (op === 'replace') {
      if (members.length === 0) refuseNothingSaid(attribute, value, attribute.name)
      this.#clear()
    }
    for (const member of members) this.#addMember(member)
  }

  /** `members[…]`: RFC 7644 §3.5.2.2. */
  #removeFiltered(matching: MemberFilter, sub: string | undefined): MemberFilter | undefined {
    if (sub !== undefined) throw immutable('members.value')
    const ids = idsOf(matching.filter)
    if (ids === undefined) return matching
    for (const id of ids) this.#removeMember(id)
    return undefined
  }

  /** `members[value eq "…"]`: value, type and $ref of a member are immutable (RFC 7643 §4.2), so it is added or stays. */
  #addFiltered(
    op: OperationName,
    attribute: Attribute,
    filter: ResolvedFilter,
    value: JsonValue,
  ): void {
    const [id, ...more] = idsOf(filter) ?? []
    if (id === undefined || more.length > 0) {
      throw new ScimError('noTarget', `${op} with a filter works on members[value eq "<id>"] only.`)
    }
    if (isObject(value)) refuseUnknownOnly(attribute, value, attribute.name)
    const given = isNothing(value) ? id : isObject(value) ? { value: id, ...value } : value
    const members = toMembers(this.#resourceType, given)
    if (members.some((member) => member.value !== id)) throw immutable('members.value')
    for (const member of members) this.#addMember(member)
  }

  #addMember(member: Member): void {
    this.#remove.delete(member.value)
    this.#add.set(member.value, member)
  }

  #removeMember(id: string): void {
    this.#add.delete(id)
    // Of those who all go, none is named.
    if (!this.#replaceAll) this.#remove.add(id)
  }

  *#removeMatchingMembers(matching: MemberFilter): Generator<undefined, void, undefined> {
    const isMatched = memberMatcher([matching], this.#comparisons)
    for (const [id, member] of this.#add) {
      if (this.#comparisons.isTurnOver()) yield
      if (isMatched(member)) this.#add.delete(id)
    }
    if (!this.#replaceAll) this.#removeMatching.push(matching)
  }

  #clear(): void {
    this.#replaceAll = true
    this.#add.clear()
    this.#remove.clear()
    this.#removeMatching = []
  }
}

/** `members.value` is every member's: to remove or replace it is to change them all. */
function changesValues(op: OperationName, value: JsonValue): boolean {
  return op === 'replace' || (op === 'remove' && isNothing(value))
}

function isNothing(value: JsonValue): value is null | '' {
  return value === null || value === ''
}

/** `display` is not kept, so that setting it changes nothing; all else of a member is immutable. */
function checkSubAttribute(name: string): void {
  if (name !== 'display') throw immutable(`members.${name}`)
}

/** The ids that a filter names, when it is nothing but `value eq "…"`, alone or joined by `or`. */
function idsOf(filter: ResolvedFilter): readonly string[] | undefined {
  if (filter.kind === 'or') {
    const ids = filter.filters.map(idsOf)
    return ids.every((each) => each !== undefined) ? ids.flat() : undefined
  }
  if (filter.kind !== 'comparison' || filter.operator !== 'eq') return undefined
  if (leaf(filter.reference).name !== 'value' || typeof filter.value !== 'string') return undefined
  return [filter.value]
}

function immutable(path: string): ScimError {
  return new ScimError(
    'mutability',
    `${path} is immutable. Remove the member and add the other one instead.`,
  )
}
