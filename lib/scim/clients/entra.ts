import { resolvePath } from '../attribute-path.ts'
import { isObject, type JsonValue } from '../json.ts'
import type { PatchOperation } from '../patch-operation.ts'
import type { ResourceType } from '../resource-type.ts'

/**
 * The boolean that a text means: "True" and "False" in any case. Entra's default mapping of `active` gives strings
 * (ENT-BOOL-01, ENT-BOOL-03), the SCIM Validator sends them for `primary` (ENT-BOOL-04), filters have `primary eq "True"`.
 * @returns undefined for any other text.
 */
export function booleanIn(text: string): boolean | undefined {
  const word = text.toLowerCase()
  return word === 'true' ? true : word === 'false' ? false : undefined
}

/**
 * Takes keys that are paths out of a value without a path, each as an operation of its own in its place. Entra with
 * aadOptscim062020 and the SCIM Validator send `name.givenName` and `urn:…:User:employeeNumber` as keys
 * (ENT-NOPATH-01, ENT-NOPATH-02, ENT-NOPATH-04, VAL-PATCH-06). Keys that name nothing are ignored, as attribute names are.
 */
export function pathKeys(
  resourceType: ResourceType,
  operation: PatchOperation,
): readonly PatchOperation[] {
  const { op, path, value } = operation
  if (op === 'remove' || path !== undefined || !isObject(value)) return [operation]
  if (!Object.keys(value).some((key) => isPath(resourceType, key))) return [operation]
  const rewritten: PatchOperation[] = []
  let names: [string, JsonValue][] = []
  const flush = (): void => {
    if (names.length === 0) return
    rewritten.push({ ...operation, value: Object.fromEntries(names) })
    names = []
  }
  for (const [key, given] of Object.entries(value)) {
    if (!isPath(resourceType, key)) names.push([key, given])
    else if (isKnown(resourceType, key)) {
      flush()
      rewritten.push({ ...operation, path: key, value: given })
    }
  }
  flush()
  return rewritten
}

/** More than the name of an attribute or the URN of an extension, which RFC 7643 §3 has for keys. */
function isPath(resourceType: ResourceType, key: string): boolean {
  return /[.:[]/.test(key) && resolvePath(resourceType, key)?.kind !== 'extension'
}

function isKnown(resourceType: ResourceType, key: string): boolean {
  const [attributePath = ''] = key.split('[', 1)
  return resolvePath(resourceType, attributePath) !== undefined
}
