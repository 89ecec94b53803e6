import fc from 'fast-check'
import type { AttributeType } from '../../lib/scim/attribute.ts'
import { DEFAULT_RESOURCE_TYPES } from '../../lib/scim/default-resource-types.ts'
import type { ResourceType } from '../../lib/scim/resource-type.ts'
import { namedAttributes, type Named } from './fuzz-attributes.ts'
import { CLIENT_FILTERS } from './fuzz-clients.ts'
import { knownId, trouble, withSlips, word } from './fuzz-text.ts'

const operator = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom('eq', 'eq', 'ne', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le'),
  },
  { weight: 1, arbitrary: fc.constantFrom('EQ', 'Co', 'pr', 'is', 'and', '==', '') },
)

const quoted = fc.oneof(word, knownId, trouble).map((text) => JSON.stringify(text))
const bare = fc.constantFrom(
  'true',
  'False',
  'null',
  '0',
  '-1',
  '1.50',
  '1e400',
  'work',
  "'x'",
  '(',
  '"',
)

/** What an attribute of the type is compared with. */
const LITERALS: Readonly<Record<AttributeType, fc.Arbitrary<string>>> = {
  string: quoted,
  complex: quoted,
  reference: quoted,
  binary: fc.constant('"YWJj"'),
  boolean: fc.constantFrom('true', 'false', '"True"', '"x"'),
  decimal: fc.constantFrom('1', '-0.5', '1e3', '"1"'),
  integer: fc.constantFrom('1', '-1', '9007199254740993', '1.5'),
  dateTime: fc.constantFrom('"2026-01-31T00:00:00Z"', '"2026-01-31T00:00:00+14:00"', '"x"'),
}

function literalFor(type: AttributeType): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 8, arbitrary: LITERALS[type] },
    { weight: 1, arbitrary: bare },
    { weight: 1, arbitrary: quoted },
  )
}

function conditionOn({ path, attribute }: Named): fc.Arbitrary<string> {
  return fc.oneof(
    {
      weight: 5,
      arbitrary: fc
        .tuple(operator, literalFor(attribute.type))
        .map(([op, literal]) => `${path} ${op} ${literal}`),
    },
    { weight: 1, arbitrary: fc.constant(`${path} pr`) },
  )
}

/** Conditions joined, negated and put in parentheses, a few levels deep. */
function logic(condition: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.letrec<{ filter: string }>((tie) => ({
    filter: fc.oneof(
      { depthSize: 'small', maxDepth: 4 },
      { weight: 3, arbitrary: condition },
      {
        weight: 1,
        arbitrary: fc
          .tuple(tie('filter'), fc.constantFrom(' and ', ' or ', ' AND '), tie('filter'))
          .map((parts) => parts.join('')),
      },
      { weight: 1, arbitrary: tie('filter').map((filter) => `not (${filter})`) },
      { weight: 1, arbitrary: tie('filter').map((filter) => `(${filter})`) },
    ),
  })).filter
}

/** Paths with what they name, for values that fit. */
interface Target {
  readonly path: fc.Arbitrary<string>
  readonly named: Named
}

/** Filters and paths over the schemas of a resource type. */
interface Grammar {
  readonly resourceType: ResourceType
  readonly filter: fc.Arbitrary<string>
  readonly path: fc.Arbitrary<string>
  readonly targets: readonly Target[]
}

/** `emails[type eq "work"]`: whole elements, and their parts. */
function valuePaths(named: Named): readonly Target[] {
  const parts = named.attribute.subAttributes.map((attribute) => ({
    path: attribute.name,
    attribute,
    parent: named.attribute,
  }))
  const condition = logic(fc.oneof(...parts.map(conditionOn)))
  const whole = condition.map((filter) => `${named.path}[${filter}]`)
  const filtered = parts.map((part) => ({
    path: whole.map((text) => `${text}.${part.path}`),
    named: part,
  }))
  return [{ path: whole, named }, ...filtered]
}

function takesFilter({ attribute, parent }: Named): boolean {
  return parent === undefined && attribute.multiValued && attribute.subAttributes.length > 0
}

function grammarOf(resourceType: ResourceType): Grammar {
  const attributes = namedAttributes(resourceType)
  const filtered = attributes.filter(takesFilter).flatMap(valuePaths)
  const plain = attributes.map((named) => ({ path: fc.constant(named.path), named }))
  const anyPlain = fc.oneof(...plain.map(({ path }) => path))
  const anyFiltered = fc.oneof(...filtered.map(({ path }) => path))
  const other = fc.oneof(
    fc.constantFrom(
      resourceType.schema.id,
      ...resourceType.extensions.map(({ schema }) => schema.id),
      'urn:example:custom:2.0:User:level',
      'emails[0].value',
      'nothing',
      'name.nothing',
      'members[value eq ""]',
    ),
    trouble,
  )
  const condition = fc.oneof(
    { weight: 8, arbitrary: fc.oneof(...attributes.map(conditionOn)) },
    { weight: 2, arbitrary: anyFiltered },
    { weight: 1, arbitrary: fc.tuple(other, operator, quoted).map((parts) => parts.join(' ')) },
  )
  return {
    resourceType,
    filter: withSlips(logic(condition)),
    path: withSlips(
      fc.oneof({ weight: 6, arbitrary: anyPlain }, { weight: 2, arbitrary: anyFiltered }, other),
    ),
    targets: [...plain, ...filtered],
  }
}

/** Filters and paths over the schemas of each resource type. */
export const GRAMMARS: readonly Grammar[] = DEFAULT_RESOURCE_TYPES.map(grammarOf)

/** A filter on any resource type, mostly a good one. */
export const anyFilter: fc.Arbitrary<string> = fc.oneof(
  { weight: 20, arbitrary: fc.oneof(...GRAMMARS.map(({ filter }) => filter)) },
  { weight: 4, arbitrary: withSlips(fc.constantFrom(...CLIENT_FILTERS)) },
  { weight: 1, arbitrary: fc.constantFrom('~f0~', '~f1~', '~f2~', '~f3~', '~f4~', '~f5~') },
  { weight: 1, arbitrary: trouble },
)

/** A path in attribute notation, mostly a good one. */
export const anyPath: fc.Arbitrary<string> = fc.oneof(...GRAMMARS.map(({ path }) => path))
