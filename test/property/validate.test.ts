import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Attribute, AttributeType } from '../../lib/scim/attribute.ts'
import { ScimError } from '../../lib/scim/errors.ts'
import type { JsonObject, JsonValue } from '../../lib/scim/json.ts'
import { toRepresentation } from '../../lib/scim/representation.ts'
import { DEFAULT_RESOURCE_TYPES } from '../../lib/scim/default-resource-types.ts'
import type { ResourceType } from '../../lib/scim/resource-type.ts'
import { checkImmutable, checkResource } from '../../lib/scim/validate/final-state.ts'
import { canonicalResource } from '../../lib/scim/validate/resource.ts'
import { formattedTexts } from '../support/formatted.ts'
import { codePoint } from '../support/code-point.ts'
import { isTakenList } from '../support/lists.ts'

/** Any JSON as a client may send it, with the texts that mean something here more often than chance has them. */
const json = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.oneof(
      fc.constantFrom<JsonValue>(null, '', 'True', 'false', 'work', 'WORK', {}, []),
      fc.boolean(),
      fc.double(),
      fc.string({ unit: codePoint }),
    ),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(
      fc.oneof(
        fc.constantFrom('value', 'Value', 'type', 'primary', '$ref', '__proto__', 'displayName'),
        fc.string(),
      ),
      tie('value'),
      { maxKeys: 4 },
    ),
  ),
})).value

/** Names of attributes in every spelling that a body may have them in, and others. */
function namesFor({ schema, extensions }: ResourceType): fc.Arbitrary<string> {
  const schemas = [schema, ...extensions.map((extension) => extension.schema)]
  const paths = schemas.flatMap(({ id, attributes }) =>
    attributes.flatMap(({ name, subAttributes }) =>
      [name, name.toUpperCase(), `${id}:${name}`].concat(
        subAttributes.map((sub) => `${name}.${sub.name}`),
      ),
    ),
  )
  const others = ['id', 'meta', 'externalId', '__proto__', 'constructor', 'Schemas']
  return fc.oneof(
    fc.constantFrom(...paths, ...schemas.map(({ id }) => id)),
    fc.constantFrom(...others),
    fc.string(),
  )
}

type Body = readonly [resourceType: ResourceType, body: JsonObject]

function withRequired(resourceType: ResourceType, attributes: JsonObject): Body {
  const required = { userName: 'bjensen', displayName: 'Sales', schemas: [resourceType.schema.id] }
  return [resourceType, { ...attributes, ...required }]
}

/** Names that the schemas know with values that they mostly do not. */
const anyBody: fc.Arbitrary<Body> = fc.oneof(
  ...DEFAULT_RESOURCE_TYPES.map((type) =>
    fc
      .dictionary(namesFor(type), json, { maxKeys: 6, noNullPrototype: true })
      .map((attributes) => withRequired(type, attributes)),
  ),
)

/** What came out: canonical attributes, or what was thrown. */
function outcome(type: ResourceType, body: unknown): unknown {
  try {
    return canonicalResource(type, body)
  } catch (error) {
    return error
  }
}

test('any JSON gives canonical attributes or a ScimError of the client', () => {
  const anything = fc.tuple(fc.constantFrom(...DEFAULT_RESOURCE_TYPES), json)
  fc.assert(
    fc.property(fc.oneof(anything, anyBody), ([type, body]) => {
      const result = outcome(type, body)
      expect(result instanceof Error ? result : new ScimError('invalidValue', '')).toMatchObject({
        name: 'ScimError',
        status: 400,
      })
    }),
  )
})

/** A value that the attribute takes, or one that leaves it unassigned. */
function valueFor(attribute: Attribute): fc.Arbitrary<JsonValue> {
  const one = elementFor(attribute)
  return attribute.multiValued ? fc.array(one, { maxLength: 3 }).filter(isTakenList) : one
}

const TEXT = fc.constantFrom('a', 'B-2', 'en-US', 'Work', 'user', '', null)

