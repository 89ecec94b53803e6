import { beforeAll, describe, expect, test } from 'vitest'
import { ROUTES } from '../../lib/http/routes.ts'
import { URN } from '../../lib/scim/urn.ts'
import {
  BASE_URL,
  errorAnswer,
  memoryApp,
  textOf,
  type MemoryAnswer,
  type SendAs,
} from '../support/memory-app.ts'

/** Requests that a vector cannot hold: other methods, raw bytes, framing. */

let send: SendAs
beforeAll(async () => {
  const { tenant } = await memoryApp()
  send = (await tenant('raw-requests')).send
})

const BOM = Buffer.from([0xef, 0xbb, 0xbf])

function userText(userName: string, more = ''): string {
  return `{"schemas":["${URN.user}"],"userName":"${userName}"${more}}`
}

function createWith(
  bytes: Uint8Array,
  headers: Record<string, string> = {},
): Promise<MemoryAnswer> {
  return send('POST', '/Users', { body: bytes, headers })
}

describe('the bytes of a body (RFC 7644 §3.8)', () => {
  test('a byte order mark is passed over', async () => {
    const answer = await createWith(Buffer.concat([BOM, Buffer.from(userText('bom@example.com'))]))
    expect(answer.status).toBe(201)
    expect(answer.json['userName']).toBe('bom@example.com')
  })

  test('text beyond ASCII comes back as the same bytes', async () => {
    const userName = 'Zoë 🦊 Ångström e\u0301@example.com'
    const answer = await createWith(Buffer.from(userText(userName)))
    expect(answer.status).toBe(201)
    expect(answer.text).toContain(`"userName":"${userName}"`)
  })

  test.each<[string, readonly number[]]>([
    ['a lone continuation byte', [0x80]],
    ['half a character', [0xc3]],
    ['an overlong slash', [0xc0, 0xaf]],
    ['a surrogate', [0xed, 0xa0, 0x80]],
    ['beyond U+10FFFF', [0xf5, 0x80, 0x80, 0x80]],
    ['Latin-1', [0xe9]],
  ])('%s is no UTF-8', async (_, bytes) => {
    const body = Buffer.concat([
      Buffer.from('{"userName":"'),
      Buffer.from(bytes),
      Buffer.from('@example.com"}'),
    ])
    expect(errorAnswer(await createWith(body))).toMatch(/^400 invalidSyntax: .*UTF-8/)
  })

  test.each(['utf-16', 'utf-32', 'iso-8859-1'])(
    'what is sent as %s must be UTF-8 all the same',
    async (charset) => {
      const answer = await createWith(Buffer.from(userText('charset@example.com'), 'utf16le'), {
        'content-type': `application/scim+json; charset=${charset}`,
      })
      expect(errorAnswer(answer)).toMatch(/^400 invalidSyntax: .*(?:JSON|UTF-8)/)
    },
  )

  test.each([
    ['nothing', ''],
    ['blanks', ' \n '],
    ['half an object', '{"userName":'],
    ['two objects', '{}{}'],
    ['a comma at the end', '{"userName":"x",}'],
    ['a comment', '{/* */}'],
    ['single quotes', "{'userName':'x'}"],
    ['a control character in a string', '{"userName":"a\u0000b"}'],
    ['NaN', '{"active":NaN}'],
    ['a number with a leading zero', '{"active":01}'],
  ])('%s is no JSON', async (_, text) => {
    expect(errorAnswer(await createWith(Buffer.from(text)))).toMatch(/^400 invalidSyntax: .*JSON/)
  })

  test.each(['null', '7', '"x"', 'true', '[]', '[{}]'])('%s is no resource', async (text) => {
    expect(errorAnswer(await createWith(Buffer.from(text)))).toMatch(/^400 invalidSyntax: .*object/)
  })

  test('5000 levels exhaust nothing', async () => {
    for (const open of ['[', '{"a":', '[{"a":']) {
      expect(errorAnswer(await createWith(Buffer.from(open.repeat(5000))))).toMatch(
        /^400 invalidSyntax: .*deep/,
      )
    }
  })
})

describe('framing', () => {
  const large = Buffer.from(userText('large@example.com', `,"x":"${'x'.repeat(1_048_576)}"`))

  test.each([
    ['POST', '/Users'],
    ['PUT', '/Users/1'],
    ['PATCH', '/Users/1'],
    ['POST', '/Users/.search'],
    ['POST', '/.search'],
  ])('a body above the limit is 413: %s %s', async (method, path) => {
    expect(errorAnswer(await send(method, path, { body: large }))).toMatch(
      /^413: .*maxPayloadSize.*1048576/,
    )
  })

  test('a declared length above the limit is 413 before the body is looked at', async () => {
    const answer = await createWith(Buffer.from('{}'), { 'content-length': '4294967296' })
    expect(errorAnswer(answer)).toMatch(/^413: .*1048576/)
  })

  test('a chunked body is 411, as the Functions host hands it on empty', async () => {
    const answer = await createWith(Buffer.from(userText('chunked@example.com')), {
      'transfer-encoding': 'chunked',
    })
    expect(errorAnswer(answer)).toMatch(/^411: .*Content-Length/)
  })

  test('a body of GET and DELETE is not read', async () => {
    for (const method of ['GET', 'DELETE']) {
      const answer = await send(method, '/Users/none', { body: Buffer.from('{{{') })
      expect(errorAnswer(answer)).toMatch(/^404: .*User/)
    }
  })
})

