import { expect, test } from 'vitest'
import { parseFilter } from '../../../../lib/scim/filter/parse.ts'
import { printFilter } from '../../../support/print-filter.ts'

test.each([
  ['userName EQ "a"', 'userName eq "a"'],
  ['externalId eq jyoung', 'externalId eq "jyoung"'],
  ['a eq TRUE or a eq Null or a eq -1.5', 'a eq true or a eq null or a eq -1.5'],
  [String.raw`a eq "\u00e9\"\\\n"`, String.raw`a eq "é\"\\\n"`],
  ['(a pr or b pr) and c pr', '(a pr or b pr) and c pr'],
  ['a pr or (b pr and c pr)', 'a pr or b pr and c pr'],
  ['((a pr and (b pr and c pr)))', 'a pr and b pr and c pr'],
  ['not(not((a pr)))', 'not (not (a pr))'],
  ['not (a pr) and b pr', 'not (a pr) and b pr'],
  ['not (a pr and b pr)', 'not (a pr and b pr)'],
  ['emails[type eq work].value sw "x"', 'emails[type eq "work" and value sw "x"]'],
  ['emails[a pr or b pr].c pr', 'emails[(a pr or b pr) and c pr]'],
])('%s', (text, expected) => {
  expect(printFilter(parseFilter(text))).toBe(expected)
})
