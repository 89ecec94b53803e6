import { leaf } from '../attribute-path.ts'
import { rewriteOperations } from '../clients/operations.ts'
import { ScimError } from '../errors.ts'
import type { ResolvedFilter } from '../filter/filter.ts'
import { matchesValue } from '../filter/match.ts'
import { isObject, type JsonValue } from '../json.ts'
import { toMembers } from '../member.ts'
import { resolvePatchPath, type PatchTarget } from '../path.ts'
import type { Member } from '../resource.ts'
import type { ResourceType } from '../resource-type.ts'
import type { PatchOperation } from './parse.ts'

/** The net effect of all member operations of a PATCH: a member is named once. */
export interface MembershipPatch {
  /** Everyone who is not in `add` goes. */
  readonly replaceAll: boolean
  readonly add: readonly Member[]
  readonly remove: readonly string[]
  /** Members who match one of these go too, unless they are in `add`. */
  readonly removeMatching: readonly ResolvedFilter[]
}

interface Collected {
  replaceAll: boolean
  readonly add: Map<string, Member>
  readonly remove: Set<string>
  readonly removeMatching: ResolvedFilter[]
}

/**
 * Takes the operations on `members` out of a PATCH of a group (RFC 7644 §3.5.2), in every shape that clients send
 * (ENT-GRP-02 to ENT-GRP-04, GEN-GRP-05): members are rows of their own and are changed without reading the others.
 * @returns the operations on other attributes as `rewriteOperations` has them.
 * @throws ScimError `invalidValue`, `invalidPath`, `mutability`, `noTarget`; `invalidSyntax` for members given twice in
 *   one operation.
 */
export function separateMemberOperations(
  resourceType: ResourceType,
  operations: readonly PatchOperation[],
): { memberships?: MembershipPatch; others: readonly PatchOperation[] } {
  if (resourceType.membershipAttribute !== 'members') return { others: operations }
  const collected: Collected = {
    replaceAll: false,
    add: new Map(),
    remove: new Set(),
    removeMatching: [],
  }
  let found = false
  const others: PatchOperation[] = []
  for (const operation of rewriteOperations(resourceType, operations)) {
    naming(operation, () => {
      const parts = memberParts(resourceType, operation)
      found ||= parts.target !== undefined
      if (parts.target !== undefined) collect(collected, operation, parts.target, parts.value)
      if (parts.other !== undefined) others.push(parts.other)
    })
  }
  return found ? { memberships: netEffect(collected), others } : { others }
}

/** Has errors begin with the operation's position, as those of the other attributes do. */
function naming({ index }: PatchOperation, work: () => void): void {
  try {
    work()
  } catch (error) {
    if (!(error instanceof ScimError)) throw error
    throw new ScimError(error.kind, `Operation ${index}: ${error.detail}`, { cause: error })
  }
}

type MemberTarget = PatchTarget & { kind: 'attribute' }

/** Splits one operation: what is about members, and what is left of it. */
function memberParts(
  resourceType: ResourceType,
  operation: PatchOperation,
): { target?: MemberTarget; value?: JsonValue | undefined; other?: PatchOperation } {
  if (operation.path !== undefined) {
    const target = resolvePatchPath(resourceType, operation.path)
    if (!isMembers(target)) return { other: operation }
    return { target, value: operation.value }
  }
  if (!isObject(operation.value)) return { other: operation }
  const entries = Object.entries(operation.value)
  const mine = entries.find(([key]) => key.toLowerCase() === 'members')
  if (mine === undefined) return { other: operation }
  const rest = entries.filter((entry) => entry !== mine)
  const target = resolvePatchPath(resourceType, 'members')
  if (!isMembers(target)) return { other: operation }
  return {
    target,
    value: mine[1],
    // fromEntries defines own properties, so a key such as `__proto__` stays a plain key.
    ...(rest.length === 0 ? {} : { other: { ...operation, value: Object.fromEntries(rest) } }),
  }
}

function isMembers(target: PatchTarget): target is MemberTarget {
  return target.kind === 'attribute' && target.reference.attribute.name === 'members'
}

