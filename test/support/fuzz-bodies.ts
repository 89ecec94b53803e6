import fc from 'fast-check'
import { containersOf } from '../../lib/scim/container.ts'
import { isArray, type JsonObject, type JsonValue } from '../../lib/scim/json.ts'
import type { ResourceType } from '../../lib/scim/resource-type.ts'
import { MESSAGE } from '../../lib/scim/urn.ts'
import { anyJson, elementOf, recordOf, valueFor } from './fuzz-attributes.ts'
import { clientBodies } from './fuzz-clients.ts'
import { anyFilter, anyPath, GRAMMARS } from './fuzz-filters.ts'
import { RAW_JSON } from './fuzz-names.ts'
import { knownId, placeholder, trouble, word } from './fuzz-text.ts'

/** What stands for one of `RAW_JSON`. */
const raw = fc.nat({ max: RAW_JSON.length - 1 }).map((number) => `~r${number}~`)

/** One change to the structure of a JSON value. */
interface Mutation {
  readonly kind:
    'replace' | 'drop' | 'rename' | 'foreign' | 'twice' | 'wrap' | 'own' | 'text' | 'add'
  readonly at: number
  readonly name: string
  readonly value: JsonValue
}

const anyMutation: fc.Arbitrary<Mutation> = fc.record({
  kind: fc.constantFrom(
    'replace',
    'drop',
    'rename',
    'foreign',
    'twice',
    'wrap',
    'own',
    'text',
    'add',
  ),
  at: fc.nat({ max: 60 }),
  name: trouble,
  value: fc.oneof(anyJson, raw),
})

/** The members of an array or object that a change leaves of one member: none, it, or several. */
type Change = (
  member: readonly [name: string, value: JsonValue],
) => readonly (readonly [string, JsonValue])[]

const CHANGES: Readonly<Record<Mutation['kind'], (mutation: Mutation) => Change>> = {
  replace:
    ({ value }) =>
    ([name]) => [[name, value]],
  drop: () => () => [],
  rename:
    ({ name }) =>
    ([before, value]) => [[before === before.toUpperCase() ? name : before.toUpperCase(), value]],
  foreign:
    () =>
    ([name, value]) => [[`x${name}`, value]],
  // A name that is there already in other case: the same text twice is what `~r` is for.
  twice:
    () =>
    ([name, value]) => [
      [name, value],
      [name.toUpperCase(), value],
    ],
  wrap:
    ({ at }) =>
    ([name, value]) => [[name, at % 2 === 0 ? [value] : { value }]],
  own:
    () =>
    ([name, value]) => [[name, { [name]: value }]],
  text:
    () =>
    ([name, value]) => [[name, JSON.stringify(value)]],
  add:
    ({ name, value }) =>
    (member) => [member, [name, value]],
}

/** The value with its `at`-th member, counted from the outside, changed. */
function mutated(value: JsonValue, mutation: Mutation): JsonValue {
  const change = CHANGES[mutation.kind](mutation)
  let left = mutation.at % Math.max(1, countMembers(value))
  const visit = (each: JsonValue): JsonValue => {
    if (typeof each !== 'object' || each === null) return each
    const members = Object.entries(each).flatMap((member) => {
      left -= 1
      return left === -1 ? change(member) : [[member[0], visit(member[1])] as const]
    })
    return isArray(each) ? members.map(([, member]) => member) : Object.fromEntries(members)
  }
  return visit(value)
}

function countMembers(value: JsonValue): number {
  if (typeof value !== 'object' || value === null) return 0
  return Object.values(value).reduce<number>(
    (sum, member: JsonValue) => sum + 1 + countMembers(member),
    0,
  )
}

function withMutations(value: fc.Arbitrary<JsonValue>): fc.Arbitrary<JsonValue> {
  return fc.oneof(
    { weight: 8, arbitrary: value },
    {
      weight: 1,
      arbitrary: fc
        .tuple(value, fc.array(anyMutation, { minLength: 1, maxLength: 3 }))
        .map(([before, changes]) => changes.reduce(mutated, before)),
    },
  )
}

