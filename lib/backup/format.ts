import * as z from 'zod'
import { parseJsonText } from '../scim/json-text.ts'
import { isObject, type JsonObject } from '../scim/json.ts'
import { LIMITS } from '../scim/limits.ts'
import { memberTypeOf } from '../scim/resource-id.ts'
import { ScimError } from '../scim/errors.ts'
import type { Line } from './lines.ts'
import { wrongFile } from './wrong-file.ts'

/*
 * The file of a tenant: lines of JSON, each an object whose `kind` says what it is.
 *
 *   tenant      the first line; once more at the end of a pass where it has changed meanwhile
 *   user        an account, in the order of ids; `hidden`: it is kept out of sight
 *   group       a group, a team made by hand, or both under one id, in the order of ids
 *   members     of the group or team in the last line of that kind: by SCIM, by hand
 *   pass        from here on what has changed meanwhile: a later line of an id stands for all before it
 *   removed     what has that id is gone
 *   credential  only where it was asked for
 *   end         the last line: what the lines before it are
 */

/** Of the lines; another number is another format. */
export const FORMAT = 1

/** Times that what has changed meanwhile is written again, at most. */
export const MOST_PASSES = 3

/** Members in a line, at most. */
export const MEMBERS_OF_LINE = 1000

/** Ids as they are issued: of members by SCIM alone there are others. */
const USER_ID = z
  .string()
  .refine((id) => memberTypeOf(id) === 'User', 'must be the id of a user, a UUID of version 4')
const GROUP_ID = z
  .string()
  .refine((id) => memberTypeOf(id) === 'Group', 'must be the id of a group, a UUID of version 8')
const MEMBER_ID = z.string().min(1).max(LIMITS.textCharacters)
const VERSION = z.string().regex(/^[\x21\x23-\x7E]{1,100}$/)
/** In the one form in which times are kept: they are compared as text. */
const TIME = z.iso.datetime({ precision: 3 })
const TEXT = z.string().max(LIMITS.textCharacters)
const COUNT = z.int().min(0)

const JSON_OBJECT: z.ZodType<JsonObject> = z.custom<JsonObject>(isObject, 'must be an object')

/** An attribute that the tenant has declared, as `DeclaredAttribute`. */
const DEFINITION = z.strictObject({
  id: TEXT,
  label: TEXT,
  description: TEXT.exactOptional(),
  type: z.enum(['string', 'integer', 'decimal', 'boolean', 'dateTime', 'reference']),
  multiValued: z.boolean(),
  allowedValues: z.array(TEXT).max(LIMITS.allowedValues),
  unique: z.boolean(),
  indexed: z.boolean(),
  schema: TEXT.exactOptional(),
  created: TIME,
  removed: TIME.optional(),
  purging: z.literal(true).optional(),
  /** Its index does not have all values: two users may have one that is unique. */
  unfilled: z.literal(true).optional(),
})

/** Attributes and what is kept beyond them, under the keys that do not change with the URN of an extension. */
const CONTENT = {
  version: VERSION,
  created: TIME,
  lastModified: TIME,
  content: JSON_OBJECT,
}

const GROUP_RESOURCE = z.strictObject(CONTENT)

const TEAM = z.strictObject({
  name: TEXT,
  version: VERSION,
  created: TIME,
  lastModified: TIME,
  adopted: z.boolean(),
})

const FACTS = {
  kind: z.literal('credential'),
  id: z.string(),
  label: TEXT,
  created: TIME,
  expires: TIME.optional(),
}

const HASH = z.string().regex(/^[0-9a-f]{64}$/)

const CREDENTIAL = z.discriminatedUnion('of', [
  z.strictObject({ ...FACTS, of: z.literal('token'), secretHash: HASH }),
  z.strictObject({ ...FACTS, of: z.literal('clientSecret'), secretHash: HASH }),
  z.strictObject({
    ...FACTS,
    of: z.literal('federated'),
    issuer: TEXT,
    audience: TEXT,
    subject: TEXT,
    jwksUri: TEXT,
  }),
  z.strictObject({ ...FACTS, of: z.literal('entra'), entraTenantId: TEXT, audience: TEXT }),
])

/** How many there are of each kind in the lines before the last; what is written again counts again. */
const COUNTS = z.strictObject({
  users: COUNT,
  hidden: COUNT,
  groups: COUNT,
  teams: COUNT,
  members: COUNT,
  membersByHand: COUNT,
  removed: COUNT,
  credentials: COUNT,
})