function collect(
  collected: Collected,
  operation: PatchOperation,
  target: MemberTarget,
  value: JsonValue | undefined,
): void {
  const sub = target.reference.subAttribute?.name
  if (sub !== undefined && sub !== 'value') checkSubAttribute(sub)
  else if (target.filter !== undefined) collectFiltered(collected, operation, target.filter, sub)
  else if (sub !== undefined && changesValues(operation, value)) throw immutable('members.value')
  else if (operation.op === 'remove') collectRemoval(collected, value)
  else collectAddition(collected, operation, value)
}

/** `members.value` is every member's: to remove or replace it is to change them all. */
function changesValues({ op }: PatchOperation, value: JsonValue | undefined): boolean {
  return op === 'replace' || (op === 'remove' && isNothing(value))
}

/** `remove` with a value takes away those, without one all (ENT-GRP-03, GEN-GRP-05). */
function collectRemoval(collected: Collected, value: JsonValue | undefined): void {
  if (isNothing(value)) return clear(collected)
  for (const { value: id } of toMembers(value, 'members')) removeMember(collected, id)
}

function collectAddition(
  collected: Collected,
  operation: PatchOperation,
  value: JsonValue | undefined,
): void {
  if (value === undefined) {
    throw new ScimError('invalidValue', `${operation.op} needs a value.`)
  }
  if (operation.op === 'replace') clear(collected)
  if (isNothing(value)) return
  for (const member of toMembers(value, 'members')) addMember(collected, member)
}

/** `members[…]`: RFC 7644 §3.5.2.2 for remove; value, type and $ref of a member are immutable (RFC 7643 §4.2). */
function collectFiltered(
  collected: Collected,
  operation: PatchOperation,
  filter: ResolvedFilter,
  sub: string | undefined,
): void {
  const ids = idsOf(filter)
  if (operation.op === 'remove') {
    if (sub !== undefined) throw immutable('members.value')
    if (ids === undefined) return removeByFilter(collected, filter)
    for (const id of ids) removeMember(collected, id)
    return
  }
  const [id, ...more] = ids ?? []
  if (id === undefined || more.length > 0) {
    throw new ScimError('noTarget', `${operation.op} works on members[value eq "<id>"] only.`)
  }
  const given = givenMembers(operation.value, id)
  if (given.some(({ value }) => value !== id)) throw immutable('members.value')
  for (const member of given) addMember(collected, member)
}

function givenMembers(value: JsonValue | undefined, id: string): readonly Member[] {
  if (isNothing(value)) return toMembers(id, 'members')
  return toMembers(isObject(value) ? { value: id, ...value } : value, 'members')
}

function isNothing(value: JsonValue | undefined): value is undefined | null | '' {
  return value === undefined || value === null || value === ''
}

/** `display` is not kept, so that setting it changes nothing; the rest of a member is immutable. */
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

function addMember(collected: Collected, member: Member): void {
  collected.remove.delete(member.value)
  collected.add.set(member.value, member)
}

function removeMember(collected: Collected, id: string): void {
  collected.add.delete(id)
  collected.remove.add(id)
}

function removeByFilter(collected: Collected, filter: ResolvedFilter): void {
  for (const [id, member] of collected.add) {
    if (matchesValue(filter, { ...member })) collected.add.delete(id)
  }
  collected.removeMatching.push(filter)
}

function clear(collected: Collected): void {
  collected.replaceAll = true
  collected.add.clear()
  collected.remove.clear()
  collected.removeMatching.length = 0
}

function netEffect(collected: Collected): MembershipPatch {
  return {
    replaceAll: collected.replaceAll,
    add: [...collected.add.values()],
    remove: collected.replaceAll ? [] : [...collected.remove],
    removeMatching: collected.replaceAll ? [] : collected.removeMatching,
  }
}

function immutable(path: string): ScimError {
  return new ScimError(
    'mutability',
    `${path} is immutable. Remove the member and add the other one.`,
  )
}
