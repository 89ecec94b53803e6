import { createHash } from 'node:crypto'
import type { ResourceType } from '../scim/resource-type.ts'

/**
 * The only place where keys of rows are made. A key is its family's name and parts, joined by colons, such as
 * `user:<id>` or `email:<value>:<id>`. Parts are encoded so that different texts never give the same part, the parts of
 * texts that begin alike begin alike, and nothing comes out that a key may not have on Azure (`/ \ # ?`, control
 * characters) or that clients stumbled over (`%`, anything outside ASCII). A part consists of `A-Z a-z 0-9 . _ @ + -`
 * and `=XX` for each other UTF-8 byte.
 *
 * Families of one table must not share a name: the names in this file, `guard` in membership-keys.ts, and those of the
 * resource types' indexes.
 */

/** Azure takes 1,024 characters in a key, Azurite 512. */
export const MAX_KEY_LENGTH = 512

/** Longest encoded id in a key; a membership's key holds two. */
const MAX_ID_PART = 160
/** Longest encoded value of an attribute; the key of an index row holds one and an id. */
const MAX_VALUE_PART = 300
/** `==` and a SHA-256 in hex. No encoded text holds `==`, so a shortened part is never the part of another text. */
const DIGEST_LENGTH = 66

/** Sorts behind every character that a part can begin with, and before none. */
const BEHIND_ALL = '~'
/** Sorts before every character of a key: a key with it appended is the next position behind that key. */
const JUST_BEHIND = '!'

/** RowKeys from `from` (included) up to `to` (not included). */
export interface KeyRange {
  readonly from: string
  readonly to: string
}

/** Counters of resources, by the first two hexadecimal digits of the id. */
export const BUCKETS = 256

const encoder = new TextEncoder()

