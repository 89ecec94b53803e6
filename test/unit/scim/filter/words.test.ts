import { describe, expect, test } from 'vitest'
import { parseFilter } from '../../../../lib/scim/filter/parse.ts'
import { LIMITS } from '../../../../lib/scim/limits.ts'
import { refusalOf, said, saying } from '../../../support/refusal.ts'
import { workingTime } from '../../../support/working-time.ts'

const equal = (path: string, value: string): unknown => ({
  kind: 'comparison',
  path: { text: path, position: 0 },
  operator: 'eq',
  value,
})

describe('text in single quotes is a string', () => {
  test.each([
    ["a eq 'bjensen'", 'bjensen'],
    ["a eq ''", ''],
    ["a eq 'two words'", 'two words'],
    ["a eq 'O'Brien'", "O'Brien"],
    [String.raw`a eq 'O\'Brien'`, "O'Brien"],
    [String.raw`a eq 'rock \'n\' roll'`, "rock 'n' roll"],
    [`a eq 'the "best" one'`, 'the "best" one'],
    [String.raw`a eq 'the \"best\" one'`, 'the "best" one'],
    [String.raw`a eq 'CONTOSO\\user'`, String.raw`CONTOSO\user`],
    [String.raw`a eq 'A\r\nB'`, 'A\r\nB'],
    ["a eq 'true'", 'true'],
  ])('%s', (text, value) => {
    expect(parseFilter(text)).toEqual(equal('a', value))
  })

  test('in parentheses and brackets too', () => {
    expect(parseFilter("(a eq 'b')")).toEqual(parseFilter('(a eq "b")'))
    expect(parseFilter("a[b eq 'c'] and d eq 'e'")).toEqual(parseFilter('a[b eq "c"] and d eq "e"'))
  })

  test.each([
    ["a eq 'b", /character 6.*no closing single quote/],
    ["a eq 'b'c", /character 6.*no closing single quote/],
    [String.raw`a eq 'CONTOSO\user'`, /character 6.*backslash/],
    ["'a' eq b", /Expected an attribute at character 1/],
  ])('%s is refused', async (text, detail) => {
    expect(said(await refusalOf(() => parseFilter(text)))).toMatch(saying('invalidFilter', detail))
  })
})

describe('a value that goes on behind a condition needs quotes, which a refusal says', () => {
  const HINT = /\. A value of several words needs double quotes, such as "Sales and Marketing"\.$/

  test.each([
    'displayName eq TeamX and friends',
    'displayName eq TeamX or friends eq',
    'displayName eq Rock and Roll Band',
    'displayName co Sales Team',
    'displayName eq Sales (EMEA)',
    'displayName eq Sales and (EMEA)',
    'emails[type eq work place]',
    'title eq a "b"',
  ])('%s', async (text) => {
    const error = await refusalOf(() => parseFilter(text))
    expect(said(error)).toMatch(saying('invalidFilter', HINT))
    expect(error.loggedDetail).toMatch(HINT)
  })

  test.each([
    'displayName eq "TeamX" and friends',
    'displayName eq "Rock" and Roll Band',
    'active eq true and friends',
    'title pr and friends',
    'friends',
  ])('but not where all are quoted, or none is text: %s', async (text) => {
    expect(said(await refusalOf(() => parseFilter(text)))).not.toMatch(HINT)
  })
})

describe('several words are one value where nothing else is in the filter', () => {
  test.each([
    ['displayName eq authentik Admins', 'authentik Admins'],
    ['displayName EQ  GE Healthcare  AG ', 'GE Healthcare  AG'],
    ['displayName eq 5 Guys', '5 Guys'],
    ['displayName eq true believers', 'true believers'],
    ["displayName eq Côte d'Ivoire", "Côte d'Ivoire"],
    ['displayName eq Sales & Marketing-Team', 'Sales & Marketing-Team'],
    ['displayName eq R&D Team', 'R&D Team'],
    ['displayName eq Android Team', 'Android Team'],
  ])('%s', (text, value) => {
    expect(parseFilter(text)).toEqual(equal('displayName', value))
  })

  test.each([
    'title eq a and title eq b',
    'title eq a b and title eq c',
    'title eq a or b',
    'title eq not a',
    'title eq a xor title eq b',
    'title eq a && title pr',
    'title eq a title eq b',
    'title eq a "b"',
    "title eq a 'b'",
    'title eq a (b)',
    'emails[type eq work] eq a b',
    'title ne a b',
    'title co a b',
    'not a eq b c',
  ])('%s is none', (text) => {
    let filter: unknown
    try {
      filter = parseFilter(text)
    } catch (error) {
      filter = error
    }
    expect(filter).not.toMatchObject({ operator: 'eq' })
  })

  test('they are read in linear time, and not beyond the marks that can be compared', async () => {
    const worked = workingTime()
    const runs = ['a eq b' + ' '.repeat(9000) + '"', 'a eq ' + 'b '.repeat(4900) + '(']
    for (const text of runs)
      expect(said(await refusalOf(() => parseFilter(text)))).toMatch(/^invalidFilter/)
    expect(parseFilter('a eq ' + 'b '.repeat(4900))).toMatchObject({ operator: 'eq' })
    expect(worked()).toBeLessThan(500)
    const marks = 'e' + '\u0301'.repeat(LIMITS.combiningMarks + 1)
    expect(said(await refusalOf(() => parseFilter(`a eq b ${marks}`)))).toMatch(
      saying('invalidFilter', /combining marks/),
    )
  })
})
