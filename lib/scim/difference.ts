import { referencePath } from './attribute-path.ts'
import type { Attribute, Schema } from './attribute.ts'
import { containersOf, contentOf } from './container.ts'
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
  for (const container of containersOf(resourceType)) {
    const was = contentOf(container, before)
    const is = contentOf(container, after)
    if (was === is) continue
    const { extension } = container
    for (const attribute of container.attributes) {
      const [one, other] = [was?.[attribute.name], is?.[attribute.name]]
      if (sameValue(one, other)) continue
      const path = referencePath({ extension, attribute })
      whole[other === undefined ? 'cleared' : 'changed'].push(path)
      compareParts(parts, { extension, attribute, path }, one, other)
    }
  }
  return isShort(parts) ? parts : shortened(whole)
}

interface Found {
  readonly changed: string[]
  readonly cleared: string[]
}

interface Place {
  readonly extension: Schema | undefined
  readonly attribute: Attribute
  readonly path: string
}

function compareParts(
  parts: Found,
  { extension, attribute, path }: Place,
  was: JsonValue | undefined,
  is: JsonValue | undefined,
): void {
  if (attribute.multiValued || attribute.subAttributes.length === 0) {
    parts[is === undefined ? 'cleared' : 'changed'].push(path)
    return
  }
  const [before, after] = [isObject(was) ? was : {}, isObject(is) ? is : {}]
  for (const subAttribute of attribute.subAttributes) {
    const value = after[subAttribute.name]
    if (sameValue(before[subAttribute.name], value)) continue
    const list = parts[value === undefined ? 'cleared' : 'changed']
    list.push(referencePath({ extension, attribute, subAttribute }))
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