function escapeCharacter(character: string): string {
  const code = character.codePointAt(0) ?? 0
  // TextEncoder makes every lone surrogate U+FFFD; their own (generalised UTF-8) bytes keep them apart.
  const bytes =
    code >= 0xd800 && code <= 0xdfff
      ? [0xe0 | (code >> 12), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f)]
      : encoder.encode(character)
  return Array.from(bytes, (byte) => `=${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(
    '',
  )
}

function escapeText(text: string): string {
  return text.replaceAll(/[^A-Za-z0-9._@+-]/gu, escapeCharacter)
}

function part(text: string, longest: number): string {
  // No character becomes shorter, so a text that is too long need not be encoded as a whole.
  const escaped = escapeText(text.slice(0, longest + 1))
  if (escaped.length <= longest) return escaped
  const digest = createHash('sha256').update(text, 'utf16le').digest('hex')
  return `${escaped.slice(0, longest - DIGEST_LENGTH)}==${digest}`
}

/** The part of a family's name that an attribute's path becomes. */
export function familyPart(path: string): string {
  return part(path, MAX_ID_PART)
}

const idPart = (id: string): string => part(id, MAX_ID_PART)
const valuePart = (value: string): string => part(value, MAX_VALUE_PART)

/** The PartitionKey of a tenant's rows, the same in all tables. */
export function partitionKey(tenantId: string): string {
  return part(tenantId, MAX_KEY_LENGTH)
}

function resourceFamily(resourceType: Pick<ResourceType, 'name'>): string {
  return resourceType.name === 'User' ? 'user:' : 'group:'
}

/** The key of a resource. */
export function resourceKey(resourceType: Pick<ResourceType, 'name'>, id: string): string {
  return resourceFamily(resourceType) + idPart(id)
}

/** Where an id stands in the order of ids: compares as plain text, in the same way as the keys of resources. */
export function positionOf(id: string): string {
  return idPart(id)
}

/** Whether a text can be a position; the empty one stands before all ids. */
export function isPosition(text: string): boolean {
  return text.length <= MAX_ID_PART && /^[A-Za-z0-9._@+=-]*$/.test(text)
}

/** The keys of all resources, or of those behind a position. */
export function resourceRange(resourceType: Pick<ResourceType, 'name'>, behind?: string): KeyRange {
  const family = resourceFamily(resourceType)
  const from = behind === undefined || behind === '' ? family : family + behind + JUST_BEHIND
  return { from, to: family + BEHIND_ALL }
}

/** The rows from one key to another, both included. */
export function rangeThrough(from: string, to: string): KeyRange {
  return { from, to: to + JUST_BEHIND }
}

/** What is left of a range behind a key in it. */
export function rangeBehind(range: KeyRange, key: string): KeyRange {
  return { from: key + JUST_BEHIND, to: range.to }
}

/** Splits the rest of a range of resource keys so that each slice spans `share` (0 to 1) of all possible ids. */
export function slicesOf(
  resourceType: Pick<ResourceType, 'name'>,
  range: KeyRange,
  share: number,
): readonly KeyRange[] {
  const family = resourceFamily(resourceType)
  const start = Math.floor(shareBefore(resourceType, range.from) * HEX_SPACE)
  const step = Math.max(Math.ceil(share * HEX_SPACE), HEX_SPACE / MOST_SLICES)
  const bounds = [range.from]
  for (let at = start + step; at < HEX_SPACE; at += step) {
    const bound = family + at.toString(16).padStart(HEX_DIGITS, '0')
    // Ids that do not begin with hexadecimal digits may stand behind it all the same.
    if (bound > range.from && bound < range.to) bounds.push(bound)
  }
  bounds.push(range.to)
  return bounds.slice(1).map((to, index) => ({ from: bounds[index] ?? range.from, to }))
}

const HEX_DIGITS = 6
const HEX_SPACE = 16 ** HEX_DIGITS
const MOST_SLICES = 4096

/** The share (0 to 1) of all possible ids that stand before a resource's key: ids are random hexadecimal digits. */
export function shareBefore(resourceType: Pick<ResourceType, 'name'>, key: string): number {
  const id = key.slice(resourceFamily(resourceType).length)
  const digits = /^[0-9a-f]*/.exec(id)?.[0].slice(0, HEX_DIGITS) ?? ''
  return Number.parseInt(digits.padEnd(HEX_DIGITS, '0'), 16) / HEX_SPACE
}

function bucketName(bucket: number): string {
  return bucket.toString(16).padStart(2, '0')
}

/** The counter that an id belongs to, 0 to 255. Buckets follow the order of ids, for any id. */
export function bucketOf(id: string): number {
  const position = idPart(id)
  let bucket = BUCKETS - 1
  while (bucket > 0 && position < bucketName(bucket)) bucket -= 1
  return bucket
}

/** The keys of the resources that a counter counts, in 16 ranges that follow each other. */
export function bucketRanges(
  resourceType: Pick<ResourceType, 'name'>,
  bucket: number,
): readonly KeyRange[] {
  const whole = resourceRange(resourceType)
  const family = resourceFamily(resourceType)
  const from = bucket === 0 ? whole.from : family + bucketName(bucket)
  const to = bucket === BUCKETS - 1 ? whole.to : family + bucketName(bucket + 1)
  const inner = Array.from({ length: 15 }, (_, index) => {
    return family + bucketName(bucket) + (index + 1).toString(16)
  })
  const bounds = [from, ...inner, to]
  return bounds.slice(1).map((end, index) => ({ from: bounds[index] ?? from, to: end }))
}

/** The key of a counter. */
export function counterKey(bucket: number): string {
  return `count:${bucketName(bucket)}`
}

/** The counter that a key is of. */
export function bucketOfCounterKey(key: string): number {
  return Number.parseInt(key.slice('count:'.length), 16)
}

/** The keys of all counters. */
export const COUNTER_RANGE: KeyRange = { from: 'count:', to: `count:${BEHIND_ALL}` }

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
  const from = `${index}:${valuePart(value)}:`
  return { from, to: from + BEHIND_ALL }
}

/**
 * The keys of a unique or other index whose values begin with a text; of values or texts that are too long for a key
 * possibly some more, never one less.
 */
export function prefixRange(index: string, prefix: string): KeyRange {
  // Half of a surrogate pair is encoded otherwise than the pair that begins with it.
  const whole = prefix.replace(/[\uD800-\uDBFF]$/, '').slice(0, MAX_VALUE_PART)
  const from = `${index}:${escapeText(whole).slice(0, MAX_VALUE_PART - DIGEST_LENGTH)}`
  return { from, to: from + BEHIND_ALL }
}

/** The key that notes a deletion whose clean-up is under way. */
export function deletionKey(id: string): string {
  return `deleted:${idPart(id)}`
}

/** The keys of all deletions whose clean-up is under way. */
export const DELETION_RANGE: KeyRange = { from: 'deleted:', to: `deleted:${BEHIND_ALL}` }

/** The key of a membership, seen from the group. */
export function memberKey(groupId: string, memberId: string): string {
  return `member:${idPart(groupId)}:${idPart(memberId)}`
}

/** The keys of a group's members. */
export function memberRange(groupId: string): KeyRange {
  const from = `member:${idPart(groupId)}:`
  return { from, to: from + BEHIND_ALL }
}

/** The key of a membership, seen from the member. */
export function memberOfKey(memberId: string, groupId: string): string {
  return `memberOf:${idPart(memberId)}:${idPart(groupId)}`
}

/** The keys of the groups that a member is in. */
export function memberOfRange(memberId: string): KeyRange {
  const from = `memberOf:${idPart(memberId)}:`
  return { from, to: from + BEHIND_ALL }
}