describe('HEAD is GET without the body (RFC 9110 §9.3.2)', () => {
  let paths: readonly string[]
  beforeAll(async () => {
    const user = await createWith(Buffer.from(userText('head@example.com')))
    const group = await send('POST', '/Groups', {
      body: { schemas: [URN.group], displayName: 'Head', members: [{ value: textOf(user, 'id') }] },
    })
    const ids: Record<string, string> = {
      'scim/Users/{id}': textOf(user, 'id'),
      'scim/Groups/{id}': textOf(group, 'id'),
      'scim/ResourceTypes/{id}': 'User',
      'scim/Schemas/{id}': URN.user,
    }
    paths = ROUTES.filter(({ methods }) => methods.includes('GET')).map(({ route }) =>
      route.replace('scim', '').replace('{id}', ids[route] ?? ''),
    )
  })

  test('wherever GET is', async () => {
    expect(paths.length).toBeGreaterThan(9)
    for (const path of paths) {
      const [get, head] = [await send('GET', path), await send('HEAD', path)]
      expect([path, head.status, head.headers]).toEqual([path, get.status, get.headers])
      expect(head.text).toBe('')
      expect(get.text).not.toBe('')
    }
  })

  test('an unknown id, a bad filter, a missing credential', async () => {
    for (const [path, headers] of [
      ['/Users/none', {}],
      ['/Users?filter=x', {}],
      ['/Users', { authorization: '' }],
    ] as const) {
      const [get, head] = [
        await send('GET', path, { headers }),
        await send('HEAD', path, { headers }),
      ]
      expect(get.status).toBeGreaterThanOrEqual(400)
      expect([path, head.status, head.text]).toEqual([path, get.status, ''])
    }
  })

  test('honours If-None-Match', async () => {
    const path = paths.find((each) => each.startsWith('/Users/')) ?? ''
    const { headers } = await send('GET', path)
    const etag = headers['etag'] ?? ''
    expect(etag).toMatch(/^W\//)
    const answer = await send('HEAD', path, { headers: { 'if-none-match': etag } })
    expect(answer.status).toBe(304)
  })

  test('where GET is not it is 405 with the methods that are', async () => {
    const answer = await send('HEAD', '/Bulk')
    expect(answer.status).toBe(405)
    expect(answer.headers['allow']).toBe('POST')
  })
})

describe('other methods', () => {
  test.each([
    ['OPTIONS', '/Users', 'POST, GET, HEAD'],
    ['OPTIONS', '/Users/1', 'GET, HEAD, PUT, PATCH, DELETE'],
    ['OPTIONS', '/Schemas', 'GET, HEAD'],
  ])('%s %s is 405 and names %s', async (method, path, allow) => {
    const answer = await send(method, path)
    expect(errorAnswer(answer)).toMatch(/^405: /)
    expect(answer.headers['allow']).toBe(allow)
  })
})

describe('paths', () => {
  test('a trailing slash and the case of the path do not count; Location is spelled our way', async () => {
    const created = await send('POST', '/users/', {
      body: { schemas: [URN.user], userName: 'path@example.com' },
    })
    expect(created.status).toBe(201)
    const location = created.headers['location'] ?? ''
    expect(location).toBe(`${BASE_URL}/Users/${textOf(created, 'id')}`)
    const read = await send('GET', `/USERS/${textOf(created, 'id')}/`)
    expect([read.status, read.headers['location']]).toEqual([200, location])
  })

  test.each([
    '/Users/..%2fGroups',
    '/Users/%F0%9F%A6%8A',
    '/Users/a%23b%3Fc%5Cd',
    `/Users/${'x'.repeat(2000)}`,
    "/Groups/' or 1 eq 1",
  ])('%s is nobody', async (path) => {
    expect(errorAnswer(await send('GET', path))).toMatch(/^404: /)
  })

  test('X-Forwarded-* changes no URI', async () => {
    const { json } = await send('GET', '/ServiceProviderConfig', {
      headers: { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https' },
    })
    expect(json['meta']).toMatchObject({ location: `${BASE_URL}/ServiceProviderConfig` })
  })
})