/** A resource as a client sends it. */
function resourceOf(resourceType: ResourceType): fc.Arbitrary<JsonObject> {
  const [own, ...extensions] = containersOf(resourceType)
  const contents = extensions.flatMap(({ extension, attributes }) =>
    extension === undefined
      ? []
      : [recordOf(attributes, 4).map((content): JsonObject => ({ [extension.id]: content }))],
  )
  const required = word.map((name): JsonObject => ({
    schemas: [resourceType.schema.id],
    userName: name,
    displayName: name,
  }))
  return merged(
    recordOf(own?.attributes ?? [], 6),
    fc.oneof(fc.constant<JsonObject>({}), ...contents),
    required,
  )
}

/** One object of the members of several; those of later ones count. */
function merged(...objects: readonly fc.Arbitrary<JsonObject>[]): fc.Arbitrary<JsonObject> {
  return fc.tuple(...objects).map((all) => Object.fromEntries(all.flatMap(Object.entries)))
}

function operationOf({
  targets,
  path: anyPathOfType,
  resourceType,
}: (typeof GRAMMARS)[number]): fc.Arbitrary<JsonObject> {
  const op = fc.oneof(
    { weight: 60, arbitrary: fc.constantFrom('add', 'replace', 'remove', 'Replace', 'Add') },
    trouble,
  )
  const fitting = fc.oneof(
    ...targets.map(({ path, named: { attribute, parent } }) => ({
      weight: [attribute, parent].some((each) => each?.mutability === 'readOnly') ? 1 : 10,
      arbitrary: fc.tuple(
        path,
        fc.oneof({ weight: 3, arbitrary: valueFor(attribute) }, elementOf(attribute)),
      ),
    })),
  )
  const members = fc.tuple(
    fc.oneof(
      fc.constant('members'),
      knownId.map((id) => `members[value eq "${id}"]`),
    ),
    fc.array(
      knownId.map((value) => ({ value })),
      { maxLength: 4 },
    ),
  )
  return fc.oneof(
    {
      weight: 8,
      arbitrary: fc.tuple(op, fitting).map(([name, [path, value]]) => ({ op: name, path, value })),
    },
    {
      weight: resourceType.membershipAttribute === 'members' ? 8 : 1,
      arbitrary: fc.tuple(op, members).map(([name, [path, value]]) => ({ op: name, path, value })),
    },
    {
      weight: 2,
      arbitrary: fc
        .tuple(op, resourceOf(resourceType))
        .map(([name, value]) => ({ op: name, value })),
    },
    { weight: 1, arbitrary: fc.record({ op, path: anyPathOfType, value: anyJson }) },
    { weight: 1, arbitrary: fc.record({ op, path: anyPathOfType }) },
  )
}

const SHAPES = GRAMMARS.map((grammar) => ({
  resourceType: grammar.resourceType,
  resource: resourceOf(grammar.resourceType),
  patch: fc
    .array(operationOf(grammar), { maxLength: 3 })
    .map((operations): JsonObject => ({ schemas: [MESSAGE.patchOp], Operations: operations })),
}))

const pageNumber = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: -1, max: 12 }) },
  fc.constantFrom<JsonValue>('1', '', 'x', 1.5, 1e21, 9007199254740992, null, true),
)

const names = fc.array(anyPath, { maxLength: 4 })

const searchParameter: fc.Arbitrary<readonly [string, JsonValue]> = fc.oneof(
  ...Object.entries<fc.Arbitrary<JsonValue>>({
    filter: anyFilter,
    startIndex: pageNumber,
    count: pageNumber,
    cursor: fc.oneof(placeholder.cursor, fc.constant(''), trouble),
    sortBy: anyPath,
    sortOrder: fc.constantFrom('ascending', 'descending', 'Descending', 'x'),
    attributes: names,
    excludedAttributes: names,
  }).map(([name, value]) => fc.tuple(fc.constant(name), value)),
)

const search: fc.Arbitrary<JsonObject> = fc
  .array(searchParameter, { maxLength: 3 })
  .map((parameters) => Object.fromEntries([['schemas', [MESSAGE.searchRequest]], ...parameters]))

const BULK_IDS = ['1', '2', '3', 'a/b', '%', '"', 'bulkId:1', '__proto__'] as const
const bulkReference = fc.constantFrom(...BULK_IDS).map((id) => `bulkId:${id}`)

