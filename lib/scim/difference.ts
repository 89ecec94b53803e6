import { referencePath } from './attribute-path.ts'
import type { Attribute } from './attribute.ts'
import { containersOf, contentOf, type Container } from './container.ts'
import { sameValue } from './equal.ts'
import { isObject, type JsonObject, type JsonValue } from './json.ts'
import type { ResourceType } from './resource-type.ts'

/** The canonical paths of what one state of a resource has otherwise than another. */
export interface Difference {
  /** What has another value, or none before. */
  readonly changed: readonly string[]
  /** What has no value any more. */
  readonly cleared: readonly string[]
}

const MOST_PATHS = 50
const MOST_CHARACTERS = 4000

/**
 * What a change sets and clears: complex attributes by sub-attribute, multi-valued ones whole. What would be too many paths
 * is told by the attributes alone, and cut off where these are too many too.
 */
export function differenceOf(
  resourceType: ResourceType,
  before: JsonObject,
  after: JsonObject,
): Difference {
  const whole: Found = { changed: [], cleared: [] }
  const parts: Found = { changed: [], cleared: [] }
  for (const { container, places } of containersIn(resourceType)) {
    const was = contentOf(container, before)
    const is = contentOf(container, after)
    if (was === is) continue
    for (const place of places) {
      const [one, other] = [was?.[place.name], is?.[place.name]]
      if (sameValue(one, other)) continue
      whole[other === undefined ? 'cleared' : 'changed'].push(place.path)
      compareParts(parts, place, one, other)
    }
  }
  return isShort(parts) ? parts : shortened(whole)
}

interface Found {
  readonly changed: string[]
  readonly cleared: string[]
}

/** An attribute, or a sub-attribute, and its path. */
interface Place {
  readonly name: string
  readonly path: string
  /** Those that are compared one by one. */
  readonly parts: readonly Place[]
}

interface Places {
  readonly container: Container
  readonly places: readonly Place[]
}

const known = new WeakMap<ResourceType, readonly Places[]>()

function containersIn(resourceType: ResourceType): readonly Places[] {
  const found = known.get(resourceType) ?? containersOf(resourceType).map(placesIn)
  known.set(resourceType, found)
  return found
}

function placesIn(container: Container): Places {
  const { extension, attributes } = container
  const placeOf = (attribute: Attribute, subAttribute?: Attribute): Place => ({
    name: (subAttribute ?? attribute).name,
    path: referencePath({ extension, attribute, subAttribute }),
    parts:
      attribute.multiValued || subAttribute !== undefined
        ? []
        : attribute.subAttributes.map((each) => placeOf(attribute, each)),
  })
  return { container, places: attributes.map((attribute) => placeOf(attribute)) }
}

function compareParts(
  found: Found,
  { path, parts }: Place,
  was: JsonValue | undefined,
  is: JsonValue | undefined,
): void {
  if (parts.length === 0) {
    found[is === undefined ? 'cleared' : 'changed'].push(path)
    return
  }
  const [before, after] = [isObject(was) ? was : {}, isObject(is) ? is : {}]
  for (const part of parts) {
    const value = after[part.name]
    if (sameValue(before[part.name], value)) continue
    found[value === undefined ? 'cleared' : 'changed'].push(part.path)
  }
}

function isShort({ changed, cleared }: Difference): boolean {
  const paths = [...changed, ...cleared]
  if (paths.length > MOST_PATHS) return false
  return paths.reduce((sum, { length }) => sum + length, 0) <= MOST_CHARACTERS
}

/** What changed goes before what was cleared. */
function shortened({ changed, cleared }: Difference): Difference {
  let [paths, characters] = [0, 0]
  const fits = ({ length }: string): boolean => {
    paths += 1
    characters += length
    return paths <= MOST_PATHS && characters <= MOST_CHARACTERS
  }
  return { changed: changed.filter(fits), cleared: cleared.filter(fits) }
}
