import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Attribute } from '../../lib/scim/attribute.ts'
import { containersOf, contentOf } from '../../lib/scim/container.ts'
import { ScimError } from '../../lib/scim/errors.ts'
import { isArray, isObject, type JsonObject, type JsonValue } from '../../lib/scim/json.ts'
import { applyPatchAtOnce } from '../../lib/scim/patch/apply.ts'
import { readPatchAtOnce } from '../../lib/scim/patch/read.ts'
import { GROUP, USER } from '../../lib/scim/default-resource-types.ts'
import type { ResourceType } from '../../lib/scim/resource-type.ts'
import { checkResource } from '../../lib/scim/validate/final-state.ts'
import { canonicalResource } from '../../lib/scim/validate/resource.ts'
import { formattedTexts } from '../support/formatted.ts'
import { isTakenList } from '../support/lists.ts'
import { frozen, GUARDED_USER, jsonObject, withMembersInside } from '../support/patching.ts'

/** By a name, so that a counterexample stays short. */
const TYPES = { USER, GUARDED_USER, GROUP: withMembersInside(GROUP) } as const
type TypeName = keyof typeof TYPES

/** Few words, so that values meet each other: in filters, in elements that are the same, in another case. */
const WORDS = ['work', 'WORK', 'home', 'a-x', 'A-X', 'b', 'True', '7'] as const

function valueOf(attribute: Attribute): fc.Arbitrary<JsonValue> {
  const one = elementOf(attribute)
  return attribute.multiValued ? fc.array(one, { maxLength: 3 }).filter(isTakenList) : one
}

function elementOf(attribute: Attribute): fc.Arbitrary<JsonValue> {
  const { type, subAttributes } = attribute
  const texts = formattedTexts(attribute)
  if (texts !== undefined) return fc.constantFrom(...texts)
  if (type === 'complex') return objectOf(subAttributes)
  if (type === 'boolean') return fc.boolean()
  if (type === 'integer' || type === 'decimal') return fc.nat({ max: 3 })
  if (type === 'dateTime') return fc.constant('2026-01-01T00:00:00Z')
  return type === 'binary' ? fc.constantFrom('YQ', 'Yg') : fc.constantFrom(...WORDS)
}

/** Some of the attributes, and those that cannot be missing. */
function objectOf(attributes: readonly Attribute[]): fc.Arbitrary<JsonObject> {
  const entries = attributes.map((each) => fc.tuple(fc.constant(each.name), valueOf(each)))
  const some = fc.tuple(...entries).chain((all) => fc.subarray(all))
  return fc
    .tuple(some, requiredOf(attributes))
    .map(([chosen, required]) => Object.fromEntries([...Object.entries(required), ...chosen]))
}

/** What an element cannot be without: its required parts, and the id of what it refers to. */
function requiredOf(subAttributes: readonly Attribute[]): fc.Arbitrary<JsonObject> {
  const refers = subAttributes.some(({ name }) => name === '$ref')
  const needed = subAttributes.filter(
    ({ name, required }) => required || (refers && name === 'value'),
  )
  return fc
    .tuple(...needed.map((sub) => fc.tuple(fc.constant(sub.name), elementOf(sub))))
    .map((entries) => Object.fromEntries(entries))
}

/** Values that mostly do not fit. */
const json = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom<JsonValue>(null, '', {}, [], false, 7, ...WORDS),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(
      fc.constantFrom(
        'value',
        'VALUE',
        'type',
        'primary',
        '$ref',
        '__proto__',
        'title',
        'name.givenName',
      ),
      tie('value'),
      { maxKeys: 3, noNullPrototype: true },
    ),
  ),
})).value

/** A path of the resource type and the attribute whose value it takes. */
interface Place {
  readonly path: string
  readonly attribute: Attribute
  readonly isFiltered: boolean
}

function placesOf(resourceType: ResourceType): readonly Place[] {
  return containersOf(resourceType).flatMap(({ extension, attributes }) =>
    attributes.flatMap((attribute) => {
      const path = extension === undefined ? attribute.name : `${extension.id}:${attribute.name}`
      const subs = attribute.subAttributes.map((sub) => ({
        attribute: sub,
        suffix: `.${sub.name}`,
      }))
      const all = [{ attribute: { ...attribute, multiValued: false }, suffix: '' }, ...subs]
      const plain = [{ path, attribute, isFiltered: false }].concat(
        subs.map((sub) => ({
          path: path + sub.suffix,
          attribute: sub.attribute,
          isFiltered: false,
        })),
      )
      if (!attribute.multiValued) return plain
      const names = attribute.type === 'complex' ? subs.map((sub) => sub.attribute.name) : ['value']
      const filters = names.flatMap((name) => [
        `${name} eq "work"`,
        `${name} pr`,
        `${name} eq "True"`,
      ])
      const filtered = filters.flatMap((filter) =>
        all.map((each) => ({
          path: `${path}[${filter}]${each.suffix}`,
          attribute: each.attribute,
          isFiltered: true,
        })),
      )
      return plain.concat(filtered)
    }),
  )
}

