import { familyPart, idPart, MAX_ID_PART, sharedPart, valuePart, valuePrefix } from './key-text.ts'
import type { StorageLayout } from './layout.ts'

/**
 * The only place where keys of rows are made, beside team-keys.ts. A key is its family's name and parts, joined by colons, such as
 * `user:<id>` or `email:<value>:<id>`; key-text.ts tells how texts become parts.
 *
 * Families of one table must not share a name: the names in these files and those of the layouts (lib/storage/layout.ts),
 * whose prefix keeps what each resource type has apart.
 */

/** Azure takes 1,024 characters in a key, Azurite 512. */
export const MAX_KEY_LENGTH = 512

/** Sorts behind every character that a part can begin with, and before none. */
const BEHIND_ALL = '~'
/** Sorts before every character of a key: a key with it appended is the next position behind that key. */
const JUST_BEHIND = '!'

/** RowKeys from `from` (included) up to `to` (not included). */
export interface KeyRange {
  readonly from: string
  readonly to: string
}

/** All keys of a family, or all in it that begin alike. */
export function rangeOf(beginning: string): KeyRange {
  return { from: beginning, to: beginning + BEHIND_ALL }
}

/** The rows from one key to another, both included. */
export function rangeThrough(from: string, to: string): KeyRange {
  return { from, to: to + JUST_BEHIND }
}

/** What is left of a range behind a key in it. */
export function rangeBehind(range: KeyRange, key: string): KeyRange {
  return { from: key + JUST_BEHIND, to: range.to }
}

type Family = Pick<StorageLayout, 'family'>
type Prefix = Pick<StorageLayout, 'prefix'>

function resourceFamily({ family }: Family): string {
  return `${family}:`
}

/** The key of a resource. */
export function resourceKey(layout: Family, id: string): string {
  return resourceFamily(layout) + idPart(id)
}

/** Where an id stands in the order of ids: compares as plain text, in the same way as the keys of resources. */
export function positionOf(id: string): string {
  return idPart(id)
}

/** Resources and members are listed in this order of their ids, which for UUIDs is that of their text. */
export function compareIds(one: string, other: string): number {
  const [left, right] = [positionOf(one), positionOf(other)]
  if (left === right) return 0
  return left < right ? -1 : 1
}

/** Whether a text can be a position; the empty one stands before all ids. */
export function isPosition(text: string): boolean {
  return text.length <= MAX_ID_PART && /^[A-Za-z0-9._@+=-]*$/.test(text)
}

/** The keys of all resources, or of those behind a position. */
export function resourceRange(layout: Family, behind?: string): KeyRange {
  const whole = rangeOf(resourceFamily(layout))
  if (behind === undefined || behind === '') return whole
  return rangeBehind(whole, resourceFamily(layout) + behind)
}

/** Splits the rest of a range of resource keys so that each slice spans `share` (0 to 1) of all possible ids. */
export function slicesOf(layout: Family, range: KeyRange, share: number): readonly KeyRange[] {
  const family = resourceFamily(layout)
  const start = Math.floor(shareBefore(layout, range.from) * HEX_SPACE)
  const step = Math.max(Math.ceil(share * HEX_SPACE), HEX_SPACE / MOST_SLICES)
  const bounds = [range.from]
  for (let at = start + step; at < HEX_SPACE; at += step) {
    const bound = family + at.toString(16).padStart(HEX_DIGITS, '0')
    // Ids that do not begin with hexadecimal digits may stand behind it all the same.
    if (bound > range.from && bound < range.to) bounds.push(bound)
  }
  return between([...bounds, range.to])
}

const HEX_DIGITS = 6
const HEX_SPACE = 16 ** HEX_DIGITS
const MOST_SLICES = 4096

/** The share (0 to 1) of all possible ids that stand before a resource's key: ids are random hexadecimal digits. */
export function shareBefore(layout: Family, key: string): number {
  const id = key.slice(resourceFamily(layout).length)
  const digits = /^[0-9a-f]*/.exec(id)?.[0].slice(0, HEX_DIGITS) ?? ''
  return Number.parseInt(digits.padEnd(HEX_DIGITS, '0'), 16) / HEX_SPACE
}

/** The ranges between bounds that follow each other. */
export function between(bounds: readonly string[]): readonly KeyRange[] {
  return bounds.slice(1).map((to, index) => ({ from: bounds[index] ?? to, to }))
}

/** Counters of resources, by the first two hexadecimal digits of the id. */
export const BUCKETS = 256

function bucketName(bucket: number): string {
  return bucket.toString(16).padStart(2, '0')
}

