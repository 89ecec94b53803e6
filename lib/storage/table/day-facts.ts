import { isArray, isObject, type JsonObject } from '../../scim/json.ts'
import type { ConnectionFacts, DayFacts, SeenAttribute } from '../activity-port.ts'

/** What an instance saw on a day, as it was kept as JSON. @throws TypeError for what is no such thing. */
export function toDayFacts(value: unknown): DayFacts {
  const facts = objectOf(value)
  return {
    day: textIn(facts, 'day'),
    connections: listIn(facts, 'connections').map(toConnection),
    attributes: listIn(facts, 'attributes').map(toAttribute),
    more: numberIn(facts, 'more'),
  }
}

function toConnection(facts: JsonObject): ConnectionFacts {
  return {
    credentialId: textIn(facts, 'credentialId'),
    first: textIn(facts, 'first'),
    last: textIn(facts, 'last'),
    ...textsIn(facts, ['client', 'lastSuccess', 'lastRefusal', 'lastReason', 'lastProbe']),
  }
}

function toAttribute(facts: JsonObject): SeenAttribute {
  return {
    ...textsIn(facts, ['type', 'like']),
    path: textIn(facts, 'path'),
    known: facts['known'] === true,
    first: textIn(facts, 'first'),
    last: textIn(facts, 'last'),
    count: numberIn(facts, 'count'),
  }
}

function listIn(facts: JsonObject, name: string): readonly JsonObject[] {
  const list = facts[name]
  return isArray(list) ? list.map(objectOf) : []
}

function objectOf(value: unknown): JsonObject {
  if (isObject(value)) return value
  throw new TypeError('what is kept of a day has something that is no object')
}

function textIn(facts: JsonObject, name: string): string {
  const value = facts[name]
  if (typeof value === 'string') return value
  throw new TypeError(`what is kept of a day has no text ${name}`)
}

function textsIn(facts: JsonObject, names: readonly string[]): Readonly<Record<string, string>> {
  const found = names.flatMap((name) => {
    const value = facts[name]
    return typeof value === 'string' ? [[name, value] as const] : []
  })
  return Object.fromEntries(found)
}

function numberIn(facts: JsonObject, name: string): number {
  const value = facts[name]
  return typeof value === 'number' ? value : 0
}
