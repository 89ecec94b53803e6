import { MANAGE_LIMITS } from '../../lib/manage/query.ts'
import type { JsonObject } from '../../lib/scim/json.ts'

/** In all that a client sends: no line of the log has it. */
export const MARK = 'zqmark'

const NOBODY = `${MARK}-nobody`
const LONG = MARK + 'x'.repeat(6000)

/** A request in short, and what it is answered: the kind, the part that is wrong, what the detail says. */
export interface Mistake {
  readonly request: string
  readonly body?: JsonObject | string
  readonly headers?: Readonly<Record<string, string>>
  readonly answer: string
  readonly part?: string
  readonly detail: RegExp
}

const COUNTS = ['0', '1001', '-1', '1.5', '1e3', MARK, '']

const LISTS = ['people', 'teams', 'invitations', 'people?q=ann', 'teams/{acme.team}/members']

function also(path: string, parameter: string): string {
  return `GET ${path}${path.includes('?') ? '&' : '?'}${parameter}`
}

/** What is wrong in any list. */
function ofAnyList(list: string): readonly Mistake[] {
  return [
    ...COUNTS.map((count): Mistake => ({
      request: also(list, `count=${count}`),
      answer: '400 invalid-request',
      part: 'count',
      detail: /count must be a whole number from 1 to 1000/,
    })),
    {
      request: also(list, 'count=1&count=2'),
      answer: '400 invalid-request',
      part: 'count',
      detail: /count must be given once/,
    },
    {
      request: also(list, `${MARK}=1`),
      answer: '400 invalid-request',
      part: MARK,
      detail: /is not known here; known are /,
    },
    ...[MARK, '', 'eyJhIjoxfQ', LONG].map((cursor): Mistake => ({
      request: also(list, `cursor=${cursor}`),
      answer: '400 invalid-request',
      part: 'cursor',
      detail: /cursor must be the nextCursor of an answer/,
    })),
  ]
}

const QUERIES: readonly Mistake[] = [
  ...LISTS.flatMap(ofAnyList),
  // A cursor is good for its own list of its own tenant, with the same parameters.
  ...[
    ['people', 'other.people'],
    ['people', 'acme.teams'],
    ['people', 'acme.search'],
    ['people', 'acme.changes'],
    ['people', 'acme.position'],
    ['people?q=ann', 'other.search'],
    ['people?q=anna', 'acme.search'],
    ['people?q=ann', 'acme.people'],
    ['people?changedSince={acme.position}', 'other.changes'],
    ['people?changedSince={acme.position}', 'acme.people'],
    ['teams', 'other.teams'],
    ['teams', 'acme.people'],
    ['teams?changedSince={acme.teamsPosition}', 'acme.changes'],
    ['teams/{acme.team}/members', 'acme.teams'],
    ['invitations', 'other.invitations'],
    ['invitations', 'acme.people'],
  ].map(([list = '', cursor = '']): Mistake => ({
    request: also(list, `cursor={${cursor}}`),
    answer: '400 invalid-request',
    part: 'cursor',
    detail: /cursor must be the nextCursor of an answer/,
  })),
  ...[
    ['people', MARK],
    ['people', ''],
    ['people', '{other.position}'],
    ['people', '{acme.teamsPosition}'],
    ['people', '{acme.people}'],
    ['people', LONG],
    ['teams', '{acme.position}'],
    ['teams', '{other.teamsPosition}'],
  ].map(([list = '', position = '']): Mistake => ({
    request: also(list, `changedSince=${position}`),
    answer: '400 invalid-request',
    part: 'changedSince',
    detail: /changedSince must be the position of an answer/,
  })),
  ...['', `q=${'x'.repeat(201)}`].map((q): Mistake => ({
    request: also('people', q === '' ? 'q=' : q),
    answer: '400 invalid-request',
    part: 'q',
    detail: /q must have 1 to 200 characters/,
  })),
  {
    request: 'GET people?q=ann&changedSince={acme.position}',
    answer: '400 invalid-request',
    part: 'q',
    detail: /q must come without changedSince/,
  },
  {
    request: 'GET people?q=ann&q=bob',
    answer: '400 invalid-request',
    part: 'q',
    detail: /q must be given once/,
  },
  {
    request: 'GET teams?q=ann',
    answer: '400 invalid-request',
    part: 'q',
    detail: /q is not known here; known are cursor, count, changedSince/,
  },
]