/** The counter that an id belongs to, 0 to 255. Buckets follow the order of ids, for any id. */
export function bucketOf(id: string): number {
  return bucketAt(idPart(id))
}

/** The same of where an id stands. */
export function bucketAt(position: string): number {
  let bucket = BUCKETS - 1
  while (bucket > 0 && position < bucketName(bucket)) bucket -= 1
  return bucket
}

/** The keys of the resources that a counter counts, in 16 ranges that follow each other. */
export function bucketRanges(layout: Family, bucket: number): readonly KeyRange[] {
  const whole = resourceRange(layout)
  const family = resourceFamily(layout)
  const from = bucket === 0 ? whole.from : family + bucketName(bucket)
  const to = bucket === BUCKETS - 1 ? whole.to : family + bucketName(bucket + 1)
  const inner = Array.from({ length: 15 }, (_, index) => {
    return family + bucketName(bucket) + (index + 1).toString(16)
  })
  return between([from, ...inner, to])
}

function counterFamily({ prefix }: Prefix): string {
  return `${prefix}count:`
}

/** The key of a counter. */
export function counterKey(layout: Prefix, bucket: number): string {
  return counterFamily(layout) + bucketName(bucket)
}

/** The counter that a key is of. */
export function bucketOfCounterKey(layout: Prefix, key: string): number {
  return Number.parseInt(key.slice(counterFamily(layout).length), 16)
}

/** The keys of all counters. */
export function counterRange(layout: Prefix): KeyRange {
  return rangeOf(counterFamily(layout))
}

/** The same in 16 ranges that follow each other. */
export function counterRanges(layout: Prefix): readonly KeyRange[] {
  return Array.from({ length: 16 }, (_, digit) =>
    rangeOf(counterFamily(layout) + digit.toString(16)),
  )
}

/** The name of the index of a unique attribute to which the layout gives none. */
export function uniqueIndexName({ prefix }: Prefix, path: string): string {
  return `${prefix}unique:${familyPart(path)}`
}

/** The name of the index that notes who has a value of an attribute that a tenant has declared. */
export function valuesIndexName({ prefix }: Prefix, path: string): string {
  return `${prefix}values:${familyPart(path)}`
}

/** The key that holds a unique value. */
export function uniqueKey(index: string, value: string): string {
  return `${index}:${valuePart(value)}`
}

/** The key that notes that a resource has a value. */
export function indexKey(index: string, value: string, id: string): string {
  return `${index}:${valuePart(value)}:${idPart(id)}`
}

/** The keys of all resources that have a value. */
export function indexRange(index: string, value: string): KeyRange {
  return rangeOf(`${index}:${valuePart(value)}:`)
}

/**
 * The keys of a unique or other index whose values begin with a text; of values or texts that are too long for a key
 * possibly some more, never one less.
 */
export function prefixRange(index: string, prefix: string): KeyRange {
  return rangeOf(`${index}:${valuePrefix(prefix)}`)
}

function deletionFamily({ prefix }: Prefix): string {
  return `${prefix}deleted:`
}

/** The key that notes a deletion whose clean-up is under way. */
export function deletionKey(layout: Prefix, id: string): string {
  return deletionFamily(layout) + idPart(id)
}

/** The keys of all deletions whose clean-up is under way. */
export function deletionRange(layout: Prefix): KeyRange {
  return rangeOf(deletionFamily(layout))
}

function hiddenFamily({ prefix }: Prefix): string {
  return `${prefix}hidden:`
}

/** The key of an account that is kept out of sight. */
export function hiddenKey(layout: Prefix, id: string): string {
  return hiddenFamily(layout) + idPart(id)
}

/** The keys of all accounts that are kept out of sight, or of those behind a position. */
export function hiddenRange(layout: Prefix, behind = ''): KeyRange {
  const whole = rangeOf(hiddenFamily(layout))
  return behind === '' ? whole : rangeBehind(whole, hiddenFamily(layout) + behind)
}

/** The name of the index by which such an account is recognised when it returns: its keys are those of `indexKey`. */
export function hiddenIndexName({ prefix }: Prefix, path: string): string {
  return `${prefix}hiddenBy:${familyPart(path)}`
}

/** The key of the gate through which those arrive, and leave, who have a value; many values share a gate. */
export function gateKey({ prefix }: Prefix, index: string, value: string): string {
  return `${prefix}gate:${sharedPart(uniqueKey(index, value))}`
}

const INVITATION_FAMILY = 'invitation:'

/** The key that notes that an invitation is due. */
export function invitationKey({ prefix }: Prefix, id: string): string {
  return `${prefix}${INVITATION_FAMILY}${idPart(id)}`
}

