import fc from 'fast-check'

/**
 * Texts that stand for what is known only while requests run: `~u0~` for the id of a user, `~l2~` for a text of many
 * characters. They are filled in by `fuzz-names.ts`, so that a counterexample stays short.
 */
export const placeholder = {
  userId: numbered('u'),
  groupId: numbered('g'),
  userName: numbered('n'),
  displayName: numbered('d'),
  version: numbered('v'),
  cursor: numbered('c'),
  nextPage: numbered('p'),
}

function numbered(kind: string): fc.Arbitrary<string> {
  return fc.constantFrom(...['0', '1', '2', '3'].map((number) => `~${kind}${number}~`))
}

/** Ids of resources that exist, or did. */
export const knownId = fc.oneof(placeholder.userId, placeholder.groupId)

/** What a value must not be mistaken for, or must survive. */
const TROUBLE = [
  '',
  ' ',
  '"',
  "'",
  '\\',
  '\\"',
  '%',
  '%00',
  '%E2%28%A1',
  '+',
  '&',
  '=',
  '#',
  '?',
  '/',
  '//',
  '..',
  './',
  '[',
  ']',
  '(',
  ')',
  '{}',
  '*',
  '~',
  ',',
  ';',
  '$',
  '\0',
  '\n',
  '\u0085',
  '\u200B',
  '\u202E',
  '\uD800',
  '\uDC00x',
  '\uFFFF',
  'İ',
  'ß',
  'ς',
  'é',
  'e\u0301',
  'Ａ',
  '😀',
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'null',
  'undefined',
  'true',
  'NaN',
  '-1',
  '0x10',
  '1e400',
  'not',
  'and',
  'bulkId:1',
  'bulkId:',
  'urn:',
  'urn:x:y:z',
  'urn:ietf:params:scim:schemas:core:2.0:User',
  'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:',
  '2026-02-30T25:61:61Z',
  '0000-00-00T00:00:00Z',
  '+275760-09-13T00:00:00.001Z',
  'PartitionKey eq 1',
  "' or '1' eq '1",
  '<script>',
  '${1}',
  '{{0}}',
  '~l0~',
  '~l1~',
  '~l2~',
] as const

/** Half of a character as likely as a whole one; `unit: 'binary'` would cost a second at the start. */
const codeUnit = fc.nat({ max: 0xffff }).map((code) => String.fromCharCode(code))

/** A text that is trouble somewhere. */
export const trouble: fc.Arbitrary<string> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...TROUBLE) },
  { weight: 1, arbitrary: fc.string({ unit: codeUnit, maxLength: 6 }) },
  { weight: 1, arbitrary: fc.string({ maxLength: 8 }) },
)

/** Texts of few kinds, so that they meet each other, in two spellings. */
export const word: fc.Arbitrary<string> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.constantFrom('a', 'A', 'b', 'work', 'Work', 'home', 'Ann', 'ann', 'élan'),
  },
  { weight: 2, arbitrary: fc.oneof(placeholder.userName, placeholder.displayName) },
  { weight: 1, arbitrary: trouble },
)

interface Edit {
  readonly kind: 'cut' | 'repeat' | 'insert' | 'case'
  /** Per mille of the text. */
  readonly at: number
  readonly length: number
  readonly text: string
}

const edit: fc.Arbitrary<Edit> = fc.record({
  kind: fc.constantFrom('insert', 'cut', 'repeat', 'case'),
  at: fc.nat({ max: 1000 }),
  length: fc.integer({ min: 1, max: 8 }),
  text: trouble,
})

function apply(before: string, { kind, at, length, text }: Edit): string {
  const start = Math.round((before.length * at) / 1000)
  const [head, slice, tail] = [
    before.slice(0, start),
    before.slice(start, start + length),
    before.slice(start + length),
  ]
  const upperCase = slice.toUpperCase()
  const middle = {
    insert: text + slice,
    cut: '',
    repeat: slice + slice,
    case: slice === upperCase ? slice.toLowerCase() : upperCase,
  }
  return head + middle[kind] + tail
}

/** The text, now and then with one to three slips in it. */
export function withSlips(text: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 4, arbitrary: text },
    {
      weight: 1,
      arbitrary: fc
        .tuple(text, fc.array(edit, { minLength: 1, maxLength: 3 }))
        .map(([before, edits]) => edits.reduce(apply, before)),
    },
  )
}