const RECORD = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('tenant'),
    format: z.literal(FORMAT),
    exported: TIME,
    id: TEXT,
    name: TEXT,
    reference: TEXT.optional(),
    settings: JSON_OBJECT,
    definitions: z.array(DEFINITION).max(2 * LIMITS.definitions),
  }),
  z.strictObject({
    kind: z.literal('user'),
    id: USER_ID,
    ...CONTENT,
    hidden: z.literal(true).optional(),
    possibleReturner: USER_ID.optional(),
    invitation: z
      .union([z.literal('ahead'), z.literal('acknowledged'), z.strictObject({ since: TIME })])
      .optional(),
  }),
  z.strictObject({
    kind: z.literal('group'),
    id: GROUP_ID,
    group: GROUP_RESOURCE.optional(),
    team: TEAM.optional(),
  }),
  z.strictObject({
    kind: z.literal('members'),
    of: GROUP_ID,
    /** By SCIM: ids, and apart from them those of groups. */
    users: z.array(MEMBER_ID).max(MEMBERS_OF_LINE).optional(),
    groups: z.array(MEMBER_ID).max(MEMBERS_OF_LINE).optional(),
    byHand: z.array(USER_ID).max(MEMBERS_OF_LINE).optional(),
  }),
  z.strictObject({ kind: z.literal('pass'), pass: z.int().min(1).max(MOST_PASSES) }),
  z.strictObject({
    kind: z.literal('removed'),
    of: z.enum(['user', 'group']),
    id: TEXT,
  }),
  z.strictObject({
    kind: z.literal('end'),
    lines: COUNT,
    sha256: HASH,
    counts: COUNTS,
    passes: COUNT,
    whole: z.boolean(),
  }),
  CREDENTIAL,
])

export type BackupRecord = z.output<typeof RECORD>
export type RecordOf<Kind extends BackupRecord['kind']> = Extract<
  BackupRecord,
  { readonly kind: Kind }
>
export type Counts = z.output<typeof COUNTS>
export type DefinitionRecord = z.output<typeof DEFINITION>
export type TenantRecord = RecordOf<'tenant'>
export type EndRecord = RecordOf<'end'>

export const NO_COUNTS: Counts = {
  users: 0,
  hidden: 0,
  groups: 0,
  teams: 0,
  members: 0,
  membersByHand: 0,
  removed: 0,
  credentials: 0,
}

function membersOf({ users = [], groups = [], byHand = [] }: RecordOf<'members'>): Partial<Counts> {
  return { members: users.length + groups.length, membersByHand: byHand.length }
}

/** What a line adds to the counts. */
function countsIn(record: BackupRecord): Partial<Counts> {
  switch (record.kind) {
    case 'user':
      return record.hidden === true ? { hidden: 1 } : { users: 1 }
    case 'group':
      return { groups: Number('group' in record), teams: Number('team' in record) }
    case 'members':
      return membersOf(record)
    case 'removed':
      return { removed: 1 }
    case 'credential':
      return { credentials: 1 }
    case 'tenant':
    case 'pass':
    case 'end':
    default:
      return {}
  }
}

/** The counts with one more line. */
export function counted(counts: Counts, record: BackupRecord): Counts {
  const more = countsIn(record)
  return {
    users: counts.users + (more.users ?? 0),
    hidden: counts.hidden + (more.hidden ?? 0),
    groups: counts.groups + (more.groups ?? 0),
    teams: counts.teams + (more.teams ?? 0),
    members: counts.members + (more.members ?? 0),
    membersByHand: counts.membersByHand + (more.membersByHand ?? 0),
    removed: counts.removed + (more.removed ?? 0),
    credentials: counts.credentials + (more.credentials ?? 0),
  }
}

const DECODER = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** What a line says. @throws ScimError `invalidValue` for one that no export has. */
export function parseRecord({ bytes, number }: Line): BackupRecord {
  let text: string
  try {
    text = DECODER.decode(bytes)
  } catch {
    throw wrongFile('is no UTF-8', number)
  }
  const value = parsed(text, number)
  refuseOtherFormat(value, number)
  const { success, data, error } = RECORD.safeParse(value)
  if (success) return data
  const [issue] = error.issues
  const path = issue?.path.join('.') ?? ''
  if (issue?.code === 'custom') throw wrongFile(`is wrong: ${path} ${issue.message}`, number)
  throw wrongFile(path === '' ? 'is none that an export has' : `is wrong at ${path}`, number)
}

function refuseOtherFormat(value: unknown, number: number): void {
  if (!isObject(value) || value['kind'] !== 'tenant') return
  const { format } = value
  if (typeof format !== 'number' || format === FORMAT) return
  throw wrongFile(`has the format ${format}, and here ${FORMAT} is read`, number)
}

function parsed(text: string, number: number): unknown {
  try {
    return parseJsonText(text)
  } catch (error) {
    if (error instanceof ScimError) throw wrongFile('is no JSON that an export has', number)
    throw error
  }
}
