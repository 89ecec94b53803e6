import { RestError } from '@azure/data-tables'
import { beforeEach, describe, expect, test } from 'vitest'
import type { AttributeDefinition } from '../../lib/scim/attribute-definition.ts'
import { GROUP, USER } from '../../lib/scim/default-resource-types.ts'
import type { JsonObject, JsonValue } from '../../lib/scim/json.ts'
import { LIMITS } from '../../lib/scim/limits.ts'
import { URN } from '../../lib/scim/urn.ts'
import { NO_DEADLINE, tooLate } from '../../lib/storage/deadline.ts'
import { memoryStores } from '../../lib/storage/memory/stores.ts'
import { requireSortable } from '../../lib/storage/sorted-entries.ts'
import { callStorage } from '../../lib/storage/table/failure.ts'
import { setTenantStatus } from '../../lib/tenants/tenants.ts'
import { issueToken, listTokens, revokeToken } from '../../lib/tenants/tokens.ts'
import { oneLoginTemplate, targetsOf, toldRefusals } from '../support/connect-document.ts'
import { CREDENTIALS_PROVOKED, TOKEN_ERRORS_PROVOKED } from '../support/connect-oauth.ts'
import { aDefinition } from '../support/definitions.ts'
import {
  errorAnswer,
  memoryApp,
  textOf,
  type MemoryAnswer,
  type MemoryApp,
  type SendAs,
} from '../support/memory-app.ts'

/** docs/connect.md says what to paste, and what to do about each answer: all of it is sent here, as Entra sends it. */

const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'
const NOBODY = '00000000-0000-4000-8000-000000000000'
const YEAR_2020 = new Date('2020-01-01T00:00:00Z')
const YEAR_2021 = new Date('2021-01-01T00:00:00Z')

let app: MemoryApp
let send: SendAs
let secretToken: string
/** What every call of the stored resources does, when something is here. */
let fault: (() => Promise<unknown>) | undefined
let secondsAhead: number
let perSecond: number

beforeEach(async () => {
  fault = undefined
  secondsAhead = 0
  perSecond = Infinity
  const stores = memoryStores()
  const resources = new Proxy(stores.resources, {
    get(target, method, receiver) {
      const found: unknown = fault ?? Reflect.get(target, method, receiver)
      return found
    },
  })
  app = await memoryApp({
    stores: { ...stores, resources },
    adjust: ({ service, ...runtime }) => ({
      ...runtime,
      requestsPerSecond: () => perSecond,
      service: { ...service, now: () => new Date(Date.now() + secondsAhead * 1000) },
    }),
  })
  const tenant = await app.tenant('contoso')
  send = tenant.send
  secretToken = tenant.secretToken
})

const aUser = async (userName = 'ada@contoso.example'): Promise<string> =>
  textOf(await send('POST', '/Users', { body: { userName } }), 'id')

/** A change of a user, by one operation behind another one. */
async function changed(path: string, value: unknown, op = 'Replace'): Promise<MemoryAnswer> {
  const Operations = [
    { op: 'Replace', path: 'nickName', value: 'Ada' },
    { op, path, value },
  ]
  return send('PATCH', `/Users/${await aUser()}`, { body: { Operations } })
}

const created = (body: JsonObject): Promise<MemoryAnswer> => send('POST', '/Users', { body })
const createdGroup = (body: JsonObject): Promise<MemoryAnswer> => send('POST', '/Groups', { body })

const withToken = (authorization: string): Promise<MemoryAnswer> =>
  send('GET', '/Users', { headers: { authorization } })

async function failing(work: () => Promise<unknown>): Promise<MemoryAnswer> {
  const id = await aUser()
  fault = work
  return send('GET', `/Users/${id}`)
}

/** The second page of a list by cursor, asked for with another query and after some time. */
async function nextPage(query: string, seconds = 0): Promise<MemoryAnswer> {
  await aUser()
  await aUser('bob@contoso.example')
  const cursor = textOf(await send('GET', '/Users?cursor&count=1'), 'nextCursor')
  secondsAhead = seconds
  return send('GET', `/Users?cursor=${cursor}${query}`)
}

