import { describe, expect, test } from 'vitest'
import { ScimError } from '../../../../lib/scim/errors.ts'
import type { Filter } from '../../../../lib/scim/filter/filter.ts'
import { parseFilter } from '../../../../lib/scim/filter/parse.ts'
import { LIMITS } from '../../../../lib/scim/limits.ts'
import { refusalOf } from '../../../support/refusal.ts'
import { workingTime } from '../../../support/working-time.ts'

/** The tree with its groups written out. */
function tree(filter: Filter): string {
  if ('filters' in filter) {
    return `(${filter.filters.map(tree).join(` ${filter.kind} `)})`
  }
  if (filter.kind === 'not') return `not(${tree(filter.filter)})`
  const path = filter.path.text
  if (filter.kind === 'present') return `${path} pr`
  if (filter.kind === 'valuePath') return `${path}[${tree(filter.filter)}]`
  return `${path} ${filter.operator} ${JSON.stringify(filter.value)}`
}

async function refusal(text: string): Promise<ScimError> {
  return refusalOf(() => parseFilter(text))
}

describe('RFC 7644 Figure 2', () => {
  test.each([
    ['userName eq "bjensen"', 'userName eq "bjensen"'],
    [`name.familyName co "O'Malley"`, `name.familyName co "O'Malley"`],
    ['userName sw "J"', 'userName sw "J"'],
    [
      'urn:ietf:params:scim:schemas:core:2.0:User:userName sw "J"',
      'urn:ietf:params:scim:schemas:core:2.0:User:userName sw "J"',
    ],
    ['title pr', 'title pr'],
    ['meta.lastModified gt "2011-05-13T04:42:34Z"', 'meta.lastModified gt "2011-05-13T04:42:34Z"'],
    ['meta.lastModified ge "2011-05-13T04:42:34Z"', 'meta.lastModified ge "2011-05-13T04:42:34Z"'],
    ['meta.lastModified lt "2011-05-13T04:42:34Z"', 'meta.lastModified lt "2011-05-13T04:42:34Z"'],
    ['meta.lastModified le "2011-05-13T04:42:34Z"', 'meta.lastModified le "2011-05-13T04:42:34Z"'],
    ['title pr and userType eq "Employee"', '(title pr and userType eq "Employee")'],
    ['title pr or userType eq "Intern"', '(title pr or userType eq "Intern")'],
    [
      '\n schemas eq "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"',
      'schemas eq "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"',
    ],
    [
      'userType eq "Employee" and (emails co "example.com" or\n  emails.value co "example.org")',
      '(userType eq "Employee" and (emails co "example.com" or emails.value co "example.org"))',
    ],
    [
      'userType ne "Employee" and not (emails co "example.com" or\n  emails.value co "example.org")',
      '(userType ne "Employee" and not((emails co "example.com" or emails.value co "example.org")))',
    ],
    [
      'userType eq "Employee" and (emails.type eq "work")',
      '(userType eq "Employee" and emails.type eq "work")',
    ],
    [
      'userType eq "Employee" and emails[type eq "work" and\n  value co "@example.com"]',
      '(userType eq "Employee" and emails[(type eq "work" and value co "@example.com")])',
    ],
    [
      'emails[type eq "work" and value co "@example.com"] or\n  ims[type eq "xmpp" and value co "@foo.com"]',
      '(emails[(type eq "work" and value co "@example.com")] or ims[(type eq "xmpp" and value co "@foo.com")])',
    ],
  ])('%s', (text, expected) => {
    expect(tree(parseFilter(text))).toBe(expected)
  })
})

