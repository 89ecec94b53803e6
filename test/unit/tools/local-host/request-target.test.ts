import { describe, expect, test } from 'vitest'
import { parseRequestTarget } from '../../../../tools/local-host/request-target.ts'

describe('the path is decoded once, all but %2F', () => {
  test.each([
    ['/a%20b', '/a b', '/a%20b'],
    ['/Schemas/urn%3Aa%3ab', '/Schemas/urn:a:b', '/Schemas/urn:a:b'],
    ['/a%2Fb%2fc', '/a%2Fb%2fc', '/a%2Fb%2fc'],
    ['/%41%2F%42', '/A%2FB', '/A%2FB'],
    ['/a%252Fb', '/a%2Fb', '/a%2Fb'],
    ['/%E2%82%AC', '/€', '/%E2%82%AC'],
    ['/%F0%9F%98%80', '/😀', '/%F0%9F%98%80'],
    ['/%FF', '/%FF', '/%FF'],
    ['/100%', '/100%', '/100%25'],
    ['/a+b', '/a+b', '/a+b'],
    ["/-._~!$&'()*+,;=:@", "/-._~!$&'()*+,;=:@", "/-._~!$&'()*+,;=:@"],
    ['/a"b', '/a"b', '/a%22b'],
    ['http://localhost:7071/a?b=1', '/a', '/a'],
    ['/a/./b', '/a/b', '/a/b'],
    ['/a/%2E%2E/b', '/b', '/b'],
    ['/../../b', '/b', '/b'],
    ['/a/..', '/', '/'],
    ['/a/b/.', '/a/b/', '/a/b/'],
    ['/Users/.search', '/Users/.search', '/Users/.search'],
    ['/a..b', '/a..b', '/a..b'],
    ['/a#b?c=d', '/a#b', '/a%23b'],
  ])('%s', (target, path, encodedPath) => {
    expect(parseRequestTarget(target)).toMatchObject({ path, encodedPath })
  })
})

test.each(['*', '', 'Users', '/a%00b'])('refuses %j', (target) => {
  expect(parseRequestTarget(target)).toBeUndefined()
})

describe('query names merge without case, values join with commas', () => {
  test.each([
    ['/a', '', {}],
    ['/a?', '?', {}],
    ['/a?b=1', '?b=1', { b: '1' }],
    ['/a?a=1&A=2&a=3', '?a=1&A=2&a=3', { a: '1,2,3' }],
    ['/a?Count=5&b=', '?Count=5&b=', { Count: '5', b: '' }],
    ['/a?filter=a%20eq%20%22b+c%22', '?filter=a%20eq%20%22b+c%22', { filter: 'a eq "b c"' }],
    ['/a?b=?#c', '?b=?', { b: '?' }],
    ['/a?__proto__=1', '?__proto__=1', Object.fromEntries([['__proto__', '1']])],
  ])('%s', (target, rawQuery, query) => {
    const parsed = parseRequestTarget(target)
    expect(parsed?.rawQuery).toBe(rawQuery)
    expect(parsed?.query).toEqual(query)
  })
})
