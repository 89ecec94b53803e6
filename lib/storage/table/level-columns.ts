import { isArray } from '../../scim/json.ts'
import type { LevelCounts } from '../levels.ts'
import type { Level } from '../people-port.ts'
import { jsonColumns, jsonIn } from './json-columns.ts'
import type { Row } from './row.ts'

/** What a counter knows of levels: nothing where people were counted before levels were. */
export type KnownLevels = LevelCounts | 'too many' | undefined

/** Characters of one counter's levels: a row has a mebibyte, two bytes a character. */
const MOST_CHARACTERS = 256_000

const TOO_MANY = JSON.stringify('too many')

/** The columns of a counter's levels. */
export function levelColumns(levels: KnownLevels): Record<string, string> {
  if (levels === undefined) return {}
  if (levels === 'too many') return jsonColumns(TOO_MANY)
  const json = JSON.stringify([...levels].map(([fold, { name, people }]) => [fold, name, people]))
  return jsonColumns(json.length > MOST_CHARACTERS ? TOO_MANY : json)
}

/** What such columns say. */
export function levelsIn(row: Row): KnownLevels {
  const json = jsonIn(row)
  if (json === '') return undefined
  const parsed: unknown = JSON.parse(json)
  if (!isArray(parsed)) return 'too many'
  return new Map(
    parsed.flatMap((each): readonly (readonly [string, Level])[] => {
      const [fold, name, people] = isArray(each) ? each : []
      const isLevel =
        typeof fold === 'string' && typeof name === 'string' && typeof people === 'number'
      return isLevel ? [[fold, { name, people }]] : []
    }),
  )
}