/** The keys of all invitations that are due, or of those behind a position. */
export function invitationRange({ prefix }: Prefix, behind = ''): KeyRange {
  const family = prefix + INVITATION_FAMILY
  const whole = rangeOf(family)
  return behind === '' ? whole : rangeBehind(whole, family + behind)
}

/**
 * The key that notes that a group is being cleared away whose id stays with a team made by hand. Each such deletion has a
 * key of its own: the id may be a group's again, and be deleted again, while somebody still is at the first one.
 */
export function returnKey(layout: Prefix, id: string, position: string): string {
  return `${deletionKey(layout, id)}:${position}`
}

/** The keys of all deletions of an id whose clean-up is under way, and possibly of ids that begin with it. */
export function deletionsOf(layout: Prefix, id: string): KeyRange {
  return rangeOf(deletionKey(layout, id))
}

/**
 * The key of a group's guard: a row that is inserted in the transaction that creates the group and deleted in the
 * transaction that deletes it. Every change of members updates it with `If-Match: *`, so none can succeed once the group
 * is deleted. The group's own row cannot serve: it stays for a while as a tombstone, because a transaction can make a
 * conditional update of a row, but no conditional delete (the tables' SDK sends no ETag with it).
 */
export function guardKey(groupId: string): string {
  return `guard:${idPart(groupId)}`
}

/** The key of a membership, seen from the group. */
export function memberKey(groupId: string, memberId: string): string {
  return memberRange(groupId).from + idPart(memberId)
}

/** The keys of a group's members. */
export function memberRange(groupId: string): KeyRange {
  return rangeOf(`member:${idPart(groupId)}:`)
}

/** The key of a membership, seen from the member. */
export function memberOfKey(memberId: string, groupId: string): string {
  return memberOfRange(memberId).from + idPart(groupId)
}

/** The keys of the groups that a member is in. */
export function memberOfRange(memberId: string): KeyRange {
  return rangeOf(`memberOf:${idPart(memberId)}:`)
}

/** The keys of the groups that anybody is in. */
export function allMemberOf(): KeyRange {
  return rangeOf('memberOf:')
}

const POSITION = /^(\d{13})-([a-z0-9]{8})$/
const FINGERPRINT = /^(?:[0-9a-f]{8}|more)$/
const MILLISECOND_DIGITS = 13
const LAST_MILLISECOND = 9_999_999_999_999
const JOURNAL_FAMILY = 'journal:'

/**
 * The key of a change in the journal: the newest stands first.
 * @throws TypeError for what is no `journalPosition`.
 */
export function journalKey(position: string): string {
  const [, milliseconds, random] = POSITION.exec(position) ?? []
  if (milliseconds === undefined || random === undefined) {
    throw new TypeError(`not a position in the journal: ${position}`)
  }
  return `${momentKey(Number(milliseconds))}-${random}`
}

/**
 * The key of equal refusals of some minutes: among the changes, where those minutes end.
 * @throws TypeError for a fingerprint that is none.
 */
export function refusalKey(end: number, fingerprint: string): string {
  if (!FINGERPRINT.test(fingerprint)) throw new TypeError(`not a fingerprint: ${fingerprint}`)
  return `${momentKey(end)}-r${fingerprint}`
}

/** What the keys of a millisecond begin with; those before it in time stand behind it. */
function momentKey(milliseconds: number): string {
  const moment = Math.min(Math.max(Math.trunc(milliseconds), 0), LAST_MILLISECOND)
  return JOURNAL_FAMILY + inverse(String(LAST_MILLISECOND - moment))
}

function inverse(milliseconds: string): string {
  return milliseconds.padStart(MILLISECOND_DIGITS, '0')
}

/** The position that a key in the journal is made of. */
export function positionOfJournalKey(key: string): string {
  const position = key.slice(JOURNAL_FAMILY.length)
  const moment = LAST_MILLISECOND - Number(position.slice(0, MILLISECOND_DIGITS))
  return inverse(String(moment)) + position.slice(MILLISECOND_DIGITS)
}

/** The milliseconds since 1970 of a key in the journal. */
export function momentOfJournalKey(key: string): number {
  return LAST_MILLISECOND - inverseOf(key)
}

/** The keys in the journal between two times in milliseconds since 1970, both included; what is absent is no bound. */
export function journalRange({
  since,
  until,
}: {
  readonly since?: number | undefined
  readonly until?: number | undefined
}): KeyRange {
  return {
    from: until === undefined ? JOURNAL_FAMILY : momentKey(until),
    to: (since === undefined ? JOURNAL_FAMILY : momentKey(since)) + BEHIND_ALL,
  }
}

