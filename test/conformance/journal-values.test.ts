import { expect, test } from 'vitest'
import type { JsonObject } from '../../lib/scim/json.ts'
import { MESSAGE, URN } from '../../lib/scim/urn.ts'
import { tableStores } from '../../lib/storage/table/stores.ts'
import { createTables, openTables } from '../../lib/storage/table/tables.ts'
import { activityRows, rowsThatHave } from '../support/activity-rows.ts'
import { memoryApp, textOf, type MemoryAnswer, type SendAs } from '../support/memory-app.ts'
import { tableService } from '../support/table-service/service.ts'

/** What is in every value that the journal must not have, and in the names that it may have. */
const VALUE = 'zqvalue'
const NAME = 'zqname'

/** A user each of whose values has the mark. */
function aUser(mark: string): JsonObject {
  return {
    schemas: [URN.user, URN.enterpriseUser],
    userName: `${NAME}-${mark}@example.com`,
    externalId: `${NAME}-${mark}`,
    displayName: `${VALUE}-display`,
    nickName: `${VALUE}-nick`,
    title: `${VALUE}-title`,
    userType: `${VALUE}-type`,
    password: `${VALUE}-password`,
    profileUrl: `https://${VALUE}.example.com/${mark}`,
    preferredLanguage: 'de',
    timezone: 'Europe/Berlin',
    name: { givenName: `${VALUE}-given`, familyName: `${VALUE}-family`, formatted: VALUE },
    emails: [{ value: `${VALUE}-${mark}@example.com`, type: `${VALUE}-work`, primary: true }],
    phoneNumbers: [{ value: `${VALUE}-phone`, type: 'work' }],
    ims: [{ value: `${VALUE}-im`, display: `${VALUE}-im` }],
    photos: [{ value: `https://${VALUE}.example.com/photo`, type: 'photo' }],
    addresses: [{ streetAddress: `${VALUE}-street`, locality: VALUE, type: 'work' }],
    roles: [{ value: `${VALUE}-role`, display: VALUE }],
    entitlements: [{ value: `${VALUE}-entitlement` }],
    x509Certificates: [{ value: Buffer.from(VALUE).toString('base64') }],
    [URN.enterpriseUser]: {
      employeeNumber: `${VALUE}-${mark}`,
      costCenter: `${VALUE}-cost`,
      department: `${VALUE}-department`,
      manager: { value: `${VALUE}-manager` },
    },
    departmnt: `${VALUE}-ignored`,
    unknown: { sub: `${VALUE}-ignored` },
  }
}

function patchOf(...operations: readonly JsonObject[]): JsonObject {
  return { schemas: [MESSAGE.patchOp], Operations: [...operations] }
}

type Sent = readonly [method: string, path: string, body?: JsonObject]

/** Requests that change something, or are refused, in all places where values can be. */
function requests(id: string, groupId: string): readonly Sent[] {
  const [user, group] = [`/Users/${id}`, `/Groups/${groupId}`]
  const work = `emails[value eq "${VALUE}-first@example.com"]`
  return [
    ['PUT', user, { ...aUser('first'), title: `${VALUE}-other`, name: { givenName: VALUE } }],
    [
      'PATCH',
      user,
      patchOf(
        { op: 'replace', path: `${work}.type`, value: `${VALUE}-home` },
        { op: 'add', path: 'nickName', value: `${VALUE}-nick-2` },
        { op: 'Add', value: { title: `${VALUE}-title-2`, departmnt: VALUE, active: false } },
      ),
    ],
    ['PATCH', user, patchOf({ op: 'remove', path: work }, { op: 'remove', path: 'title' })],
    ['PATCH', user, patchOf({ op: 'replace', path: 'active', value: `${VALUE}-no-boolean` })],
    ['PATCH', user, patchOf({ op: 'replace', path: `no such[a eq "${VALUE}"]`, value: VALUE })],
    ['PATCH', user, patchOf({ op: `${VALUE}-op`, path: 'title', value: VALUE })],
    ['POST', '/Users', aUser('first')],
    ['POST', '/Users', { ...aUser('wrong'), emails: `${VALUE}-no-list`, active: VALUE }],
    ['POST', '/Users', { ...aUser('wrong'), schemas: [`urn:${VALUE}`] }],
    ['GET', `/Users?filter=title%20eq%20%22${VALUE}%22`],
    ['GET', `/Users?filter=${VALUE}`],
    [
      'PATCH',
      group,
      patchOf({ op: 'add', path: 'members', value: [{ value: id, display: VALUE }] }),
    ],
    ['PATCH', group, patchOf({ op: 'add', path: 'members', value: [{ display: VALUE }] })],
    ['PATCH', group, patchOf({ op: 'replace', path: 'displayName', value: NAME })],
    [
      'POST',
      '/Bulk',
      {
        schemas: [MESSAGE.bulkRequest],
        Operations: [
          { method: 'POST', path: '/Users', bulkId: `${VALUE}-b`, data: aUser('bulk') },
          { method: 'POST', path: '/Users', bulkId: `${VALUE}-c`, data: aUser('first') },
        ],
      },
    ],
    ['DELETE', user],
    ['DELETE', group],
  ]
}

async function sendAll(send: SendAs): Promise<readonly MemoryAnswer[]> {
  const headers = { 'user-agent': `${VALUE}-agent/1.0`, 'x-forwarded-for': '203.0.113.77' }
  const created = await send('POST', '/Users', { body: aUser('first'), headers })
  const group = { schemas: [URN.group], displayName: `${NAME} group`, externalId: `${NAME}-g` }
  const grouped = await send('POST', '/Groups', { body: group, headers })
  const answers = [created, grouped]
  for (const [method, path, body] of requests(textOf(created, 'id'), textOf(grouped, 'id'))) {
    answers.push(await send(method, path, { ...(body === undefined ? {} : { body }), headers }))
  }
  return answers
}

test('beside names and ids no value of a request is in a row that tells what happened, nor in the log', async () => {
  const { connectionString, sendRequest } = tableService()
  const tables = await openTables(
    { kind: 'connectionString', connectionString },
    { httpClient: { sendRequest } },
  )
  await createTables(tables)
  const log: string[] = []
  const app = await memoryApp({ stores: tableStores(tables), log: (line) => log.push(line) })
  const { secretToken, send } = await app.tenant('acme')
  const answers = await sendAll(send)
  const statuses = answers.map(({ status }) => status)
  expect(statuses.filter((status) => status < 300)).toHaveLength(12)
  expect(statuses.filter((status) => status >= 400 && status < 500)).toHaveLength(7)
  const rows = await activityRows(tables)
  expect(rows.length).toBeGreaterThan(10)
  expect(rowsThatHave(rows, NAME).length).toBeGreaterThan(5)
  const [, , tokenId = '', secret = ''] = secretToken.split('_')
  expect(rowsThatHave(rows, tokenId).length).toBeGreaterThan(5)
  for (const text of [VALUE, Buffer.from(VALUE).toString('base64'), secret, '203.0.113.77']) {
    expect(rowsThatHave(rows, text)).toEqual([])
    expect(rowsThatHave(log, text)).toEqual([])
  }
  expect(rowsThatHave(log, NAME)).toEqual([])
  const told = answers.map(({ headers, text }) => JSON.stringify([headers, text]))
  for (const text of [secret, secretToken, 'Bearer scim_']) {
    expect(rowsThatHave(told, text)).toEqual([])
  }
})
