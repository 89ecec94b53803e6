import { describe, expect, test } from 'vitest'
import { ScimError } from '../../../../lib/scim/errors.ts'
import { isWord, TokenReader, type Token } from '../../../../lib/scim/filter/lex.ts'

const syntax = { kind: 'invalidFilter', name: 'filter' } as const

function tokens(text: string): Token[] {
  const reader = new TokenReader(text, syntax)
  const found: Token[] = []
  while (!reader.isAt('end')) found.push(reader.take())
  return found
}

test('tokens have their text and their place', () => {
  expect(tokens('a.b eq "x\\n"')).toEqual([
    { kind: 'word', text: 'a.b', start: 0, end: 3 },
    { kind: 'word', text: 'eq', start: 4, end: 6 },
    { kind: 'string', text: 'x\n', start: 7, end: 12 },
  ])
})

test.each([
  ['a[b]', ['a', '[', 'b', ']']],
  ['not(a)', ['not', '(', 'a', ')']],
  [' \t\r\n a \n', ['a']],
  ['', []],
  // RFC 7159 §2 has four kinds of white space; any other character belongs to a word.
  ['a\u00A0b', ['a\u00A0b']],
])('%j', (text, expected) => {
  expect(tokens(text).map((token) => token.text)).toEqual(expected)
})

test('the end is reached again and again', () => {
  const reader = new TokenReader('a', syntax)
  reader.take()
  expect([reader.take().kind, reader.take().kind]).toEqual(['end', 'end'])
})

test('isAdjacent: no space behind the token taken last', () => {
  const reader = new TokenReader('a[b ]', syntax)
  const adjacent: boolean[] = []
  for (; !reader.isAt('end'); reader.take()) adjacent.push(reader.isAdjacent)
  expect(adjacent).toEqual([true, true, true, false])
})

describe('errors', () => {
  test.each([
    ['x', 'found a word'],
    ['AND', 'found "AND"'],
    ['"x"', 'found a quoted string'],
    [']', 'found "]"'],
    ['', 'found the end'],
  ])('%j', (text, found) => {
    const error = new TokenReader(text, { kind: 'invalidPath', name: 'path' }).expected('this')
    expect(error).toBeInstanceOf(ScimError)
    expect(error.kind).toBe('invalidPath')
    expect(error.detail).toBe(`Expected this at character 1 of the path, ${found}.`)
  })

  test('a string has the scimType of what is read', () => {
    expect(() => new TokenReader('"', { kind: 'invalidPath', name: 'path' })).toThrow(
      expect.objectContaining({ kind: 'invalidPath' }),
    )
    expect(() => new TokenReader('"\\x"', syntax)).toThrow(
      expect.objectContaining({ kind: 'invalidFilter' }),
    )
  })
})

test('a string in quotes is no keyword', () => {
  const [word, text] = tokens('AND "and"')
  expect(word !== undefined && isWord(word, 'and')).toBe(true)
  expect(text !== undefined && isWord(text, 'and')).toBe(false)
})