const MOST_JOURNAL_SLICES = 64
const SHORTEST_SLICE = 60_000
const SLICE_GROWTH = 1.2

/**
 * Cuts the rest of a range of the journal behind a key into slices of time, each somewhat longer than the one before.
 * @param first the first key that was read of the range, and `reached` the last: so long are the slices at first.
 */
export function journalSlices(
  range: KeyRange,
  first: string,
  reached: string,
): readonly KeyRange[] {
  const [start, end] = [inverseOf(first), inverseOf(reached)]
  let length = Math.max(end - start, SHORTEST_SLICE)
  const bounds = [rangeBehind(range, reached).from]
  for (let at = end + length; bounds.length < MOST_JOURNAL_SLICES; at += length) {
    const bound = JOURNAL_FAMILY + inverse(String(Math.ceil(at)))
    if (at > LAST_MILLISECOND || bound >= range.to) break
    bounds.push(bound)
    length *= SLICE_GROWTH
  }
  return between([...bounds, range.to])
}

function inverseOf(key: string): number {
  return Number(key.slice(JOURNAL_FAMILY.length, JOURNAL_FAMILY.length + MILLISECOND_DIGITS))
}

/** What is counted of a tenant by hour or day, and by instance where each has its own. */
export type CountFamily = 'stats' | 'day' | 'people'

/** The key of what was counted in an hour (`YYYY-MM-DDTHH`) or on a day (`YYYY-MM-DD`). */
export function countKey(family: CountFamily, period: string, instance?: string): string {
  return `${family}:${period}${instance === undefined ? '' : `:${instance}`}`
}

/** The keys of what was counted before an hour or day. */
export function countRangeBefore(family: CountFamily, period: string): KeyRange {
  return { from: `${family}:`, to: `${family}:${period}` }
}

/** The keys of what was counted from one hour or day to another, both included. */
export function countRange(family: CountFamily, from: string, to: string): KeyRange {
  return { from: `${family}:${from}`, to: `${family}:${to}${BEHIND_ALL}` }
}

/** The key of a tenant in its own partition. */
export const TENANT_KEY = 'tenant'

const TOKEN_FAMILY = 'token:'
const CREDENTIAL_FAMILY = 'credential:'

/** The key of a tenant's Secret Token. */
export function tokenKey(tokenId: string): string {
  return TOKEN_FAMILY + tokenId
}

/** The key of a tenant's credential of any other kind. */
export function credentialKey(credentialId: string): string {
  return CREDENTIAL_FAMILY + credentialId
}

/** The credential that a key is of; undefined when it is of something else. */
export function credentialIdOf(key: string): string | undefined {
  const family = [TOKEN_FAMILY, CREDENTIAL_FAMILY].find((each) => key.startsWith(each))
  return family === undefined ? undefined : key.slice(family.length)
}

/** The keys of all credentials of a tenant. */
export const CREDENTIAL_RANGES: readonly [tokens: KeyRange, others: KeyRange] = [
  rangeOf(TOKEN_FAMILY),
  rangeOf(CREDENTIAL_FAMILY),
]

const ATTRIBUTE_FAMILY = 'attribute:'

/** The key of an attribute that a tenant has declared: ids are equal in any case. */
export function attributeKey(id: string): string {
  return ATTRIBUTE_FAMILY + familyPart(id.toLowerCase())
}

/** The keys of all that a tenant has declared. */
export const ATTRIBUTE_RANGE: KeyRange = rangeOf(ATTRIBUTE_FAMILY)

/** Whether a key is of an attribute. */
export function isAttributeKey(key: string): boolean {
  return key.startsWith(ATTRIBUTE_FAMILY)
}

/** Partitions of the table `tenants` that are no tenant's: no tenant id has an underscore. */
export const SUMMARIES = '_tenants'
export const ISSUERS = '_issuers'
export const ACCESS_KEYS = '_keys'
export const MAINTENANCE = '_maintenance'

/** The key of a claim on the tokens of an Entra tenant. */
export function issuerKey(entraTenantId: string): string {
  return `entra:${valuePart(entraTenantId)}`
}

/** The key of a public key of access tokens. */
export function accessKeyKey(kid: string): string {
  return `key:${valuePart(kid)}`
}

/** The key of the maintenance's lease. */
export const LEASE_KEY = 'lease'

/** The key of what is done of a task of the maintenance. */
export function taskKey(name: string): string {
  return `task:${name}`
}