const LOOK_UPS: readonly Mistake[] = [
  ...(
    [
      ['', 'externalId', /externalId is missing: it must be there, or else userName or email/],
      [
        `?userName=${MARK}&email=${MARK}`,
        'userName',
        /must come alone: one of externalId, userName/,
      ],
      [`?externalId=${MARK}&email=${MARK}`, 'externalId', /must come alone/],
      ['?userName=', 'userName', /userName must have 1 to \d+ characters/],
      [`?email=${MARK}&email=${MARK}`, 'email', /email must be given once/],
      [`?${MARK}=1`, MARK, /is not known here; known are externalId, userName, email/],
      [`?userName=${LONG}${LONG}${LONG}`, 'userName', /userName must have 1 to \d+ characters/],
    ] as const
  ).map(([query, part, detail]): Mistake => ({
    request: `GET people/lookup${query}`,
    answer: '400 invalid-request',
    part,
    detail,
  })),
  ...['externalId', 'userName', 'email'].map((name): Mistake => ({
    request: `GET people/lookup?${name}=${NOBODY}`,
    answer: '404 not-found',
    detail: new RegExp(`^Nobody has this ${name}\\.$`),
  })),
]

const UNKNOWN: readonly Mistake[] = [
  {
    request: `PATCH people/${NOBODY}`,
    body: { position: MARK },
    answer: '404 not-found',
    detail: /^There is no person zqmark-nobody\.$/,
  },
  {
    request: `PATCH teams/${NOBODY}`,
    body: { name: MARK },
    answer: '404 not-found',
    detail: /^There is no team /,
  },
  ...['GET', 'DELETE'].map((method): Mistake => ({
    request: `${method} people/${NOBODY}`,
    answer: '404 not-found',
    detail: new RegExp(`^There is no person ${NOBODY}\\.$`),
  })),
  {
    request: 'GET people/{other.person}',
    answer: '404 not-found',
    detail: /^There is no person /,
  },
  {
    request: `POST people/${NOBODY}/restore`,
    answer: '404 not-found',
    detail: /^There is no person /,
  },
  ...['GET', 'DELETE'].map((method): Mistake => ({
    request: `${method} teams/${NOBODY}`,
    answer: '404 not-found',
    detail: /^There is no team /,
  })),
  { request: `GET teams/${NOBODY}/members`, answer: '404 not-found', detail: /^There is no team / },
  {
    request: 'GET teams/{other.team}/members',
    answer: '404 not-found',
    detail: /^There is no team /,
  },
  {
    request: 'DELETE teams/{acme.team}/members/{other.person}',
    answer: '404 not-found',
    detail: /is no member of team /,
  },
  {
    request: 'POST teams/{acme.team}/members',
    body: { personId: NOBODY },
    answer: '400 invalid-request',
    part: '#/personId',
    detail: /nobody has "zqmark-nobody"/,
  },
  {
    request: `DELETE levels/${MARK}`,
    answer: '404 not-found',
    detail: /^There is no level "zqmark"\.$/,
  },
  {
    request: 'DELETE levels/Senior',
    answer: '409 not-possible',
    detail: /^People with this level: 2\. It can be deleted when nobody has it\.$/,
  },
  {
    request: 'DELETE levels',
    answer: '400 invalid-request',
    part: 'name',
    detail: /^name is missing/,
  },
  {
    request: 'GET levels?count=1',
    answer: '400 invalid-request',
    part: 'count',
    detail: /count is not known here; there are none/,
  },
  {
    request: 'DELETE people/{acme.person}?force=1',
    answer: '400 invalid-request',
    part: 'force',
    detail: /force must be true or false/,
  },
]

