import { isArray, isObject, type JsonObject, type JsonValue } from '../../lib/scim/json.ts'
import type { Answer } from './answer.ts'
import { equals, includes, valuesAt } from './matching.ts'
import type { Expectation } from './vector.ts'

/**
 * What a vector says of an answer.
 *
 * @param body the parsed body, undefined when there is none
 * @returns what is different, in words; empty when nothing is
 */
export function checkExpectation(
  answer: Answer,
  body: JsonValue | undefined,
  expect: Expectation,
): readonly string[] {
  const statuses = [expect.status].flat()
  const problems = statuses.includes(answer.status)
    ? []
    : [`status is ${answer.status}, not ${statuses.join(' or ')}`]
  problems.push(...checkHeaders(answer, expect))
  if (answer.status === 204 && statuses.includes(204)) return problems
  return [...problems, ...checkParts(body, expect), ...checkPlaces(body, expect)]
}

function checkHeaders(answer: Answer, expect: Expectation): readonly string[] {
  const problems: string[] = []
  for (const [name, wanted] of Object.entries(expect.headers ?? {})) {
    const came = answer.headers[name.toLowerCase()]
    if ((came ?? null) !== wanted) problems.push(`${name} is ${came}, not ${wanted}`)
  }
  for (const [name, source] of Object.entries(expect.headersMatch ?? {})) {
    const came = answer.headers[name.toLowerCase()]
    if (!new RegExp(source, 'u').test(came ?? ''))
      problems.push(`${name} is ${came}, not ${source}`)
  }
  return problems
}

function checkParts(body: JsonValue | undefined, expect: Expectation): readonly string[] {
  const wanted: JsonObject = {
    ...expect.bodyIncludes,
    ...(expect.scimType === undefined ? {} : { scimType: expect.scimType }),
  }
  const missing = Object.entries(wanted).filter(
    ([key, value]) => !includes(isObject(body) ? body : {}, { [key]: value }),
  )
  const present = (expect.bodyExcludes ?? []).filter((part) => includes(body, part))
  return [
    ...missing.map(([key, value]) => `the body lacks ${key}: ${JSON.stringify(value)}`),
    ...present.map((part) => `the body has ${JSON.stringify(part)}`),
  ]
}

function checkPlaces(body: JsonValue | undefined, expect: Expectation): readonly string[] {
  const report = (
    places: Readonly<Record<string, JsonValue>> | undefined,
    holds: (came: readonly JsonValue[], wanted: JsonValue) => boolean,
  ): readonly string[] =>
    Object.entries(places ?? {}).flatMap(([place, wanted]) => {
      const came = valuesAt(body, place)
      if (holds(came, wanted)) return []
      return [`${place} is ${JSON.stringify(came)}, not ${JSON.stringify(wanted)}`]
    })
  return [
    ...report(expect.bodyEquals, (came, value) => all(came, (each) => equals(each, value))),
    ...report(expect.bodyMatches, (came, source) => all(came, (each) => matches(each, source))),
    ...report(expect.bodyCounts, ([came], count) => came !== undefined && length(came) === count),
    ...(expect.bodyAbsent ?? [])
      .filter((place) => valuesAt(body, place).length > 0)
      .map((place) => `${place} is there`),
  ]
}

/** There is one, and it is true of each. */
function all(values: readonly JsonValue[], isTrue: (value: JsonValue) => boolean): boolean {
  return values.length > 0 && values.every(isTrue)
}

function matches(value: JsonValue, source: JsonValue): boolean {
  return (
    typeof value === 'string' && typeof source === 'string' && new RegExp(source, 'u').test(value)
  )
}

function length(value: JsonValue): number | undefined {
  return isArray(value) ? value.length : undefined
}