describe('precedence: comparison, not, and, or (erratum 4670)', () => {
  test.each([
    ['a pr or b pr and c pr', '(a pr or (b pr and c pr))'],
    ['a pr and b pr or c pr', '((a pr and b pr) or c pr)'],
    ['(a pr or b pr) and c pr', '((a pr or b pr) and c pr)'],
    ['a pr and (b pr or c pr)', '(a pr and (b pr or c pr))'],
    ['not (a pr) and b pr', '(not(a pr) and b pr)'],
    ['not(a pr) or b pr', '(not(a pr) or b pr)'],
    ['not (a pr and b pr)', 'not((a pr and b pr))'],
    ['not (not (a pr))', 'not(not(a pr))'],
    ['((a pr))', 'a pr'],
    ['a pr and b pr and c pr and d pr', '(a pr and b pr and c pr and d pr)'],
    ['a pr and (b pr and (c pr and d pr))', '(a pr and b pr and c pr and d pr)'],
    ['(a pr or b pr) or c pr', '(a pr or b pr or c pr)'],
    [
      'a pr or b pr and c pr or not (d pr) and e pr',
      '(a pr or (b pr and c pr) or (not(d pr) and e pr))',
    ],
    ['(a pr)and(b pr)', '(a pr and b pr)'],
    [
      'emails[type eq "work" or (type eq "home" and primary eq true)]',
      'emails[(type eq "work" or (type eq "home" and primary eq true))]',
    ],
    ['emails[ not (type eq "work") and value pr ]', 'emails[(not(type eq "work") and value pr)]'],
  ])('%s', (text, expected) => {
    expect(tree(parseFilter(text))).toBe(expected)
  })
})

describe('keywords and operators in any case', () => {
  test.each([
    ['userName Eq "a" AND Active EQ true', '(userName eq "a" and Active eq true)'],
    ['a PR Or b pR', '(a pr or b pr)'],
    ['NOT (a Pr)', 'not(a pr)'],
    ['a NE 1 or a CO "x" or a Sw "x"', '(a ne 1 or a co "x" or a sw "x")'],
    [
      'a eW "x" and a Gt 1 and a gE 1 and a LT 1 and a lE 1',
      '(a ew "x" and a gt 1 and a ge 1 and a lt 1 and a le 1)',
    ],
  ])('%s', (text, expected) => {
    expect(tree(parseFilter(text))).toBe(expected)
  })
})

describe('values', () => {
  test.each<[written: string, value: string | number | boolean | null]>([
    ['"bjensen"', 'bjensen'],
    ['""', ''],
    [String.raw`"a\"b"`, 'a"b'],
    [String.raw`"\\"`, '\\'],
    [String.raw`"\b\f\n\r\t\/"`, '\b\f\n\r\t/'],
    [String.raw`"\u00e9\u00E9"`, 'éé'],
    [String.raw`"\ud83d\ude00"`, '😀'],
    ['"😀 ü"', '😀 ü'],
    ['"a and (b] or \'c\'"', "a and (b] or 'c'"],
    [
      String.raw`"TestGrp-!@#$%^&*()_+=-{}][\":;'/.,?\\1"`,
      String.raw`TestGrp-!@#$%^&*()_+=-{}][":;'/.,?\1`,
    ],
    ['true', true],
    ['TRUE', true],
    ['False', false],
    ['null', null],
    ['NULL', null],
    ['0', 0],
    ['701984', 701_984],
    ['-3.25', -3.25],
    ['1e+21', 1e21],
    // What a number would not keep stays text.
    ['00701', '00701'],
    ['1.10', '1.10'],
    ['7e10', '7e10'],
    ['1e999', '1e999'],
    ['-0', '-0'],
    ['12345678901234567890', '12345678901234567890'],
    ['0x10', '0x10'],
    ['NaN', 'NaN'],
    ['jyoung', 'jyoung'],
    ["O'Malley", "O'Malley"],
    ['a@b.example', 'a@b.example'],
    ['7d420df3-9995-4831-a406-ecf8166f5f6a', '7d420df3-9995-4831-a406-ecf8166f5f6a'],
    ['2015-10-10T14:38:21.8617979-07:00', '2015-10-10T14:38:21.8617979-07:00'],
    ['__proto__', '__proto__'],
    ['constructor', 'constructor'],
  ])('%s', (written, value) => {
    expect(parseFilter(`a eq ${written}`)).toEqual({
      kind: 'comparison',
      path: { text: 'a', position: 0 },
      operator: 'eq',
      value,
    })
  })
})