const IDS_ARE = /ids must be an array of 1 to 1000 ids of people/
const ID_IS = /must be the id of a person, 200 characters at most/

const BODIES: readonly Mistake[] = [
  ...(
    [
      [{}, '#/ids', /ids is missing: it must be an array of 1 to 1000 ids of people/],
      [{ ids: [] }, '#/ids', IDS_ARE],
      [{ ids: MARK }, '#/ids', IDS_ARE],
      [{ ids: Array.from({ length: 1001 }, (_, n) => `p${n}`) }, '#/ids', IDS_ARE],
      [{ ids: [''] }, '#/ids/0', ID_IS],
      [{ ids: [MARK, 1] }, '#/ids/1', ID_IS],
      [{ ids: ['x'.repeat(201)] }, '#/ids/0', ID_IS],
      [{ ids: [MARK], more: 1 }, '#/more', /more is not known here; known are ids/],
    ] as const
  ).map(([body, part, detail]): Mistake => ({
    request: 'POST invitations/acknowledgements',
    body: JSON.stringify(body),
    answer: '400 invalid-request',
    part,
    detail,
  })),
  ...[{}, { name: '' }, { name: 1 }, { name: 'x'.repeat(201) }, { name: 'a\u0000b' }].map(
    (body): Mistake => ({
      request: 'POST teams',
      body,
      answer: '400 invalid-request',
      part: '#/name',
      detail: /^name (?:is missing: it )?must /,
    }),
  ),
  ...[{}, { personId: '' }, { personId: 1 }, { personId: 'x'.repeat(201) }].map(
    (body): Mistake => ({
      request: 'POST teams/{acme.team}/members',
      body,
      answer: '400 invalid-request',
      part: '#/personId',
      detail: /^personId (?:is missing: it )?must be the id of a person, 1 to 200 characters/,
    }),
  ),
]

/** Requests that have a body. */
const WITH_BODY = [
  'PATCH people/{acme.person}',
  'POST teams',
  'PATCH teams/{acme.team}',
  'POST teams/{acme.team}/members',
  'POST invitations/acknowledgements',
]

/** What is wrong in any body. */
function ofAnyBody(request: string): readonly Mistake[] {
  return [
    { request, body: `{"${MARK}"`, answer: '400 invalid-request', detail: /JSON/ },
    { request, answer: '400 invalid-request', detail: /needs a JSON body/ },
    ...['[]', 'null', `"${MARK}"`, '1'].map((body) => ({
      request,
      body,
      answer: '400 invalid-request',
      part: '#',
      detail: /must be a JSON object/,
    })),
    {
      request,
      body: JSON.stringify({ [MARK]: 'x'.repeat(MANAGE_LIMITS.bodyBytes) }),
      answer: '413 payload-too-large',
      detail: /^The body is larger than 65536 bytes\.$/,
    },
    {
      request,
      body: `<${MARK}/>`,
      headers: { 'content-type': 'application/xml' },
      answer: '415 unsupported-media-type',
      detail: /^Content-Type must be application\//,
    },
    {
      request,
      body: '{}',
      headers: { 'content-encoding': 'gzip' },
      answer: '415 unsupported-media-type',
      detail: /^Content-Encoding must be identity/,
    },
  ]
}

const OF_ANY_BODY = WITH_BODY.flatMap(ofAnyBody)

/** Every mistake, by where it is. */
export const MISTAKES: readonly (readonly [where: string, readonly Mistake[]])[] = [
  ['in a query', QUERIES],
  ['in a look-up', LOOK_UPS],
  ['of what is not there', UNKNOWN],
  ['in a body', BODIES],
  ['in any body', OF_ANY_BODY],
]