function placeOperation(place: Place): fc.Arbitrary<JsonObject> {
  const op = fc.constantFrom('add', 'Replace', 'remove')
  const value = fc.oneof(
    { weight: 4, arbitrary: valueOf(place.attribute) },
    { weight: 1, arbitrary: json },
  )
  return fc.record({ op, path: fc.constant(place.path), value })
}

function pathlessOperation(places: readonly Place[], maxKeys: number): fc.Arbitrary<JsonObject> {
  const entry = fc
    .constantFrom(...places)
    .chain((place) => fc.tuple(fc.constant(place.path), valueOf(place.attribute)))
  return fc.record({
    op: fc.constantFrom('add', 'replace'),
    value: fc.array(entry, { maxLength: maxKeys }).map((entries) => Object.fromEntries(entries)),
  })
}

interface Case {
  readonly type: TypeName
  readonly attributes: JsonObject
  readonly operations: readonly JsonObject[]
}

function canonical(resourceType: ResourceType, ...contents: readonly JsonObject[]): JsonObject {
  const entries = contents.flatMap((content) => Object.entries(content))
  const body = { ...Object.fromEntries(entries), schemas: [resourceType.schema.id] }
  return canonicalResource(resourceType, body)
}

/** Canonical attributes of a type, and operations that often fit them. */
function casesOf(type: TypeName, isPlain = false): fc.Arbitrary<Case> {
  const resourceType = TYPES[type]
  const places = placesOf(resourceType).filter(({ isFiltered }) => !isPlain || !isFiltered)
  const operation = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...places).chain(placeOperation) },
    { weight: 1, arbitrary: pathlessOperation(places, isPlain ? 1 : 4) },
  )
  const contents = containersOf(resourceType).map(({ extension, attributes }) =>
    objectOf(attributes.filter(({ mutability }) => mutability !== 'readOnly')).map((content) =>
      extension === undefined ? content : { [extension.id]: content },
    ),
  )
  const attributes = fc.tuple(...contents).map((all) => frozen(canonical(resourceType, ...all)))
  return fc.record({
    type: fc.constant(type),
    attributes,
    operations: fc.array(operation, { minLength: 1, maxLength: 6 }),
  })
}

const anyCase = fc.oneof(casesOf('USER'), casesOf('GUARDED_USER'), casesOf('GROUP'))
/** One plain path in each operation: what a filter or an earlier key finds may differ the second time. */
const plainCase = fc.oneof(
  casesOf('USER', true),
  casesOf('GUARDED_USER', true),
  casesOf('GROUP', true),
)

/** The attributes after the operations; undefined when they are refused as they should be. */
function outcome({ type, attributes }: Case, body: JsonValue): JsonObject | undefined {
  try {
    return applyPatchAtOnce(
      TYPES[type],
      attributes,
      readPatchAtOnce(TYPES[type], frozen(body)).operations,
    )
  } catch (error) {
    if (!(error instanceof ScimError)) throw error
    if (error.status !== 400) throw error
    return undefined
  }
}

/** The attributes after those operations of the case that succeed one by one. */
function accepted(
  example: Case,
): readonly { before: JsonObject; after: JsonObject; operation: JsonObject }[] {
  let before = example.attributes
  return example.operations.flatMap((operation) => {
    const after = outcome({ ...example, attributes: before }, { Operations: [operation] })
    if (after === undefined) return []
    const step = { before, after: frozen(after), operation }
    before = after
    return [step]
  })
}

test('any JSON body gives attributes or a 400, and leaves what it came to as it was', () => {
  const anyBody = fc.oneof(
    json,
    fc.record({ Operations: json }),
    fc.record({
      Operations: fc.array(
        fc.oneof(json, fc.record({ op: fc.constant('add'), path: fc.string(), value: json })),
      ),
    }),
  )
  fc.assert(
    fc.property(anyCase, anyBody, (example, body) => {
      const before = JSON.stringify(example.attributes)
      outcome(example, body)
      outcome(example, { Operations: example.operations })
      expect(JSON.stringify(example.attributes)).toBe(before)
    }),
  )
})

test('most operations that are tried here are accepted', () => {
  const examples = fc.sample(anyCase, { numRuns: 200, seed: 1 })
  const tried = examples.reduce((sum, { operations }) => sum + operations.length, 0)
  const done = examples.reduce((sum, example) => sum + accepted(example).length, 0)
  expect(done / tried).toBeGreaterThan(0.5)
})

test('the result is canonical', () => {
  fc.assert(
    fc.property(anyCase, (example) => {
      const { type, operations } = example
      const together = outcome(example, { Operations: operations })
      const results = accepted(example).map(({ after }) => after)
      for (const after of together === undefined ? results : [...results, together]) {
        checkResource(TYPES[type], after)
        expect(canonical(TYPES[type], after)).toEqual(after)
      }
    }),
  )
})

