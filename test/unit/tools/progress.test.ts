import { expect, test } from 'vitest'
import { progressOn } from '../../../tools/progress.ts'

function written(stream: { isTTY: boolean; columns: number }, texts: readonly string[]): string {
  let all = ''
  const progress = progressOn({
    ...stream,
    write: (text: string | Uint8Array) => {
      all += String(text)
      return true
    },
  })
  for (const text of texts) progress(text)
  return all
}

test('on a terminal each text replaces the one before, and an empty one clears the line', () => {
  const all = written({ isTTY: true, columns: 80 }, ['reading …', 'formatting …', ''])
  expect(all).toBe('\r\u001B[Kreading …\r\u001B[Kformatting …\r\u001B[K')
})

test('a text that is longer than the line is cut', () => {
  expect(written({ isTTY: true, columns: 5 }, ['reading'])).toBe('\r\u001B[Kread')
  expect(written({ isTTY: true, columns: 0 }, ['reading'])).toBe('\r\u001B[Kreading')
})

test('nothing is written where there is no terminal', () => {
  expect(written({ isTTY: false, columns: 80 }, ['reading …', ''])).toBe('')
})
