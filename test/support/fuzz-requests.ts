import fc from 'fast-check'
import { ROUTE_PREFIX, ROUTES, SCIM_PATH } from '../../lib/http/routes.ts'
import { URN } from '../../lib/scim/urn.ts'
import { BODIES, type Body, type Purpose } from './fuzz-bodies.ts'
import { anyFilter, anyPath } from './fuzz-filters.ts'
import { knownId, placeholder, trouble, withSlips, word } from './fuzz-text.ts'

/** A request with placeholders in it. */
export interface FuzzRequest {
  readonly method: string
  /** Path and query as in the request line, ASCII. */
  readonly target: string
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Body | undefined
  /** Hours that pass before it. */
  readonly hoursLater: number
}

/** What stands in the Authorization header for the Secret Token. */
export const TOKEN = '~t0~'

// Headers.

/** Kestrel and Node.js refuse control characters; what is not Latin-1 cannot reach a function. */
const headerText = trouble.map((text) => text.replace(/[^\t\x20-\x7e\xa0-\xff]/g, 'x').trim())

const authorization = fc.oneof(
  { weight: 60, arbitrary: fc.constant<string | undefined>(`Bearer ${TOKEN}`) },
  {
    weight: 2,
    arbitrary: fc.constantFrom<string | undefined>(`bearer ${TOKEN}`, `BEARER   ${TOKEN}`),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom<string | undefined>(
      undefined,
      '',
      'Bearer',
      `Basic ${TOKEN}`,
      TOKEN,
      `Bearer Bearer ${TOKEN}`,
      `Bearer ${TOKEN}x`,
      `Bearer ${TOKEN}, Bearer ${TOKEN}`,
      'Bearer scim_fuzz_000000000000_x',
      'Bearer eyJhbGciOiJub25lIn0.e30.',
      'Bearer ~l0~',
    ),
  },
  { weight: 1, arbitrary: headerText.map((text) => `Bearer ${text}`) },
)

const contentType = fc.oneof(
  {
    weight: 50,
    arbitrary: fc.constantFrom('application/scim+json', 'application/json; charset=utf-8'),
  },
  fc.constantFrom(
    '',
    'text/plain',
    'APPLICATION/SCIM+JSON',
    'application/scim+json;charset="utf-16"',
    'multipart/form-data; boundary=x',
    ';',
    'application/xml',
  ),
  headerText,
)

const entityTags = fc.oneof(
  { weight: 4, arbitrary: placeholder.version },
  fc.constantFrom('*', '""', 'W/', 'W/"x"', '"', `${'"a", '.repeat(500)}"`),
  headerText,
)

const OTHER_HEADERS: Readonly<Record<string, fc.Arbitrary<string>>> = {
  accept: fc.oneof(
    fc.constantFrom('*/*', 'text/html', 'application/scim+json;q=0', ''),
    headerText,
  ),
  host: fc.constantFrom('localhost:7071', 'SCIM.Example:8443', '[::1]:80', '127.0.0.1'),
  'content-length': fc.constantFrom('0', '1', '99999999999999999999', '-1', '1e9', 'x'),
  'transfer-encoding': fc.constant('chunked'),
  'content-encoding': fc.constantFrom('gzip', 'identity', 'br, gzip', ''),
  'x-forwarded-host': fc.constantFrom('evil.example', '"'),
  'x-http-method-override': fc.constantFrom('DELETE', 'PATCH'),
  prefer: fc.constantFrom('return=minimal', 'respond-async', ''),
  cookie: headerText,
  'x-original-url': fc.constant('/api/scim/Users'),
}

const otherHeaders = fc.oneof(
  { weight: 12, arbitrary: fc.constant<Record<string, string>>({}) },
  {
    weight: 1,
    arbitrary: entityTags.map((tags): Record<string, string> => ({ 'if-match': tags })),
  },
  {
    weight: 1,
    arbitrary: entityTags.map((tags): Record<string, string> => ({ 'if-none-match': tags })),
  },
  {
    weight: 1,
    arbitrary: fc
      .array(
        fc.oneof(
          ...Object.entries(OTHER_HEADERS).map(([name, value]) =>
            fc.tuple(fc.constant(name), value),
          ),
        ),
        { minLength: 1, maxLength: 3 },
      )
      .map((headers): Record<string, string> => Object.fromEntries(headers)),
  },
)