const bulkOperation: fc.Arbitrary<JsonObject> = fc.oneof(
  ...SHAPES.flatMap(({ resourceType: { endpoint }, resource, patch }) => {
    const path = fc.oneof(knownId, bulkReference, trouble).map((id) => `${endpoint}/${id}`)
    const version = fc.option(placeholder.version, { nil: null })
    const reference = bulkReference.map((value): JsonObject => ({
      members: [{ value }],
      manager: { value },
    }))
    const data = fc.oneof(resource, merged(resource, reference))
    return [
      fc.record({ method: fc.constant('POST'), path: fc.constant(endpoint), data }),
      fc.record({ method: fc.constant('PATCH'), path, data: patch, version }),
      fc.record({ method: fc.constant('PUT'), path, data: resource, version }),
      fc.record({ method: fc.constant('delete'), path }),
    ]
  }),
)

const bulk = merged(
  fc.constantFrom<JsonObject>(
    {},
    {},
    { failOnErrors: 1 },
    { failOnErrors: 2 },
    { failOnErrors: 0 },
  ),
  fc
    .tuple(...BULK_IDS.map((id) => merged(fc.constant({ bulkId: id }), bulkOperation)))
    .chain((operations) =>
      fc.subarray(operations).map((chosen): JsonObject => ({
        schemas: [MESSAGE.bulkRequest],
        Operations: chosen,
      })),
    ),
)

/** What a body is for. */
export type Purpose = 'User' | 'Group' | 'PatchUser' | 'PatchGroup' | 'search' | 'bulk'

const BY_PURPOSE: Readonly<Record<Purpose, fc.Arbitrary<JsonValue>>> = {
  User: SHAPES[0]?.resource ?? anyJson,
  PatchUser: SHAPES[0]?.patch ?? anyJson,
  Group: SHAPES[1]?.resource ?? anyJson,
  PatchGroup: SHAPES[1]?.patch ?? anyJson,
  search,
  bulk,
}

/** What clients send for a purpose, and what they might send: the same with a change or two. */
function fromClients(...kinds: readonly string[]): fc.Arbitrary<JsonValue> {
  return fc
    .tuple(fc.constantFrom(...clientBodies(...kinds)), fc.array(anyMutation, { maxLength: 2 }))
    .map(([body, changes]) => changes.reduce(mutated, body))
}

const FROM_CLIENTS: Readonly<Record<Purpose, fc.Arbitrary<JsonValue>>> = {
  User: fromClients('POST Users', 'PUT Users'),
  PatchUser: fromClients('PATCH Users'),
  Group: fromClients('POST Groups', 'PUT Groups'),
  PatchGroup: fromClients('PATCH Groups'),
  search: fromClients('POST .search'),
  bulk: fromClients('POST Bulk'),
}

/** The bytes of a text, as a client may get them wrong. */
export const ENCODINGS = ['utf8', 'bom', 'utf16', 'latin1', 'cut', 'stray'] as const
export type Encoding = (typeof ENCODINGS)[number]

/** A body as it is sent: JSON text with placeholders, and its encoding. */
export interface Body {
  readonly text: string
  readonly encoding: Encoding
}

const encoding: fc.Arbitrary<Encoding> = fc.oneof(
  { weight: 40, arbitrary: fc.constant('utf8' as const) },
  fc.constantFrom(...ENCODINGS),
)

function bodyOf(json: fc.Arbitrary<JsonValue>): fc.Arbitrary<Body> {
  const text = fc.oneof(
    { weight: 20, arbitrary: withMutations(json).map((value) => JSON.stringify(value)) },
    {
      weight: 1,
      arbitrary: withMutations(json).map((value) => JSON.stringify(value, undefined, '\t')),
    },
    { weight: 1, arbitrary: anyJson.map((value) => JSON.stringify(value)) },
    {
      weight: 1,
      arbitrary: fc.oneof(
        trouble,
        raw.map((token) => `"${token}"`),
      ),
    },
  )
  return fc.record({ text, encoding }, { noNullPrototype: true })
}

function bodyFor(purpose: Purpose): fc.Arbitrary<Body> {
  return bodyOf(
    fc.oneof(
      { weight: 3, arbitrary: BY_PURPOSE[purpose] },
      { weight: 1, arbitrary: FROM_CLIENTS[purpose] },
    ),
  )
}

/** A body for each purpose: mostly one that is right. */
export const BODIES: Readonly<Record<Purpose, fc.Arbitrary<Body>>> = {
  User: bodyFor('User'),
  Group: bodyFor('Group'),
  PatchUser: bodyFor('PatchUser'),
  PatchGroup: bodyFor('PatchGroup'),
  search: bodyFor('search'),
  bulk: bodyFor('bulk'),
}