describe('a comparison behind a value path is about the same element', () => {
  test.each([
    ['emails[type eq "work"].value eq "x"', 'emails[(type eq "work" and value eq "x")]'],
    ['emails[type eq "work"] eq "x"', 'emails[(type eq "work" and value eq "x")]'],
    ['emails[type eq work] eq x', 'emails[(type eq "work" and value eq "x")]'],
    ['emails[type eq "work"].value pr', 'emails[(type eq "work" and value pr)]'],
    ['emails[type eq "work"].Display Sw "x"', 'emails[(type eq "work" and Display sw "x")]'],
    ['emails[a pr and b pr].c pr', 'emails[(a pr and b pr and c pr)]'],
    ['emails[a pr or b pr].c pr', 'emails[((a pr or b pr) and c pr)]'],
    [
      'id pr and emails[type eq "work"].value eq "x" and title pr',
      '(id pr and emails[(type eq "work" and value eq "x")] and title pr)',
    ],
    ['not (emails[a pr].b pr)', 'not(emails[(a pr and b pr)])'],
  ])('%s', (text, expected) => {
    expect(tree(parseFilter(text))).toBe(expected)
  })
})

test('positions are those of the path in the text', () => {
  expect(parseFilter(' title pr and emails[type eq "work"].value pr')).toEqual({
    kind: 'and',
    filters: [
      { kind: 'present', path: { text: 'title', position: 1 } },
      {
        kind: 'valuePath',
        path: { text: 'emails', position: 14 },
        filter: {
          kind: 'and',
          filters: [
            {
              kind: 'comparison',
              path: { text: 'type', position: 21 },
              operator: 'eq',
              value: 'work',
            },
            { kind: 'present', path: { text: 'value', position: 37 } },
          ],
        },
      },
    ],
  })
})

describe('attribute paths', () => {
  test.each([
    'userName',
    '$ref',
    'members.$ref',
    'x-custom_1.sub-2',
    'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value',
    'urn:ietf:params:scim:schemas:extension:people:2.0:User:1234',
    'eq',
    'true',
  ])('%s', (path) => {
    expect(parseFilter(`${path} pr`)).toEqual({
      kind: 'present',
      path: { text: path, position: 0 },
    })
  })
})