// The request line.

/** Without lone surrogates, which no percent sequence stands for. */
const wellFormed = (text: string): string => Buffer.from(text).toString()

const asciiOnly = (text: string): string =>
  text.replace(/[^\x21-\x7e]/g, (character) => encodeURIComponent(wellFormed(character)))

/** Escaped as it should be, or only as far as a request line needs it. */
function queryValue(value: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 8, arbitrary: value.map((text) => encodeURIComponent(wellFormed(text))) },
    { weight: 1, arbitrary: value.map((text) => asciiOnly(text.replaceAll(' ', '+'))) },
  )
}

const number = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('1', '2', '3', '5', '0', '-1') },
  fc.constantFrom('1000', '1001', '999999999999999', '1e3', ' 1 ', '0x1', '1.5', ''),
  trouble,
)
const nameList = fc.array(anyPath, { minLength: 1, maxLength: 4 }).map((paths) => paths.join(','))

const PARAMETERS: readonly (readonly [name: string, value: fc.Arbitrary<string>])[] = [
  ['filter', anyFilter],
  ['filter', anyFilter],
  ['attributes', nameList],
  ['excludedAttributes', nameList],
  ['startIndex', number],
  ['count', number],
  ['cursor', fc.oneof(placeholder.cursor, fc.constant(''))],
  ['sortBy', anyPath],
  ['sortOrder', fc.oneof(fc.constantFrom('ascending', 'descending', 'DESCENDING'), trouble)],
  ['FILTER', anyFilter],
  ['aadOptscim062020', fc.constant('')],
  ['__proto__', trouble],
]

const parameter = fc.oneof(
  ...PARAMETERS.map(([name, value]) => queryValue(value).map((text) => `${name}=${text}`)),
  trouble.map(asciiOnly),
)

const query = fc.oneof(
  { weight: 3, arbitrary: fc.constant('') },
  {
    weight: 4,
    arbitrary: fc
      .array(parameter, { minLength: 1, maxLength: 3 })
      .map((parameters) => `?${parameters.join('&')}`),
  },
)

/** Pages by cursor hang together only when nothing but the cursor changes. */
const cursorQuery = fc
  .tuple(
    fc.constantFrom('', '&count=1', '&count=1', '&count=2'),
    fc.constantFrom('', '&sortBy=displayName', '&filter=active%20eq%20true', '&startIndex=1'),
  )
  .map(([count, more]) => `?cursor${count}${more}`)

/** What stands for `{id}` below each path. */
const SEGMENTS: Readonly<Record<string, fc.Arbitrary<string>>> = {
  Users: placeholder.userId,
  Groups: placeholder.groupId,
  ResourceTypes: fc.constantFrom('User', 'Group', 'user'),
  Schemas: fc.constantFrom(...Object.values(URN)),
}

