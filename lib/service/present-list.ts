import { LIMITS } from '../scim/limits.ts'
import type { StoredResource } from '../scim/resource.ts'
import { JsonText, serialize, Streamed, type Answer } from './answer.ts'
import type { ServiceContext } from './context.ts'
import { presenter, readGroups, type GroupsOf } from './present.ts'
import type { TypeQuery } from './type-query.ts'

/** A resource of a page, and the query that found it. */
export interface Found {
  readonly query: TypeQuery
  readonly stored: StoredResource
}

/** Groups whose members are read at the same time. */
const RESOURCES_AT_ONCE = 16
/** After so many bytes others should have their turn. */
const BYTES_PER_TURN = 500_000

/**
 * The resources of one page as they are answered, in their order: as many of them as LIMITS.answerBytes holds, and at
 * least one.
 * @param groupsRead the groups they are in, when they were read already.
 * @returns the JSON text of `Resources`, and how many are in it.
 */
export async function presentList(
  context: ServiceContext,
  found: readonly Found[],
  groupsRead?: GroupsOf,
): Promise<{ readonly Resources: JsonText; readonly shown: number }> {
  const presentOne = await presenterOf(context, found, groupsRead)
  const pieces: string[] = []
  let bytes = 0
  let turns = 0
  let shown = 0
  for (let at = 0; at < found.length; at += RESOURCES_AT_ONCE) {
    const batch = await Promise.all(found.slice(at, at + RESOURCES_AT_ONCE).map(presentOne))
    for (const answer of batch) {
      if (shown > 0 && bytes >= LIMITS.answerBytes) return closed(pieces, shown)
      pieces.push(shown === 0 ? '[' : ',')
      bytes += await append(pieces, answer)
      shown += 1
    }
    if (bytes < (turns + 1) * BYTES_PER_TURN) continue
    turns = Math.floor(bytes / BYTES_PER_TURN)
    await context.letOthersRun()
  }
  return closed(pieces, shown)
}

/** Adds the JSON text of an answer; tells how many bytes it has. */
async function append(pieces: string[], answer: Answer): Promise<number> {
  let bytes = 0
  const add = (text: string): void => {
    pieces.push(text)
    bytes += Buffer.byteLength(text)
  }
  if (!isStreamed(answer)) add(JSON.stringify(answer))
  else for await (const piece of serialize(answer)) add(piece)
  return bytes
}

/** Of a resource only an attribute can be streamed: the members of a group. */
function isStreamed(answer: Answer): boolean {
  if (typeof answer !== 'object' || answer === null) return false
  return Object.values(answer).some((value: Answer) => value instanceof Streamed)
}

function closed(pieces: string[], shown: number): { Resources: JsonText; shown: number } {
  pieces.push(shown === 0 ? '[]' : ']')
  return { Resources: new JsonText(pieces.join('')), shown }
}

/** Presents resources of several types: what they need is read at once for each type. */
async function presenterOf(
  context: ServiceContext,
  found: readonly Found[],
  groupsRead: GroupsOf | undefined,
): Promise<(found: Found) => Promise<Answer>> {
  const queries = [...new Set(found.map(({ query }) => query))]
  const byQuery = await Promise.all(
    queries.map(async (query) => {
      const { resourceType, projection } = query
      const resources = found.filter((each) => each.query === query).map(({ stored }) => stored)
      const ids = resources.map(({ id }) => id)
      const groupsOf = groupsRead ?? (await readGroups(context, resourceType, ids, projection))
      const present = await presenter(context, resourceType, resources, { projection, groupsOf })
      return [query, present] as const
    }),
  )
  const presenters = new Map(byQuery)
  return async ({ query, stored }) => {
    const present = presenters.get(query)
    if (present === undefined) throw new TypeError('a resource that no query has found')
    return present(stored)
  }
}
