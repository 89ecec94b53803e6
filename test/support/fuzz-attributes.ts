import fc from 'fast-check'
import type { Attribute, AttributeType } from '../../lib/scim/attribute.ts'
import { containersOf } from '../../lib/scim/container.ts'
import type { JsonObject, JsonValue } from '../../lib/scim/json.ts'
import type { ResourceType } from '../../lib/scim/resource-type.ts'
import { formattedTexts } from './formatted.ts'
import { knownId, trouble, word } from './fuzz-text.ts'

/** What `password` is given: an answer that holds it tells a secret. */
export const SECRET = 'pa55-Wort'

/** An attribute, or a part of one, by its path in attribute notation. */
export interface Named {
  readonly path: string
  /** The attribute itself, or the part. */
  readonly attribute: Attribute
  /** The attribute as a whole, where `attribute` is a part of it. */
  readonly parent?: Attribute
}

/** Every attribute and part of the schemas of a resource type, common ones included, by each name that it goes by. */
export function namedAttributes(resourceType: ResourceType): readonly Named[] {
  return containersOf(resourceType).flatMap(({ extension, attributes }) => {
    const urn = extension?.id ?? resourceType.schema.id
    return attributes.flatMap((attribute) =>
      [attribute.name, `${urn}:${attribute.name}`].flatMap((path) =>
        withParts({ path, attribute }),
      ),
    )
  })
}

function withParts(whole: Named): readonly Named[] {
  const { path, attribute } = whole
  const parts = attribute.subAttributes.map((part) => ({
    path: `${path}.${part.name}`,
    attribute: part,
    parent: attribute,
  }))
  return [whole, ...parts]
}

const date = fc.constantFrom('2026-01-31T00:00:00Z', '2024-02-29T23:59:59.5+02:00')

/** Values that a simple attribute of the type takes. */
const SIMPLE: Readonly<Record<Exclude<AttributeType, 'complex'>, fc.Arbitrary<JsonValue>>> = {
  string: word,
  boolean: fc.constantFrom<JsonValue>(true, false, 'True', 'false'),
  decimal: fc.double({ noNaN: true, noDefaultInfinity: true }),
  integer: fc.maxSafeInteger(),
  dateTime: date,
  binary: fc.constantFrom('YWJj', 'YQ==', 'YQ'),
  reference: fc.constantFrom('https://example.com/p.png', '../Users/1', 'urn:x:y'),
}

/** Any JSON of a few levels, with the names and texts that mean something here. */
export const anyJson = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.oneof(
      trouble,
      word,
      fc.constantFrom<JsonValue>(null, '', {}, [], 0, -1, 1.5, 1e308, true, 'False'),
    ),
    fc.array(tie('value'), { maxLength: 3 }),
    fc
      .array(
        fc.tuple(
          fc.oneof(
            fc.constantFrom('value', 'Value', 'type', 'primary', '$ref', 'display', 'userName'),
            trouble,
          ),
          tie('value'),
        ),
        { maxLength: 3 },
      )
      .map((entries) => Object.fromEntries(entries)),
  ),
})).value

const arbitraries = new Map<Attribute, fc.Arbitrary<JsonValue>>()

/** A value for an attribute: mostly one that it takes. */
export function valueFor(attribute: Attribute): fc.Arbitrary<JsonValue> {
  let values = arbitraries.get(attribute)
  if (values === undefined) {
    values = fc.oneof(
      { weight: 12, arbitrary: rightValue(attribute) },
      { weight: 1, arbitrary: fc.constantFrom<JsonValue>(null, '', [], {}) },
      {
        weight: 1,
        arbitrary: attribute.mutability === 'writeOnly' ? rightValue(attribute) : anyJson,
      },
    )
    arbitraries.set(attribute, values)
  }
  return values
}

function rightValue(attribute: Attribute): fc.Arbitrary<JsonValue> {
  if (!attribute.multiValued) return elementOf(attribute)
  const element = elementOf(attribute)
  return fc.oneof(
    { weight: 5, arbitrary: fc.array(element, { maxLength: 3 }) },
    { weight: 1, arbitrary: element },
  )
}

/** One value of an attribute, whether it takes several or not. */
export function elementOf(attribute: Attribute): fc.Arbitrary<JsonValue> {
  if (attribute.mutability === 'writeOnly') return fc.constant(SECRET)
  const isId = attribute.caseExact && /^(?:value|id)$/.test(attribute.name)
  const texts = formattedTexts(attribute)
  if (texts !== undefined) return fc.constantFrom(...texts)
  if (attribute.type !== 'complex') {
    return isId ? fc.oneof({ weight: 5, arbitrary: knownId }, word) : SIMPLE[attribute.type]
  }
  return recordOf(attribute.subAttributes, 4)
}

/** An object of some of the attributes. */
export function recordOf(attributes: readonly Attribute[], most: number): fc.Arbitrary<JsonObject> {
  if (attributes.length === 0) return fc.constant({})
  const members = attributes.map((attribute) =>
    fc.tuple(fc.constant(attribute.name), valueFor(attribute)),
  )
  return fc
    .array(fc.oneof(...members), { maxLength: most })
    .map((entries) => Object.fromEntries(entries))
}