/** A user with a value of what the tenant has declared. */
async function createdWith(
  definition: AttributeDefinition,
  value: JsonValue,
): Promise<MemoryAnswer> {
  const made = { ...definition, created: YEAR_2020.toISOString() }
  await app.stores.tenants.addDefinition('contoso', () => made)
  return created({ userName: 'ada@contoso.example', [`${ENTERPRISE}:${definition.id}`]: value })
}

/** How each answer comes about of which the page tells, by the status, the scimType and the detail that it names. */
const PROVOKED: Readonly<Record<string, () => Promise<MemoryAnswer>>> = {
  '401: This is a JWT, as Entra ID sends it…': () => withToken('Bearer eyJhbGciOiJSUzI1NiJ9.e30.x'),
  '401: The Authorization header is missing…': () => withToken(''),
  '401: This is not a Secret Token of this service…': () => withToken('Bearer 1234'),
  '401: The Secret Token is mistyped or cut off.': () =>
    withToken(`Bearer ${secretToken.slice(0, -1)}`),
  '401: The word Bearer comes twice…': () => withToken(`Bearer Bearer ${secretToken}`),
  '401: There is a space within the token.': () => withToken(`Bearer ${secretToken} x`),
  '401: The Authorization header has no token.': () => withToken('Bearer'),
  '401: The scheme of the Authorization header …': () => withToken('Basic YTpi'),
  '404: The Tenant URL must not end in …': () =>
    send('GET', '/Users/Users?filter=userName+eq+%22x%22'),
  '401: The Secret Token is not valid…': async () => {
    const [token] = await listTokens(app.stores.tenants, 'contoso')
    await revokeToken(app.stores.tenants, 'contoso', token?.id ?? '', new Date())
    return send('GET', '/Users')
  },
  '401: The Secret Token expired at …': async () => {
    const dates = { now: YEAR_2020, expires: YEAR_2021 }
    const issued = await issueToken(app.stores.tenants, 'contoso', dates)
    return withToken(`Bearer ${issued.secretToken}`)
  },
  '403: The tenant is disabled.': async () => {
    await setTenantStatus(app.stores.tenants, 'contoso', 'disabled')
    return send('GET', '/Users')
  },
  '404: There is nothing at this path. …': () => send('GET', '/scim/Users'),
  '405: … is not allowed on this path…': () => send('POST', '/Users/Users', { body: {} }),
  '400 invalidVers: The Tenant URL ends in …': () => send('GET', '/v2/Users'),

  '400 invalidValue: userName is required and must not be empty.': () =>
    created({ displayName: 'Ada' }),
  '400 mutability: userName is required and cannot be removed.': () =>
    changed('userName', undefined, 'Remove'),
  '400 invalidValue: userName must be a name with no white space…': () =>
    created({ userName: 'ada@contoso.example ' }),
  '409 uniqueness: Another User has this userName…': async () => {
    await aUser()
    return created({ userName: 'ADA@contoso.example' })
  },
  '400 invalidValue: … is outside of the allowed e-mail domains…': async () => {
    const settings = { allowedEmailDomains: ['contoso.example'] }
    await app.stores.tenants.update('contoso', () => ({ settings }))
    return created({ userName: 'ada@gmail.example' })
  },
  '400 invalidValue: active must be true or false…': () => changed('active', 'Disabled'),
  '400 invalidValue: name must be an object…': () => changed('name', 'Ada Lovelace'),
  '400 invalidValue: photos.value must be …': () =>
    changed('photos[type eq "photo"].value', 'not a url'),
  '400 invalidValue: preferredLanguage must be …': () =>
    changed('preferredLanguage', 'U.S. English'),
  '400 invalidValue: locale must be …': () => changed('locale', 'en US'),
  '400 invalidValue: … may have at most … characters…': () => changed('title', 'x'.repeat(9000)),
  '400 invalidValue: … must be a date such as …': () =>
    changed(`${URN.peopleUser}:startDate`, 'next week', 'Add'),
  '400 invalidValue: … must be a whole number…': () =>
    createdWith(aDefinition('score', { type: 'integer' }), 'many'),
  '400 invalidValue: … must be one of …': () =>
    createdWith(aDefinition('grade', { allowedValues: ['Junior', 'Senior'] }), 'Master'),
  '400 invalidValue: … have … values together; at most …': () =>
    createdWith(
      aDefinition('skills', { multiValued: true, indexed: true }),
      '1 2 3 4 5 6 7 8'.split(' '),
    ),
  '409 uniqueness: Another User has this urn:…': async () => {
    const badge = aDefinition('badge', { unique: true })
    await createdWith(badge, 'B-1')
    return created({ userName: 'bob@contoso.example', [`${ENTERPRISE}:badge`]: 'b-1' })
  },
  '400 invalidPath: "…" is not an attribute of a User…': () => changed('dept', 'Sales', 'Add'),
  '400 invalidPath: Expected … at character … of the path…': () =>
    changed('emails[type eq "work".value', 'ada@contoso.example'),
  '400 invalidFilter: "…" at character … is not an attribute of a User…': () =>
    send('GET', '/Users?filter=mail+eq+%22ada%40contoso.example%22'),
  '400 noTarget: No value of … matches the filter…': () =>
    changed('emails[type sw "work"].value', 'ada@contoso.example'),
  '400 mutability: groups is readOnly…': () => changed('groups', [{ value: NOBODY }]),
  '404: There is no User with this id…': () => send('GET', `/Users/${NOBODY}`),

  '409 uniqueness: Another Group has this displayName…': async () => {
    await createdGroup({ displayName: 'Sales' })
    return createdGroup({ displayName: 'SALES' })
  },
  '400 invalidValue: … has no sub-attribute "…"…': () => changed('name', { first: 'Ada' }),
  '400 invalidValue: … has no value that is not empty…': () =>
    changed('emails', [{ type: 'work' }]),
  '400 invalidValue: displayName must be a name with visible…': () =>
    createdGroup({ displayName: ' ' }),
  '400 invalidValue: displayName is required and must not be empty.': () =>
    createdGroup({ externalId: NOBODY }),
  '400 invalidValue: members has no id that is not empty…': () =>
    createdGroup({ displayName: 'Sales', members: [{ value: '' }] }),
  '404: There is no Group with this id…': () => send('GET', `/Groups/${NOBODY}`),

  '500: Something failed on our side…': () => failing(() => Promise.reject(new Error('a bug'))),
  '429: The tenant may send … requests…': async () => {
    perSecond = 25
    const answers = await Promise.all(Array.from({ length: 60 }, () => send('GET', '/Users')))
    return answers.find(({ status }) => status !== 200) ?? answers[0] ?? send('GET', '/Users')
  },
  '503: The storage is not available…': () =>
    failing(() =>
      callStorage(NO_DEADLINE, () => Promise.reject(new RestError('busy', { statusCode: 503 }))),
    ),
  '503: The request took too long…': () =>
    failing(() => Promise.reject(tooLate(new Error('late')))),
  '411: Send the body with Content-Length…': () =>
    send('POST', '/Users', { headers: { 'transfer-encoding': 'chunked' } }),
  '415: Content-Type must be …': () =>
    send('POST', '/Users', { body: {}, headers: { 'content-type': 'text/plain' } }),
  '413: The body is larger than …': () =>
    created({ userName: 'ada@contoso.example', title: 'x'.repeat(LIMITS.bodyBytes) }),

  '400 invalidSyntax: The body is not valid JSON…': () =>
    send('POST', '/Users', { body: new Uint8Array([0x7b]) }),
  '400 tooMany: More than … resources would have to be sorted…': () =>
    failing(async () => {
      requireSortable(LIMITS.sortedResources + 1, LIMITS.sortedResources)
    }),
  '400 invalidCursor: This cursor was not made for this query…': () =>
    nextPage('&filter=active+eq+true'),
  '400 expiredCursor: A cursor is valid for … seconds…': () =>
    nextPage('', LIMITS.cursorSeconds + 1),
  '400 invalidCount: count must be the same for every page…': () => nextPage('&count=2'),
  '412: If-Match names another version…': async () => {
    const headers = { 'if-match': 'W/"other"' }
    return send('PUT', `/Users/${await aUser()}`, { body: { userName: 'ada@b.example' }, headers })
  },
  '501: … there is no /Me…': () => send('GET', '/Me'),
  ...CREDENTIALS_PROVOKED,
}

