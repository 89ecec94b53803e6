import { Census, namesAttributes, namesMembers } from './census.ts'
import { contradictionIn } from './contradiction.ts'
import type { ObjectHistory } from './linearize.ts'
import { membershipObjects } from './membership-object.ts'
import { nameObjects } from './name-object.ts'
import { inWords, type Event, type Operation } from './operation.ts'
import type { History } from './record.ts'
import { resourceObjects } from './resource-object.ts'
import { wrongTotals } from './totals.ts'

/** Something that no order of the operations explains. */
export interface Violation {
  /** What it is about, such as a user. */
  readonly about: string
  /** The operations that contradict each other, and what else is known. */
  readonly operations: readonly string[]
}

/** All violations of a history; the contradictions of at most `most` objects. */
export function violationsOf(
  { events, failures }: Pick<History, 'events' | 'failures'>,
  most = 5,
): readonly Violation[] {
  const census = new Census(events)
  const plain = [
    ...events
      .filter((event) => !isExpected(event))
      .map((event) => ({
        about: 'an answer that is none of its verb',
        operations: [
          inWords(event),
          ...failures.filter((text) => text.startsWith(`${event.operation.id} `)),
        ],
      })),
    ...madeTwice(census),
    ...wrongTotals(census),
  ]
  const found: Violation[] = plain.slice(0, most)
  for (const { name, contradiction } of checks(census)) {
    if (found.length >= most) break
    const operations = contradiction()
    if (operations !== undefined) found.push({ about: name, operations })
  }
  return found
}

interface Check {
  readonly name: string
  readonly contradiction: () => readonly string[] | undefined
}

function checks(census: Census): readonly Check[] {
  const types = ['User', 'Group'] as const
  return [
    ...types.flatMap((type) => nameObjects(census, type).map(toCheck)),
    ...types.flatMap((type) => resourceObjects(census, type).map(toCheck)),
    ...membershipObjects(census).map(toCheck),
  ]
}

function toCheck<State>(history: ObjectHistory<State>): Check {
  return { name: history.name, contradiction: () => contradictionIn(history) }
}

const SUCCESS: Readonly<Record<Operation['verb'], readonly number[]>> = {
  POST: [201],
  GET: [200],
  FIND: [200],
  COUNT: [200],
  LIST: [200],
  PUT: [200],
  PATCH: [200, 204],
  DELETE: [204],
}

function isExpected({ operation, outcome: { status, scimType } }: Event): boolean {
  if (status === 503 || SUCCESS[operation.verb].includes(status)) return true
  if (status === 404) return operation.resource !== undefined
  if (status === 412) return operation.ifMatch !== undefined
  return status === 409 && scimType === 'uniqueness' && operation.name !== undefined
}

/** An operation makes one version of a resource, or two where it changes a group and its members. */
function madeTwice(census: Census): readonly Violation[] {
  const operations = new Map(census.events.map((event) => [event.operation.id, event]))
  return [...census.allVersions()].flatMap(([key, versions]) => {
    const [id = '', resource = ''] = key.split(' ')
    const event = operations.get(id)
    const most = event === undefined ? 1 : transactionsOf(event.operation)
    if (versions.size <= most) return []
    const words = event === undefined ? [] : [inWords(event)]
    return [{ about: `${resource} made twice: ${[...versions].join()}`, operations: words }]
  })
}

function transactionsOf(operation: Operation): number {
  const isTwo = operation.verb !== 'POST' && namesAttributes(operation) && namesMembers(operation)
  return isTwo ? 2 : 1
}