describe('errors say what was expected, what was found, and where', () => {
  test.each<[text: string, ...parts: string[]]>([
    ['', 'empty'],
    [' \t\r\n', 'empty'],
    ['userName', 'operator (eq, ne, co, sw, ew, gt, ge, lt, le, pr)', 'character 9', 'the end'],
    ['userName eq', 'value', 'character 12', 'the end'],
    ['userName eq ', 'value', 'character 13', 'the end'],
    ['eq "a"', 'operator', 'character 4', 'a quoted string'],
    ['"userName" eq "a"', 'an attribute', 'character 1', 'a quoted string'],
    ['(userName pr', '"and", "or" or ")"', 'character 13', 'the end'],
    ['userName pr)', '"and", "or" or the end', 'character 12', 'found ")"'],
    ['userName pr]', 'the end', 'character 12', 'found "]"'],
    ['(userName pr]', '")"', 'character 13', 'found "]"'],
    ['()', 'an attribute', 'character 2', 'found ")"'],
    ['title pr xor title pr', '"and", "or" or the end', 'character 10', 'found "xor"'],
    ['title pr && title pr', '"and", "or" or the end', 'character 10', 'found "&&"'],
    ['title ne Ada Lovelace', '"and", "or" or the end', 'character 14', 'found a word'],
    ['title eq {"a":1}', 'Expected a value', 'character 10', 'an object'],
    ['title eq "a"b', 'a space or the end', 'character 13', 'closing double quote'],
    ['emails[type eq "work"].', 'one sub-attribute after the dot', 'character 23'],
    ['userName eq "a" and', 'an attribute', 'character 20', 'the end'],
    ['userName eq "a" and and title pr', 'an attribute', 'character 21', 'found "and"'],
    ['or title pr', 'an attribute', 'character 1', 'found "or"'],
    ['userName eq "a" title pr', '"and", "or" or the end', 'character 17', 'a word'],
    ['userName pr "x"', 'the end', 'character 13', 'a quoted string'],
    ['userName eq "a" (title pr)', 'the end', 'character 17', 'found "("'],
    ['userName regex "a"', 'operator "regex"', 'character 10', 'not supported', 'eq, ne, co'],
    ['userName eqq "x', 'operator "eqq"', 'character 10', 'not supported'],
    ['userName = "a"', 'operator "="', 'not supported'],
    ['userName and "a"', 'operator', 'character 10', 'found "and"'],
    ['not title pr', '"(" after "not"', 'character 5', 'a word'],
    ['not', '"("', 'character 4', 'the end'],
    ['not not (a pr)', '"("', 'character 5', 'found "not"'],
    ['not [a pr]', '"("', 'character 5', 'found "["'],
    ['userName eq and title pr', 'value', 'character 13', 'operator "and"', 'double quotes'],
    ['userName eq or', 'value', 'operator "or"'],
    ['userName eq NOT', 'value', 'operator "not"'],
    ['userName eq eq', 'value', 'operator "eq"'],
    ['userName eq PR', 'value', 'operator "pr"'],
    ["userName eq 'bjensen", 'character 13', 'no closing single quote'],
    ['userName eq (1)', 'value', 'character 13', 'found "("'],
    ['userName eq ["a"]', 'value', 'character 13', 'found "["'],
    ['userName eq "x', 'string', 'character 13', 'no closing double quote'],
    ['userName eq "x\\"', 'character 13', 'no closing double quote'],
    ['userName eq "x\\', 'character 13', 'no closing double quote'],
    [String.raw`userName eq "\q"`, 'character 13', 'not a JSON string', 'backslash'],
    [String.raw`userName eq "\u12"`, 'character 13', 'not a JSON string'],
    ['userName eq "a\u0001b"', 'character 13', 'not a JSON string', 'control'],
    ['userName eq "a"and title pr', 'a space or the end', 'character 16'],
    ['userName eq "a""b"', 'a space or the end', 'character 16'],
    ['emails[]', 'an attribute', 'character 8', 'found "]"'],
    ['emails[type]', 'operator', 'character 12', 'found "]"'],
    ['emails[type eq]', 'value', 'character 15', 'found "]"'],
    ['emails[', 'an attribute', 'character 8', 'the end'],
    ['emails[type eq "work"', '"and", "or" or "]"', 'character 22', 'the end'],
    ['emails[type eq "work")', '"]"', 'character 22', 'found ")"'],
    ['emails [type pr]', 'operator', 'character 8', 'found "["'],
    ['emails[emails[type eq "x"]]', 'do not nest', 'character 14'],
    ['emails[(ims[type eq "x"])]', 'do not nest', 'character 12'],
    ['emails[type pr].value', 'operator', 'character 22', 'the end'],
    ['emails[type pr].value and a pr', 'operator', 'character 23', 'found "and"'],
    ['emails[type pr]. value pr', 'one sub-attribute', 'character 16'],
    ['emails[type pr].a.b pr', 'one sub-attribute', 'character 16'],
    ['emails[type pr] .value pr', 'operator ".value"', 'character 17'],
    ['emails[type pr] regex "x"', 'operator "regex"', 'character 17'],
    ['emails[type pr][value pr]', 'the end', 'character 16', 'found "["'],
    ['a..b pr', '"a..b" at character 1', 'attribute path'],
    ['.a pr', '".a"', 'attribute path'],
    ['a. pr', '"a."', 'attribute path'],
    ['a.b.c pr', '"a.b.c"', 'attribute path'],
    ['a/b pr', '"a/b"', 'attribute path'],
    ['ä pr', '"ä"', 'attribute path'],
    ['urn: pr', '"urn:"', 'attribute path'],
    ['urn::a pr', '"urn::a"', 'attribute path'],
    ['urn:x:a..b pr', '"urn:x:a..b"', 'attribute path'],
  ])('%s', async (text, ...parts) => {
    const error = await refusal(text)
    expect(error.kind).toBe('invalidFilter')
    for (const part of parts) expect(error.detail).toContain(part)
  })

  test('values of the client are not repeated', async () => {
    for (const text of [
      'a ne John Doe',
      'a eq "John" Doe',
      'a eq "Doe',
      "a eq 'Doe",
      'a eq "\\Doe"',
    ]) {
      expect((await refusal(text)).detail).not.toContain('Doe')
      expect((await refusal(text)).cause).toBeUndefined()
    }
  })

  test('long words are cut', async () => {
    const { detail } = await refusal(`a ${'x'.repeat(5000)} "b"`)
    expect(detail).toContain(`"${'x'.repeat(100)}…"`)
    expect(detail.length).toBeLessThan(300)
  })
})

