import { describe, expect, test } from 'vitest'
import { matchRoute, parseRouteTemplate } from '../../../../tools/local-host/route-template.ts'

const match = (template: string, path: string): Record<string, string> | undefined =>
  matchRoute(parseRouteTemplate(template), path)

describe('a path that matches', () => {
  test.each([
    ['api/scim/Users', '/api/scim/Users', {}],
    ['api/scim/Users', '/API/SCIM/users', {}],
    ['api/scim/Users', '/api/scim/Users/', {}],
    ['/api/scim/Users/', '/api/scim/Users', {}],
    ['Users/{id}', '/users/AbC', { id: 'AbC' }],
    ['Users/{id}', '/Users/AbC/', { id: 'AbC' }],
    ['Users/{id}', '/Users/a%2Fb', { id: 'a%2Fb' }],
    ['Users/{id}', '/Users/constructor', { id: 'constructor' }],
    ['Users/{__proto__}', '/Users/a', Object.fromEntries([['__proto__', 'a']])],
    ['Schemas/{id}', '/Schemas/urn:a:b', { id: 'urn:a:b' }],
    ['Users/{id?}', '/Users', {}],
    ['Users/{id?}', '/Users/1', { id: '1' }],
    ['Users/{id=me}', '/Users', { id: 'me' }],
    ['scim/{*path}', '/scim', {}],
    ['scim/{*path}', '/scim/a/b', { path: 'a/b' }],
    ['scim/{**path}', '/scim/a/b/', { path: 'a/b/' }],
    ['{a}/{b}', '/1/2', { a: '1', b: '2' }],
    [
      'Users/{id:guid}',
      '/Users/2819c223-7f76-453a-919d-413861904646',
      {
        id: '2819c223-7f76-453a-919d-413861904646',
      },
    ],
    ['Users/{id:int:required}', '/Users/-12', { id: '-12' }],
    ['Users/{id:alpha}', '/Users/abC', { id: 'abC' }],
    ['Users/{id:bool}', '/Users/TRUE', { id: 'TRUE' }],
    ['Users/{id:long}', '/Users/123456789012', { id: '123456789012' }],
  ])('%s takes %s', (template, path, params) => {
    expect(match(template, path)).toEqual(params)
  })
})

describe('a path that does not match', () => {
  test.each([
    ['Users', '/Users2'],
    ['Users', '/'],
    ['Users', '/Users/1'],
    ['Users', '/Users//'],
    ['Users/{id}', '/Users'],
    ['Users/{id}', '/Users/'],
    ['Users/{id}', '/Users//1'],
    ['scim/{*path}', '/scim//a'],
    ['scim/{*path}', '/other/a'],
    ['a/b', '/a//b'],
    ['Users/{id:guid}', '/Users/.search'],
    ['Users/{id:int}', '/Users/2147483648'],
    ['Users/{id:int}', '/Users/x'],
    ['Users/{id:alpha}', '/Users/a1'],
  ])('%s refuses %s', (template, path) => {
    expect(match(template, path)).toBeUndefined()
  })
})

describe('a template that cannot be', () => {
  test.each([
    ['Users/{id:uuid}', 'unknown constraint "uuid"'],
    ['Users/{id:toString}', 'unknown constraint "toString"'],
    ['Users/{id:length(3)}', 'unknown constraint "length(3)"'],
    ['Users/{a}.{b}', 'cannot read the segment "{a}.{b}"'],
    ['{*rest}/Users', 'a catch-all must be the last segment'],
    ['Users//{id}', 'a segment is empty'],
  ])('%s: %s', (template, reason) => {
    expect(() => parseRouteTemplate(template)).toThrow(reason)
  })
})
