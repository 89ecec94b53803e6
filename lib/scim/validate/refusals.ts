import { isSecret, type Attribute, type Schema } from '../attribute.ts'
import { detail, type Detail } from '../detail.ts'
import { ScimError } from '../errors.ts'
import type { JsonValue } from '../json.ts'
import { whatCame } from '../what-came.ts'
import { acceptedForms } from './format.ts'

/** Errors about values that several checks give. `path` names the attribute, such as `name.givenName`. */

/** For an attribute without the value that it must have (RFC 7643 §7 `required`). */
export function requiredMissing(path: string): ScimError {
  return new ScimError('invalidValue', `${path} is required and must not be empty.`)
}

/** For another value than the one that an attribute keeps (RFC 7643 §7 `immutable`). */
export function immutableChanged(path: string): ScimError {
  return new ScimError('mutability', `${path} is immutable: its value cannot be changed.`)
}

/** For a reference to a SCIM resource without the id that is stored: `$ref` alone would be dropped silently. */
export function referencedIdMissing(path: string): ScimError {
  return new ScimError(
    'invalidValue',
    `${path}.value is missing: the id of the resource that is referred to.`,
  )
}

/** For an attribute that came under two spellings of its name: which one was meant cannot be guessed. */
export function givenTwice(path: string | Detail): ScimError {
  return new ScimError('invalidSyntax', detail`${path} is given more than once; names ignore case.`)
}

/** For a value of another JSON type than the attribute's: it says all forms that are taken. */
export function wrongType(attribute: Attribute, path: string, value: JsonValue): ScimError {
  return wrongFormat(attribute, path, acceptedForms(attribute), value)
}

/** For a value that is not what it must be, told by `whatCame` unless otherwise. */
export function wrongFormat(
  attribute: Attribute,
  path: string,
  expected: string,
  value: JsonValue,
  came = whatCame(value, isSecret(attribute)),
): ScimError {
  return new ScimError('invalidValue', detail`${path} must be ${expected}; ${came} came.`)
}

/** For something else under the URN of a schema than the object with its attributes (RFC 7643 §3.3). */
export function noContainer({ id }: Schema, value: JsonValue): ScimError {
  return new ScimError(
    'invalidValue',
    detail`${id} must be an object with the attributes of this schema; ${whatCame(value)} came.`,
  )
}
