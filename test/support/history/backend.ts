import * as z from 'zod'
import { isArray, isObject, type JsonObject, type JsonValue } from '../../../lib/scim/json.ts'
import { textOf, type Coming, type Copy } from './copy.ts'
import { instanceOf, manage } from './requests.ts'
import type { World } from './world.ts'

/** Lists that a backend keeps a copy of, and the functions that answer them. */
const LISTS = { people: 'manage-people-list', teams: 'manage-teams-list' } as const

type List = keyof typeof LISTS

/** Whence changes of each list are read: all that a backend has to know, beside its copy. */
const POSITIONS = z.strictObject({ people: z.string(), teams: z.string() })

/** What a backend has seen. */
export interface Seen {
  /** Pages of people that were asked for. */
  pages: number
  /** People who came again in the version that the copy had. */
  again: number
  readonly strange: string[]
}

export interface RoundOptions {
  /** Items of a page. */
  readonly count: number
  /** Told before each page; may throw to stop the backend. */
  readonly beforePage?: () => void
  /** Ways to come that must not be. */
  readonly strange?: readonly Coming[]
}

/**
 * One round of a vendor's backend: all that has changed since the round before; everything there is in the first one.
 * @param positions those that the round before has given, as text; empty for the first one.
 * @returns those for the next one.
 */
export async function round(
  world: World,
  copy: Copy,
  positions: string,
  seen: Seen,
  { count, beforePage, strange = ['otherInOneVersion'] }: RoundOptions,
): Promise<string> {
  const known = positions === '' ? undefined : POSITIONS.parse(JSON.parse(positions))
  const reading = { world, seen, count, beforePage }
  const present = { people: new Set<string>(), teams: new Set<string>() }
  const people = await read(reading, 'people', known?.people, (person) => {
    const coming = copy.takePerson(person)
    present.people.add(textOf(person, 'id'))
    if (coming === 'again') seen.again += 1
    if (strange.includes(coming)) seen.strange.push(`${coming}: ${JSON.stringify(person)}`)
  })
  const teams = await read(reading, 'teams', known?.teams, (team) => {
    copy.takeTeam(team)
    present.teams.add(textOf(team, 'id'))
  })
  if (known === undefined) copy.keepOnly(present)
  return JSON.stringify({ people, teams } satisfies z.output<typeof POSITIONS>)
}

/** Everybody who is there. */
export async function everybody(
  world: World,
  seen: Seen,
  count: number,
): Promise<readonly JsonObject[]> {
  const people: JsonObject[] = []
  await read({ world, seen, count }, 'people', undefined, (person) => people.push(person))
  return people
}

interface Reading extends Pick<RoundOptions, 'count'> {
  readonly world: World
  readonly seen: Seen
  readonly beforePage?: (() => void) | undefined
}

/** All pages. @returns the position behind them. */
async function read(
  reading: Reading,
  list: List,
  since: string | undefined,
  take: (item: JsonObject) => void,
): Promise<string> {
  const from = since === undefined ? '' : `&changedSince=${since}`
  let cursor: JsonValue | undefined
  for (;;) {
    reading.beforePage?.()
    const page = typeof cursor === 'string' ? `&cursor=${cursor}` : ''
    const json = await pageOf(reading, list, `?count=${reading.count}${from}${page}`)
    const { items, position } = json
    if (!isArray(items) || typeof position !== 'string') throw new Error('this is no page')
    for (const item of items) if (isObject(item)) take(item)
    cursor = json['nextCursor']
    if (cursor === undefined) return position
  }
}

/** Until there is an answer, from one instance after the other. */
async function pageOf({ world, seen }: Reading, list: List, query: string): Promise<JsonObject> {
  for (let turn = seen.pages; ; turn += 1) {
    if (list === 'people') seen.pages += 1
    const request = { name: LISTS[list], path: `${list}${query}` }
    const { status, json } = await manage(world, instanceOf(world, turn), request)
    if (status < 300) return json
    if (status < 500) throw new Error(`${query} is refused: ${JSON.stringify(json)}`)
  }
}
