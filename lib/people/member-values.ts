import type { Attribute, AttributeType } from '../scim/attribute.ts'
import { isSecret } from '../scim/attribute.ts'
import { detail, type Detail } from '../scim/detail.ts'
import type { ScimError } from '../scim/errors.ts'
import { isArray, type JsonValue } from '../scim/json.ts'
import { whatCame } from '../scim/what-came.ts'
import type { PersonLine } from './mapping.ts'

/** What the values of a type are in JSON, and how that is said. */
const KINDS: Readonly<Record<AttributeType, { readonly kind: string; readonly said: string }>> = {
  string: { kind: 'string', said: 'a string' },
  dateTime: { kind: 'string', said: 'a string' },
  reference: { kind: 'string', said: 'a string' },
  binary: { kind: 'string', said: 'a string' },
  boolean: { kind: 'boolean', said: 'true or false' },
  integer: { kind: 'number', said: 'a number' },
  decimal: { kind: 'number', said: 'a number' },
  complex: { kind: 'object', said: 'an object' },
}

/**
 * What is wrong with the JSON of a value that a member is to have; undefined: nothing. What is forgiven to the clients of SCIM,
 * which clear by `""`, `[]` and `{}` and wrap values, is a mistake here.
 */
export function whatIsWrong(
  { name, reference: { attribute, subAttribute } }: PersonLine,
  value: JsonValue,
): Detail | undefined {
  if (value === null) return undefined
  const one = subAttribute ?? attribute
  const { said } = KINDS[one.type]
  const isList = subAttribute === undefined && attribute.multiValued
  if (!isList) {
    if (isOfType(one, value)) return undefined
    return detail`${name} must be ${said}, or null to clear it; ${came(one, value)} came.`
  }
  if (!isArray(value)) {
    return detail`${name} must be an array, each of it ${said}, or null to clear it; ${came(one, value)} came.`
  }
  const wrong = value.find((each) => !isOfType(one, each))
  if (wrong === undefined) return undefined
  return detail`${name} must be an array, each of it ${said}; ${came(one, wrong)} came in it.`
}

function isOfType({ type }: Attribute, value: JsonValue): boolean {
  if (value === null || value === '' || isArray(value)) return false
  return typeof value === KINDS[type].kind
}

function came(attribute: Attribute, value: JsonValue): Detail {
  return value === '' ? detail`an empty string` : whatCame(value, isSecret(attribute))
}

/** A refusal of SCIM as one of the member: its path in SCIM is nothing that whoever has sent it knows. */
export function inOwnWords(
  line: PersonLine,
  { detail: whole, loggedDetail: withoutValues }: ScimError,
): Detail {
  const { name } = line
  const said = { whole: renamed(line, whole), withoutValues: renamed(line, withoutValues) }
  const isNamed = said.withoutValues.startsWith(`${name} `)
  return isNamed ? said : detail`${name}: ${said}`
}

/** A detail names the attribute before anything that a client sent. */
function renamed({ name, path, reference }: PersonLine, text: string): string {
  const { attribute, subAttribute } = reference
  if (!attribute.multiValued || subAttribute === undefined) return text.replace(path, () => name)
  const elements = path.slice(0, -subAttribute.name.length - 1)
  const at = text.indexOf(elements)
  if (at < 0) return text
  const behind = text.slice(at + elements.length).replace(/^(?:\[[^\]]*\])?(?:\.\w+)?/, '')
  return `${text.slice(0, at)}${name}${behind}`
}
