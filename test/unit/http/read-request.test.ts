import { HttpRequest, type HttpRequestBodyInit } from '@azure/functions'
import { describe, expect, test } from 'vitest'
import { readHead, readRequest } from '../../../lib/http/read-request.ts'
import { LIMITS } from '../../../lib/scim/limits.ts'
import { refusalOf } from '../../support/refusal.ts'

function request(
  method: 'GET' | 'POST',
  query: string,
  body?: HttpRequestBodyInit,
  headers: Record<string, string> = {},
): HttpRequest {
  return new HttpRequest({
    method,
    url: `http://localhost/api/scim/Users${query}`,
    params: {},
    headers: { 'content-type': 'application/scim+json', ...headers },
    ...(body === undefined ? {} : { body }),
  })
}

const incoming = (...parts: Parameters<typeof request>): { request: HttpRequest; url: URL } => {
  const made = request(...parts)
  return { request: made, url: new URL(made.url) }
}

describe('the query', () => {
  test.each([
    ['?filter=userName+eq+%22a%40b%22', 'userName eq "a@b"'],
    ['?filter=userName%20eq%20%22a%40b%22', 'userName eq "a@b"'],
    ['?filter=userName+eq+%22v%2Btag%40b%22', 'userName eq "v+tag@b"'],
    ['?FILTER=x', 'x'],
    ['?aadOptscim062020&filter=x', 'x'],
    ['?filter=100%25', '100%'],
    ['?filter=a%26b%3Dc', 'a&b=c'],
  ])('%s is decoded once, as a form', (query, filter) => {
    expect(readHead(incoming('GET', query)).query.get('filter')).toBe(filter)
  })

  test('refuses a parameter given twice with different values', async () => {
    const refusal = await refusalOf(() => readHead(incoming('GET', '?count=1&Count=2')))
    expect(refusal.kind).toBe('invalidValue')
    expect(refusal.detail).toContain('Count')
    expect(readHead(incoming('GET', '?count=1&count=1')).query.get('count')).toBe('1')
  })
})

test.each(['attributes', 'excludedAttributes'])('%s given twice are one list', (name) => {
  const { query } = readHead(incoming('GET', `?${name}=userName&${name.toUpperCase()}=title,id`))
  expect(query.get(name.toLowerCase())).toBe('userName,title,id')
})

describe('the body', () => {
  test.each(['application/scim+json; charset=utf-8', 'application/json', 'APPLICATION/JSON', ''])(
    'is read as %s',
    async (type) => {
      const read = await readRequest(
        incoming('POST', '', { string: '{"a":1}' }, { 'content-type': type }),
        LIMITS.bodyBytes,
      )
      expect(read.body).toEqual({ a: 1 })
    },
  )

  test.each([
    [
      'text/plain',
      { 'content-type': 'text/plain' },
      '{}',
      'unsupportedMediaType',
      'application/scim+json',
    ],
    ['gzip', { 'content-encoding': 'gzip' }, '{}', 'unsupportedMediaType', 'identity'],
    ['no body', {}, '', 'invalidSyntax', 'JSON body'],
    ['chunked', { 'transfer-encoding': 'chunked' }, '', 'lengthRequired', 'Content-Length'],
    ['a declared size', { 'content-length': '9999999' }, '{}', 'payloadTooLarge', '1048576'],
    ['a size', {}, `"${'x'.repeat(LIMITS.bodyBytes)}"`, 'payloadTooLarge', '1048576'],
    ['broken JSON', {}, '{', 'invalidSyntax', 'JSON'],
  ])('refuses %s', async (_, headers, text, kind, detail) => {
    const refusal = await refusalOf(() =>
      readRequest(incoming('POST', '', { string: text }, headers), LIMITS.bodyBytes),
    )
    expect(refusal.kind).toBe(kind)
    expect(refusal.detail).toContain(detail)
  })

  test('refuses bytes that are not UTF-8', async () => {
    const bytes = new Uint8Array([0x22, 0xc3, 0x28, 0x22])
    const refusal = await refusalOf(() =>
      readRequest(incoming('POST', '', { bytes }), LIMITS.bodyBytes),
    )
    expect(refusal.kind).toBe('invalidSyntax')
    expect(refusal.detail).toContain('UTF-8')
  })

  test('of a GET is not read', async () => {
    expect((await readRequest(incoming('GET', ''), LIMITS.bodyBytes)).body).toBeUndefined()
  })
})

test('the limit of the body is that of the request, and the refusal names it', async () => {
  const bytes = new Uint8Array(2_000_000).fill(32)
  const one = await refusalOf(() => readRequest(incoming('POST', '', { bytes }), LIMITS.bodyBytes))
  expect(one).toMatchObject({ kind: 'payloadTooLarge' })
  expect(one.detail).toContain('1048576')
  const group = JSON.stringify({ displayName: 'x'.repeat(2_000_000) })
  const read = await readRequest(incoming('POST', '', { string: group }), LIMITS.groupBodyBytes)
  expect(read.body).toMatchObject({ displayName: expect.any(String) as unknown })
  const large = new Uint8Array(LIMITS.groupBodyBytes + 1)
  const two = await refusalOf(() =>
    readRequest(incoming('POST', '', { bytes: large }), LIMITS.groupBodyBytes),
  )
  expect(two.detail).toContain('8388608')
})