test('a failing operation at the end refuses all', () => {
  fc.assert(
    fc.property(anyCase, (example) => {
      const failing = { op: 'replace', path: 'id', value: 'x' }
      expect(outcome(example, { Operations: [...example.operations, failing] })).toBeUndefined()
    }),
  )
})

test('the same operation again changes nothing', () => {
  fc.assert(
    fc.property(plainCase, (example) => {
      for (const { after, operation } of accepted(example)) {
        const again = outcome({ ...example, attributes: after }, { Operations: [operation] })
        expect(again).toEqual(after)
      }
    }),
  )
})

test('at most one value of an attribute is primary, the one that was made so last', () => {
  const emails = fc.uniqueArray(fc.nat({ max: 20 }), { minLength: 1, maxLength: 6 })
  const picks = fc.array(fc.nat({ max: 5 }), { minLength: 1, maxLength: 6 })
  fc.assert(
    fc.property(emails, picks, (numbers, order) => {
      const values = numbers.map((number) => `${number}@x`)
      const chosen = order.map((pick) => values[pick % values.length])
      const attributes = { userName: 'b', emails: values.map((value) => ({ value })) }
      const operations = chosen.map((value) => ({
        op: 'replace',
        path: `emails[value eq "${value}"].primary`,
        value: true,
      }))
      const result = applyPatchAtOnce(
        USER,
        frozen(attributes),
        readPatchAtOnce(USER, { Operations: operations }).operations,
      )
      const after = isArray(result['emails']) ? result['emails'].filter(isObject) : []
      const primary = after.filter((email) => email['primary'] === true)
      expect(primary.map((email) => email['value'])).toEqual([chosen.at(-1)])
      expect(after).toHaveLength(values.length)
    }),
  )
})

test('what a client may not write is never there', () => {
  const names = ['id', 'meta', 'groups', 'schemas', 'password', 'score', 'checked', 'pin', '$ref']
  fc.assert(
    fc.property(anyCase, (example) => {
      for (const { after } of accepted(example)) {
        const text = JSON.stringify(after)
        expect(names.filter((name) => text.includes(`"${name}":`))).toEqual([])
      }
    }),
  )
})

/** The values of those attributes that have one, by container and name. */
function valuesOf(
  { type }: Case,
  resource: JsonObject,
  isMeant: (attribute: Attribute) => boolean,
): ReadonlyMap<string, JsonValue> {
  const values = new Map<string, JsonValue>()
  for (const container of containersOf(TYPES[type])) {
    const content = contentOf(container, resource) ?? {}
    for (const { name } of container.attributes.filter(isMeant)) {
      const value = content[name]
      if (value !== undefined) values.set(`${container.extension?.id ?? ''}:${name}`, value)
    }
  }
  return values
}

test('immutable values stay as they are, and required ones stay', () => {
  fc.assert(
    fc.property(anyCase, (example) => {
      for (const { before, after } of accepted(example)) {
        const immutable = (resource: JsonObject): ReadonlyMap<string, JsonValue> =>
          valuesOf(example, resource, ({ mutability }) => mutability === 'immutable')
        expect([...immutable(after)]).toEqual(expect.arrayContaining([...immutable(before)]))
        const required = (resource: JsonObject): readonly string[] => [
          ...valuesOf(example, resource, (attribute) => attribute.required).keys(),
        ]
        expect(required(after)).toEqual(expect.arrayContaining([...required(before)]))
      }
    }),
  )
})

test('replace without a filter reads back as it was written', () => {
  fc.assert(
    fc.property(fc.constantFrom(...WORDS), fc.boolean(), (word, active) => {
      const value = { title: word, active: String(active), 'name.givenName': word }
      const { operations } = readPatchAtOnce(USER, { Operations: [{ op: 'replace', value }] })
      expect(applyPatchAtOnce(USER, { userName: 'b' }, operations)).toEqual({
        userName: 'b',
        title: word,
        active,
        name: { givenName: word },
      })
    }),
  )
})

test('names that every object has never become attributes, nor reach prototypes', () => {
  const name = fc.constantFrom(
    '__proto__',
    'constructor',
    'prototype',
    'toString',
    'hasOwnProperty',
  )
  const text = fc
    .tuple(name, name, fc.constantFrom('add', 'replace'))
    .map(
      ([a, b, op]) =>
        `{"Operations":[{"op":"${op}","value":{"${a}":{"${b}":1},"name":{"${a}":{"polluted":1},"givenName":"G"}}}]}`,
    )
  fc.assert(
    fc.property(text, (body) => {
      const result = applyPatchAtOnce(
        USER,
        { userName: 'b' },
        readPatchAtOnce(USER, jsonObject(body)).operations,
      )
      expect(result).toStrictEqual({ userName: 'b', name: { givenName: 'G' } })
      expect(Object.getPrototypeOf(result)).toBe(Object.prototype)
      expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false)
    }),
  )
})
