import { isArray, isObject } from '../../scim/json.ts'
import type { LevelCounts } from '../levels.ts'
import { jsonColumns, jsonIn } from './json-columns.ts'
import { filled, parsedJson, type Row } from './row.ts'

/** What a counter knows of levels: nothing where people were counted before levels were. */
export type KnownLevels = LevelCounts | 'too many' | undefined

/** Characters of one counter's levels: a row has a mebibyte, two bytes a character. */
const MOST_CHARACTERS = 256_000

const TOO_MANY = JSON.stringify('too many')

/** The columns of a counter's levels. */
export function levelColumns(levels: KnownLevels): Record<string, string> {
  if (levels === undefined) return {}
  if (levels === 'too many') return jsonColumns(TOO_MANY)
  const spelt = [...levels].map(([fold, spellings]) => [fold, [...spellings]])
  const json = JSON.stringify({ spelt })
  return jsonColumns(json.length > MOST_CHARACTERS ? TOO_MANY : json)
}

/** Whether they are to be counted: never done, or only the spelling of each level was kept that came first. */
export function isUncounted(row: Row): boolean {
  return filled(row, 'json0')?.startsWith('[') !== false
}

/** What such columns say. */
export function levelsIn(row: Row): KnownLevels {
  const json = jsonIn(row)
  if (json === '') return undefined
  const parsed = parsedJson(row, 'json0', json)
  if (isArray(parsed)) return new Map(parsed.flatMap(firstSpelt))
  if (!isObject(parsed)) return 'too many'
  const { spelt } = parsed
  return new Map(isArray(spelt) ? spelt.flatMap(withSpellings) : [])
}

type Entries = readonly (readonly [string, ReadonlyMap<string, number>])[]

function withSpellings(each: unknown): Entries {
  const [fold, spellings] = isArray(each) ? each : []
  if (typeof fold !== 'string' || !isArray(spellings)) return []
  const counts = spellings.flatMap((spelling): readonly (readonly [string, number])[] => {
    const [name, people] = isArray(spelling) ? spelling : []
    return typeof name === 'string' && typeof people === 'number' ? [[name, people]] : []
  })
  return [[fold, new Map(counts)]]
}

/** As counters were until spellings were counted, too. */
function firstSpelt(each: unknown): Entries {
  const [fold, name, people] = isArray(each) ? each : []
  return typeof fold === 'string' ? withSpellings([fold, [[name, people]]]) : []
}