describe('limits', () => {
  test('length', async () => {
    const longest = `a eq "${'x'.repeat(LIMITS.filterCharacters - 7)}"`
    expect(longest).toHaveLength(LIMITS.filterCharacters)
    expect(parseFilter(longest)).toMatchObject({ kind: 'comparison' })
    const { kind, detail } = await refusal(`${longest} `)
    expect(kind).toBe('invalidFilter')
    expect(detail).toContain(`${LIMITS.filterCharacters + 1} characters`)
    expect(detail).toContain(`at most ${LIMITS.filterCharacters}`)
  })

  test.each([
    ['parentheses', '(', 'a pr', ')'],
    ['not', 'not (', 'a pr', ')'],
  ])('depth of %s', async (_, open, inner, close) => {
    const nested = (depth: number): string => open.repeat(depth) + inner + close.repeat(depth)
    expect(parseFilter(nested(LIMITS.filterDepth))).toBeDefined()
    const { kind, detail } = await refusal(nested(LIMITS.filterDepth + 1))
    expect(kind).toBe('invalidFilter')
    expect(detail).toContain(`${LIMITS.filterDepth} deep`)
  })

  test('brackets count as depth', async () => {
    const [accepted, refused] = [LIMITS.filterDepth - 1, LIMITS.filterDepth].map(
      (depth) => `${'('.repeat(depth)}a[b pr]${')'.repeat(depth)}`,
    )
    expect(parseFilter(accepted ?? '')).toMatchObject({ kind: 'valuePath' })
    expect((await refusal(refused ?? '')).detail).toContain('deep')
  })

  test.each([
    ['a chain', `${'a pr or '.repeat(1200)}a pr`],
    ['mixed chains', `${'a pr or b pr and '.repeat(580)}a pr`],
    ['open parentheses', '('.repeat(10_000)],
    ['open brackets', 'a['.repeat(5_000)],
    ['not without end', 'not('.repeat(2_500)],
    ['spaces', `a${' '.repeat(9_995)}pr`],
    ['a string of backslashes', `a eq "${'\\'.repeat(9_990)}"`],
    ['an open string', `a eq "${'\\"'.repeat(4_990)}`],
    ['dots', `${'.'.repeat(9_990)} pr`],
    ['colons', `${'a:'.repeat(4_990)} pr`],
    ['digits', `a eq ${'1'.repeat(9_990)}x`],
    ['exponents', `a eq 1e${'1'.repeat(9_990)}`],
    ['quotes', '"'.repeat(10_000)],
  ])('10,000 characters take less than 50 ms: %s', (_, text) => {
    const worked = workingTime()
    try {
      parseFilter(text)
    } catch (error) {
      if (!(error instanceof ScimError)) throw error
    }
    expect(worked()).toBeLessThan(50)
  })
})

describe('combining marks in a row', () => {
  const marks = '\u0301\u0323'.repeat(16)

  test.each([
    ['in a string', `userName eq "a${marks}"`, 13],
    ['in a word', `userName eq a${marks}`, 13],
    ['in brackets', `emails[type eq "a${marks}"]`, 16],
  ])('are too many %s', async (_, text, character) => {
    const { kind, detail } = await refusal(text)
    expect(kind).toBe('invalidFilter')
    expect(detail).toContain(`character ${character} may have at most 30 combining marks in a row`)
    expect(detail).not.toContain(marks)
  })

  test('may be 30', () => {
    expect(() => parseFilter(`userName eq "a${marks.slice(2)}"`)).not.toThrow()
  })
})
