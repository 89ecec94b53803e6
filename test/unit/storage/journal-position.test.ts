import { expect, test } from 'vitest'
import { journalPosition, partPosition } from '../../../lib/storage/journal-position.ts'

const POSITION = /^\d{13}-[a-z0-9]{8}$/

test('a position is made of the instant and of chance', () => {
  expect(journalPosition('2026-11-27T10:00:00.123Z', () => 0)).toBe('1795773600123-00000000')
  expect(journalPosition('1970-01-01T00:00:00.001Z', () => 0.9999)).toBe('0000000000001-zzzzzzzz')
  const positions = Array.from({ length: 100 }, () =>
    journalPosition('2026-11-27T10:00:00.123Z', Math.random),
  )
  expect(positions.every((position) => POSITION.test(position))).toBe(true)
  expect(new Set(positions).size).toBe(100)
})

test('the position of a part has the same instant and is the same each time', () => {
  const position = journalPosition('2026-11-27T10:00:00.123Z', Math.random)
  const parts = ['1', '2', 'a group', ''].map((part) => partPosition(position, part))
  expect(parts.every((part) => POSITION.test(part))).toBe(true)
  expect(parts.every((part) => part.slice(0, 14) === position.slice(0, 14))).toBe(true)
  expect(new Set([position, ...parts]).size).toBe(5)
  expect(partPosition(position, '1')).toBe(parts[0])
})