const SIMPLE: Readonly<Record<Exclude<AttributeType, 'complex'>, fc.Arbitrary<JsonValue>>> = {
  string: TEXT,
  boolean: fc.constantFrom(true, false, 'True', 'FALSE', '', null),
  decimal: fc.double({ noNaN: true, noDefaultInfinity: true }),
  integer: fc.maxSafeInteger(),
  dateTime: fc.constantFrom('2026-01-01T00:00:00Z', '2024-02-29T23:59:59.5+02:00'),
  binary: fc.constantFrom('YWJj', 'YQ', null),
  reference: fc.constantFrom('https://example.com/p.png', '../Users/1', '', null),
}

function elementFor(attribute: Attribute): fc.Arbitrary<JsonValue> {
  const { type, subAttributes } = attribute
  const texts = formattedTexts(attribute)
  if (texts !== undefined) return fc.constantFrom(...texts, '', null)
  if (type !== 'complex') return SIMPLE[type]
  const values = recordOf(subAttributes)
  const isReference = subAttributes.some(({ name }) => name === '$ref')
  return isReference ? values.map(withId) : values
}

function withId(reference: JsonObject): JsonObject {
  return { ...reference, value: 'id-1' }
}

function recordOf(attributes: readonly Attribute[]): fc.Arbitrary<JsonObject> {
  const entries = attributes.map((entry) => fc.tuple(fc.constant(entry.name), valueFor(entry)))
  return fc.tuple(...entries).chain((all) => fc.subarray(all).map(objectOf))
}

function objectOf(entries: readonly (readonly [name: string, value: JsonValue])[]): JsonObject {
  return Object.fromEntries(entries)
}

/** Values that the schemas take. */
const goodBody: fc.Arbitrary<Body> = fc.oneof(
  ...DEFAULT_RESOURCE_TYPES.map((type) => {
    const extensions = type.extensions.map(({ schema }) =>
      fc.tuple(fc.constant(schema.id), recordOf(schema.attributes)),
    )
    return fc
      .tuple(recordOf(type.schema.attributes), fc.tuple(...extensions).map(objectOf))
      .map(([own, contents]) => withRequired(type, { ...own, ...contents }))
  }),
)

test('canonical attributes are canonical: a second pass changes nothing', () => {
  fc.assert(
    fc.property(goodBody, ([type, body]) => {
      const attributes = canonicalResource(type, body)
      const again = canonicalResource(type, { ...attributes, schemas: [type.schema.id] })
      expect(again).toStrictEqual(attributes)
      expect(JSON.stringify(again)).toBe(JSON.stringify(attributes))
    }),
  )
})

test('canonical attributes hold no unassigned value and none that a client may not write', () => {
  const hasUnassigned = (value: JsonValue): boolean => {
    if (value === null || value === '') return true
    if (typeof value !== 'object') return false
    const parts = Object.values(value)
    return parts.length === 0 || parts.some(hasUnassigned)
  }
  fc.assert(
    fc.property(goodBody, ([type, body]) => {
      const attributes = canonicalResource(type, body)
      expect(hasUnassigned(attributes)).toBe(false)
      for (const name of ['password', 'groups', 'id', 'meta', 'schemas']) {
        expect(attributes).not.toHaveProperty(name)
      }
      expect(JSON.stringify(attributes)).not.toContain('"$ref"')
    }),
  )
})

test('canonical attributes pass the checks of the final state, and a PUT of themselves', () => {
  fc.assert(
    fc.property(goodBody, ([type, body]) => {
      const attributes = canonicalResource(type, body)
      expect(() => checkResource(type, attributes)).not.toThrow()
      expect(checkImmutable(type, attributes, attributes)).toEqual(attributes)
    }),
  )
})

test('a client that sends back what it was answered changes nothing', () => {
  fc.assert(
    fc.property(goodBody, ([type, body]) => {
      const attributes = canonicalResource(type, body)
      const stamp = { id: 'x', version: 'v', created: 'c', lastModified: 'l' }
      const answered = toRepresentation(type, { ...stamp, attributes })
      expect(canonicalResource(type, answered)).toEqual(attributes)
    }),
  )
})

test('the order of members in a body changes nothing', () => {
  fc.assert(
    fc.property(goodBody, ([type, body]) => {
      const attributes = canonicalResource(type, body)
      const reversed = Object.fromEntries(Object.entries(body).toReversed())
      expect(JSON.stringify(canonicalResource(type, reversed))).toBe(JSON.stringify(attributes))
    }),
  )
})
