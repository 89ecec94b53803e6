import type { Attribute } from './attribute.ts'
import { containersOf, contentOf, knownInSchemaOrder, type Container } from './container.ts'
import { toETag } from './etag.ts'
import { isArray, isObject, type JsonObject, type JsonValue } from './json.ts'
import { issuedReference, referencedTypes } from './reference.ts'
import type { StoredResource } from './resource.ts'
import type { ResourceType } from './resource-type.ts'

/**
 * A resource as it is answered (RFC 7643 §3), attributes in schema order, without locations (`withLocations` adds
 * them). Values that are kept elsewhere, a group's `members` and a user's `groups`, may be put among the stored
 * attributes. Attributes that the resource type does not know (any more) are left out.
 */
export function toRepresentation(resourceType: ResourceType, stored: StoredResource): JsonObject {
  const schemas: string[] = [resourceType.schema.id]
  const extensions: Record<string, JsonValue> = {}
  let own: JsonObject = {}
  for (const container of containersOf(resourceType)) {
    const content = contentOf(container, stored.attributes)
    if (content === undefined) continue
    const known = knownInSchemaOrder(container.attributes, content)
    if (container.extension === undefined) own = known
    else if (Object.keys(known).length > 0) {
      schemas.push(container.extension.id)
      extensions[container.extension.id] = known
    }
  }
  const meta = {
    resourceType: resourceType.name,
    created: stored.created,
    lastModified: stored.lastModified,
    version: toETag(stored.version),
  }
  return { schemas, id: stored.id, ...own, ...extensions, meta }
}

/**
 * The URI of a resource (RFC 7644 §3.1).
 * @param baseUrl the Tenant URL, without a slash at its end.
 */
export function locationOf(resourceType: ResourceType, baseUrl: string, id: string): string {
  return `${baseUrl}${resourceType.endpoint}/${UNRESERVED.test(id) ? id : encodedId(id)}`
}

/** Our own ids need no encoding (RFC 3986 §2.3). */
const UNRESERVED = /^[A-Za-z0-9._~-]*$/

function encodedId(id: string): string {
  // encodeURIComponent throws on half a surrogate pair.
  return encodeURIComponent(id.replaceAll(/\p{Surrogate}/gu, '\uFFFD'))
}

/**
 * A representation with `meta.location` and the `$ref` of every reference to a SCIM resource (RFC 7643 §2.4, §3.1).
 * Comes before the projection, which may select `members.$ref` and leave out the `value` it is made from.
 * @param resourceTypes those that a reference may be to: the tenant's.
 */
export function withLocations(
  resourceTypes: readonly ResourceType[],
  resourceType: ResourceType,
  representation: JsonObject,
  baseUrl: string,
): JsonObject {
  const located: Record<string, JsonValue> = { ...representation }
  for (const container of containersOf(resourceType)) {
    const content = contentOf(container, representation)
    if (content === undefined) continue
    const references = referencesIn(resourceTypes, container, content, baseUrl)
    if (container.extension === undefined) Object.assign(located, references)
    else if (Object.keys(references).length > 0) {
      located[container.extension.id] = { ...content, ...references }
    }
  }
  const { id, meta } = representation
  if (typeof id === 'string' && isObject(meta)) {
    located['meta'] = { ...meta, location: locationOf(resourceType, baseUrl, id) }
  }
  return located
}

/** The values of the container that refer to SCIM resources, with their `$ref`. */
function referencesIn(
  resourceTypes: readonly ResourceType[],
  container: Container,
  content: JsonObject,
  baseUrl: string,
): JsonObject {
  const references: Record<string, JsonValue> = {}
  for (const { attribute, ref } of issuedReferencesOf(container)) {
    const value = content[attribute.name]
    if (value === undefined) continue
    const targets = referencedTypes(ref, resourceTypes)
    references[attribute.name] = isArray(value)
      ? value.map((element) => withReference(ref, targets, element, baseUrl))
      : withReference(ref, targets, value, baseUrl)
  }
  return references
}

const known = new WeakMap<Container, readonly IssuedReference[]>()

/** An attribute that refers to SCIM resources, and its `$ref`. */
interface IssuedReference {
  readonly attribute: Attribute
  readonly ref: Attribute
}

function issuedReferencesOf(container: Container): readonly IssuedReference[] {
  let references = known.get(container)
  if (references === undefined) {
    references = container.attributes.flatMap((attribute) => {
      const ref = issuedReference(attribute)
      return ref === undefined ? [] : [{ attribute, ref }]
    })
    known.set(container, references)
  }
  return references
}

function withReference(
  ref: Attribute,
  targets: readonly ResourceType[],
  element: JsonValue,
  baseUrl: string,
): JsonValue {
  if (!isObject(element) || typeof element['value'] !== 'string') return element
  const { type } = element
  // `type` tells users from groups among members; elsewhere ("direct") it says something else.
  const target = targets.find(({ name }) => name === type) ?? targets[0]
  if (target === undefined) return element
  return { ...element, [ref.name]: locationOf(target, baseUrl, element['value']) }
}
