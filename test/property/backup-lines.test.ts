import fc from 'fast-check'
import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { checkLine } from '../../lib/backup/checked-line.ts'
import { parseRecord, type BackupRecord } from '../../lib/backup/format.ts'
import {
  groupIn,
  groupRecord,
  membersRecord,
  userIn,
  userRecord,
} from '../../lib/backup/records.ts'
import { DEFINABLE_TYPES } from '../../lib/scim/attribute-definition.ts'
import { containersOf } from '../../lib/scim/container.ts'
import { DEFAULT_RESOURCE_TYPES } from '../../lib/scim/default-resource-types.ts'
import { ScimError } from '../../lib/scim/errors.ts'
import { isObject, type JsonObject } from '../../lib/scim/json.ts'
import { toMembers } from '../../lib/scim/member.ts'
import { idOf } from '../../lib/scim/resource-id.ts'
import type { StoredResource } from '../../lib/scim/resource.ts'
import type { ResourceType } from '../../lib/scim/resource-type.ts'
import { peopleTypeOf, teamTypeOf } from '../../lib/scim/types-of-people.ts'
import { canonicalResource } from '../../lib/scim/validate/resource.ts'
import { tenantTypes } from '../../lib/people/tenant-types.ts'
import { separateMembers } from '../../lib/service/members.ts'
import { fromStored, toStored } from '../../lib/storage/stored-attributes.ts'
import { aDefinition } from '../support/definitions.ts'
import { recordOf } from '../support/fuzz-attributes.ts'
import { trouble } from '../support/fuzz-text.ts'

const DECLARED = DEFINABLE_TYPES.flatMap((type) => [
  aDefinition(`${type}-one`, { type }),
  aDefinition(`${type}-many`, { type, multiValued: true }),
])
const typesOf = tenantTypes(DEFAULT_RESOURCE_TYPES)
const [BASE, TYPES] = [typesOf([], []), typesOf(DECLARED, [])]
const [USERS, GROUPS] = [peopleTypeOf(TYPES), teamTypeOf(TYPES)]

/** A body with some attributes of the resource and of each extension. */
function bodyOf(resourceType: ResourceType): fc.Arbitrary<JsonObject> {
  const parts = containersOf(resourceType).map(({ extension, attributes }) =>
    recordOf(attributes, 8).map((values): JsonObject =>
      extension === undefined ? values : { [extension.id]: values },
    ),
  )
  const required = { userName: 'bjensen', displayName: 'Sales' }
  return fc.tuple(...parts).map((all): JsonObject => {
    const entries = all.flatMap((each) => Object.entries(each))
    const sent = entries.filter(([name]) => name !== 'schemas')
    return Object.fromEntries([...sent, ...Object.entries(required)])
  })
}

/** What comes of a request; undefined where it is refused. */
function taken<Result>(request: () => Result): Result | undefined {
  try {
    return request()
  } catch (error) {
    if (error instanceof ScimError) return undefined
    throw error
  }
}

/** What is kept of a body; undefined where it is refused. */
function kept(resourceType: ResourceType, body: JsonObject): StoredResource | undefined {
  const now = new Date().toISOString()
  const given = taken(() => separateMembers(resourceType, canonicalResource(resourceType, body)))
  if (given === undefined) return undefined
  const attributes: unknown = JSON.parse(JSON.stringify(given.attributes))
  if (!isObject(attributes)) throw new TypeError('the attributes are no object')
  const stamp = { version: 'v', created: now, lastModified: now }
  return { id: idOf(resourceType, randomUUID()), ...stamp, attributes }
}

/** A record as it is read. */
function read(record: BackupRecord): BackupRecord {
  return parseRecord({ number: 1, bytes: Buffer.from(JSON.stringify(record)) })
}

const how = { base: BASE, types: TYPES, now: new Date() }

test('whatever a request has set of a user is taken from a file as it was, also where the tenant has it no more', () => {
  const law = fc.property(bodyOf(USERS), (body) => {
    const user = kept(USERS, body)
    fc.pre(user !== undefined)
    const record = read(userRecord(USERS, user, false))
    checkLine(how, record)
    fc.pre(record.kind === 'user')
    const before = peopleTypeOf(BASE)
    const content = fromStored(before, toStored(USERS, user))
    checkLine({ ...how, types: BASE }, read(userRecord(before, { ...user, ...content }, false)))
    // An id of blanks is kept as empty text, which is nothing when it comes again.
    fc.pre(!JSON.stringify(user).includes('""'))
    expect(userIn(USERS, record)).toEqual(user)
  })
  fc.assert(law, { numRuns: 500 })
})

test('so is what it has set of a group', () => {
  const law = fc.property(bodyOf(GROUPS), (body) => {
    const group = kept(GROUPS, body)
    fc.pre(group !== undefined)
    const record = read(groupRecord(GROUPS, group.id, group, undefined))
    checkLine(how, record)
    fc.pre(record.kind === 'group')
    expect(groupIn(GROUPS, record)).toEqual(group)
  })
  fc.assert(law, { numRuns: 500 })
})

test('whoever a request has put into a group is taken from a file', () => {
  const id = fc.oneof(trouble, fc.string(), fc.uuid({ version: [4, 8] }))
  const member = fc.record({ value: id, type: fc.constantFrom('User', 'Group') })
  const of = idOf(GROUPS, randomUUID())
  const law = fc.property(member, (sent) => {
    const members = taken(() => toMembers(GROUPS, [sent])) ?? []
    fc.pre(members.length > 0)
    expect(() => checkLine(how, read(membersRecord(of, members)))).not.toThrow()
  })
  fc.assert(law, { numRuns: 500 })
})