describe('Entra says … do …', () => {
  const told = toldRefusals().map(({ kind, detail }) => `${kind}: ${detail}`)

  test('tells of the answers that are provoked here', () => {
    expect(told.toSorted()).toEqual(Object.keys(PROVOKED).toSorted())
  })

  test.each(told)('%s', async (line) => {
    const answer = await PROVOKED[line]?.()
    const said = answer === undefined ? '' : errorAnswer(answer)
    expect(said.replace(/: Operation 2: /, ': ')).toMatch(patternOf(line))
  })
})

describe('The token endpoint says … do …', () => {
  const rows = toldRefusals('The token endpoint says … do …')
  const told = rows.map(({ kind, detail }) => `${kind}: ${detail}`)

  test('tells of the answers that are provoked here', () => {
    expect(told.toSorted()).toEqual(Object.keys(TOKEN_ERRORS_PROVOKED).toSorted())
  })

  test.each(told)('%s', async (line) => {
    const answer = (await TOKEN_ERRORS_PROVOKED[line]?.()) ?? { json: {} }
    const said = `${textOf(answer, 'error')}: ${textOf(answer, 'error_description')}`
    expect(said).toMatch(patternOf(line))
  })
})

/** `…` is any text. */
function patternOf(line: string): RegExp {
  const parts = line
    .split('…')
    .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`))
  return new RegExp(`^${parts.join('.*')}$`)
}

describe('targets of the mapping tables are stored as Entra sends them', () => {
  const VALUES: Readonly<Record<string, unknown>> = {
    active: 'False',
    preferredLanguage: 'en-US',
    'photos[type eq "photo"].value': 'https://photos.contoso.example/ada.png',
    profileUrl: 'https://contoso.example/ada',
    members: [{ value: NOBODY }],
    [`${URN.peopleUser}:startDate`]: '2026-01-31',
    [`${URN.peopleUser}:endDate`]: '2026-12-31T00:00:00Z',
    [`${URN.peopleUser}:birthday`]: '1990-02-28',
  }

  test.each(targetsOf(USER))('%s', async (target) => {
    const value = VALUES[target] ?? 'some-text'
    expect((await changed(target, value, 'Add')).status).toBe(200)
    const filter = encodeURIComponent(
      `nickName eq "${target === 'nickName' ? 'some-text' : 'Ada'}"`,
    )
    const { text } = await send('GET', `/Users?filter=${filter}`)
    expect(text).toContain(target === 'active' ? '"active":false' : JSON.stringify(value))
  })

  test.each(targetsOf(GROUP))('%s of a group', async (target) => {
    const id = textOf(await createdGroup({ displayName: 'Sales' }), 'id')
    const value = VALUES[target] ?? 'some-text'
    const Operations = [{ op: 'Add', path: target, value }]
    expect((await send('PATCH', `/Groups/${id}`, { body: { Operations } })).status).toBe(204)
    const { text } = await send('GET', `/Groups/${id}`)
    expect(text).toContain(target === 'members' ? NOBODY : '"some-text"')
  })
})

/** A user by the OneLogin template, each macro replaced by the value for its name. */
function fromTemplate(value: (name: string) => string): Promise<MemoryAnswer> {
  const filled = oneLoginTemplate().replaceAll(/\{\$\w+\.(\w+)\}/g, (_, name: string) =>
    value(name),
  )
  return send('POST', '/Users', { body: Buffer.from(filled) })
}

describe('the OneLogin template makes a user', () => {
  test('with all values', async () => {
    const { status, json } = await fromTemplate((name) => `the ${name}`)
    expect(status).toBe(201)
    expect(json).toMatchObject({
      userName: 'the scimusername',
      displayName: 'the display_name',
      name: { givenName: 'the firstname', familyName: 'the lastname' },
      emails: [{ value: 'the email', type: 'work', primary: true }],
      title: 'the title',
      [ENTERPRISE]: { department: 'the department', manager: { value: 'the external_manager_id' } },
    })
  })

  test('with those only that everybody has', async () => {
    const { status, json } = await fromTemplate((name) => (name === 'scimusername' ? 'ada' : ''))
    expect([status, Object.keys(json)]).toEqual([
      201,
      ['schemas', 'id', 'userName', 'active', 'meta'],
    ])
  })
})