const anySegment = fc.oneof(
  { weight: 2, arbitrary: knownId },
  fc.oneof(trouble, word).map((text) => asciiOnly(text.replace(/[?#]/g, encodeURIComponent))),
)

/** Slips that a path may have. */
const PATH_SLIPS: readonly ((path: string) => string)[] = [
  (path) => `${path}/`,
  (path) => path.toUpperCase(),
  (path) => path.replace('/scim', '/scim/v2'),
  (path) => path.replace('/scim/', '/scim//'),
  (path) => `${path}/more`,
  (path) => path.replace(/[aeiou]/g, (letter) => `%${letter.charCodeAt(0).toString(16)}`),
  (path) => path.replace('/Users', '/users/../Users/.'),
  (path) => `http://other.example${path}`,
  (path) => path.replaceAll('/', '%2F'),
]

function withPathSlips(path: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 20, arbitrary: path },
    fc.tuple(path, fc.constantFrom(...PATH_SLIPS)).map(([text, slip]) => slip(text)),
  )
}

function pathOf(route: string): fc.Arbitrary<string> {
  const path = `/${ROUTE_PREFIX}/${route}`
  if (!path.endsWith('/{id}')) return withPathSlips(fc.constant(path))
  const [, name = ''] = /\/(\w+)\/\{id\}$/.exec(path) ?? []
  const segment = fc.oneof({ weight: 12, arbitrary: SEGMENTS[name] ?? anySegment }, anySegment)
  return withPathSlips(segment.map((id) => path.replace('{id}', () => id)))
}

// Whole requests.

/** What the bodies sent to a function are like; it takes some of another kind, too. */
const PURPOSES: Readonly<Record<string, Purpose>> = {
  'users-create': 'User',
  'users-replace': 'User',
  'users-patch': 'PatchUser',
  'groups-create': 'Group',
  'groups-replace': 'Group',
  'groups-patch': 'PatchGroup',
  'users-search': 'search',
  'groups-search': 'search',
  'root-search': 'search',
  bulk: 'bulk',
}

/** Deletes are rare, so that there is something to work on. */
const WEIGHTS: Readonly<Record<string, number>> = {
  'users-patch': 10,
  'groups-patch': 8,
  'users-list': 8,
  'groups-list': 4,
  'users-get': 2,
  'groups-get': 2,
  'users-create': 4,
  'groups-create': 4,
  'users-replace': 3,
  'groups-replace': 3,
  bulk: 3,
  'root-list': 2,
  'users-search': 2,
}

interface Line {
  readonly method: fc.Arbitrary<string>
  readonly path: fc.Arbitrary<string>
  readonly query: fc.Arbitrary<string>
  readonly body: fc.Arbitrary<Body | undefined>
}

const NO_BODY = fc.constant(undefined)
const anyBody = fc.oneof(...Object.values(BODIES))

function requestOf({ method, path, query: queries, body }: Line): fc.Arbitrary<FuzzRequest> {
  const headers = fc
    .tuple(authorization, contentType, otherHeaders)
    .map(([credential, type, others]): Record<string, string> =>
      Object.assign(
        credential === undefined ? {} : { authorization: credential },
        { 'content-type': type },
        others,
      ),
    )
  return fc.record({
    method,
    target: fc.tuple(path, queries).map((parts) => parts.join('')),
    headers,
    body,
    // Cursors expire.
    hoursLater: fc.oneof({ weight: 49, arbitrary: fc.constant(0) }, fc.constant(2)),
  })
}

const toFunctions = ROUTES.map(({ name, route, methods }) => {
  const purpose = PURPOSES[name]
  const isList = name.endsWith('-list')
  return {
    weight: WEIGHTS[name] ?? 1,
    arbitrary: requestOf({
      method: fc.oneof(
        { weight: 5, arbitrary: fc.constant(methods[0] ?? 'GET') },
        fc.constantFrom(...methods),
      ),
      path: pathOf(route),
      query: isList ? fc.oneof({ weight: 5, arbitrary: query }, cursorQuery) : query,
      body:
        purpose === undefined
          ? NO_BODY
          : fc.oneof({ weight: 30, arbitrary: BODIES[purpose] }, anyBody, NO_BODY),
    }),
  }
})

const METHODS = [
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
  'TRACE',
  'CONNECT',
  'PURGE',
  'get',
]

const elsewhere = requestOf({
  method: fc.constantFrom(...METHODS),
  path: fc.oneof(
    fc.oneof(...ROUTES.map(({ route }) => pathOf(route))),
    fc.constantFrom(
      '/',
      '/api',
      '/api/health',
      `${SCIM_PATH}/Nothing`,
      `${SCIM_PATH}/Users/1/2`,
      '/admin/host/status',
    ),
    withSlips(fc.oneof(...ROUTES.map(({ route }) => pathOf(route)))).map(
      (path) => `/${asciiOnly(path).replace(/^\/+/, '')}`,
    ),
  ),
  query,
  body: fc.oneof(NO_BODY, anyBody),
})

const nextPage = requestOf({
  method: fc.constant('GET'),
  path: placeholder.nextPage,
  query: fc.constantFrom('', '', '', '&count=1', '&count=2'),
  body: NO_BODY,
})

/** Any request: most of them are to a function and nearly right, some are anything at all. */
export const anyRequest: fc.Arbitrary<FuzzRequest> = fc.oneof(
  { weight: 6, arbitrary: elsewhere },
  { weight: 3, arbitrary: nextPage },
  ...toFunctions,
)
