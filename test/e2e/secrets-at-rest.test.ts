import { afterAll, beforeAll, expect, test } from 'vitest'
import type { JsonObject } from '../../lib/scim/json.ts'
import { MESSAGE, URN } from '../../lib/scim/urn.ts'
import { familyOf, ROW_FAMILIES, useEverything } from '../support/row-families.ts'
import {
  FUNCTION_KEY,
  startTableApp,
  textOf,
  type Client,
  type TableApp,
} from '../support/table-app.ts'

const PASSWORDS = ['t1meMa$heen', 'correct horse', 'battery-staple', 'Tr0ub4dor&3']

let app: TableApp
let client: Client
/** Milliseconds by which the app's clock is ahead. */
let ahead = 0

beforeAll(async () => {
  app = await startTableApp({ now: () => new Date(Date.now() + ahead) })
  client = await app.client('keeper')
})

afterAll(() => app.stop())

/** All that is stored, as one text: every property of every row of every table. */
async function stored(): Promise<string> {
  return JSON.stringify(await allRows())
}

async function allRows(): Promise<readonly { readonly rowKey?: string }[]> {
  const rows: { readonly rowKey?: string }[] = []
  for (const table of [app.tables.tenants, app.tables.users, app.tables.groups]) {
    for await (const row of table.listEntities()) rows.push(row)
  }
  return rows
}

test('no password is kept, in whatever way it comes', async () => {
  const [first = '', second = '', third = '', fourth = ''] = PASSWORDS
  const body = { schemas: [URN.user], userName: 'at-rest@example.com', title: 'Keeper of the rest' }
  const created = await client.send('POST', '/Users', { ...body, password: first })
  const path = `/Users/${textOf(created.body, 'id')}`
  const answers = [
    created,
    await client.send('PUT', path, { ...body, password: second }),
    await client.send('PATCH', path, {
      schemas: [MESSAGE.patchOp],
      Operations: [
        { op: 'replace', path: 'password', value: third },
        { op: 'add', value: { password: third, nickName: 'Keeper' } },
      ],
    }),
    await client.send('POST', '/Bulk', {
      schemas: [MESSAGE.bulkRequest],
      Operations: [
        {
          method: 'POST',
          path: '/Users',
          bulkId: 'b',
          data: { ...body, userName: 'bulk-at-rest@example.com', password: fourth },
        },
      ],
    }),
  ]
  expect(answers.map(({ status }) => status)).toEqual([201, 200, 200, 200])
  const text = await stored()
  // What else the same requests say is there.
  expect(text).toContain('Keeper of the rest')
  expect(text).toContain('bulk-at-rest@example.com')
  const everywhere = [text, ...answers.map((answer) => answer.text)].join('\n')
  expect(PASSWORDS.filter((password) => everywhere.includes(password))).toEqual([])
  expect(everywhere.toLowerCase()).not.toContain('password')
})

test('no row of any family has it: of people who are kept, are to be invited, or are in teams made by hand', async () => {
  const busy = await app.client('busy')
  const password = '9f1c-Qu1et-Harbour'
  const manageHeaders = { ...FUNCTION_KEY, 'content-type': 'application/json' }
  const ways = {
    scim: async (...request: Parameters<typeof busy.send>) => (await busy.send(...request)).body,
    manage: async (method: string, path: string, body?: JsonObject) => {
      const whole = `/../manage/tenants/busy${path}`
      return (await busy.send(method, whole, body, manageHeaders)).body
    },
    settle: async () => {
      ahead += 60_000
    },
  }
  await useEverything(ways, password)
  const rows = await allRows()
  const families = new Set(rows.map(({ rowKey = '' }) => familyOf(rowKey)))
  // Of these rows there are some as long as the tenant is there.
  const lasting = Object.entries(ROW_FAMILIES).flatMap(([family, { of, tables }]) =>
    (of === 'data' || of === 'index') && !tables.includes('tenants') ? [family] : [],
  )
  expect(lasting.filter((family) => !families.has(family))).toEqual([])
  const text = JSON.stringify(rows)
  expect(text).toContain('ann@rows.example')
  expect(text).not.toContain(password)
  expect(text.toLowerCase()).not.toContain('password')
})

test('of a Secret Token only the hash is kept', async () => {
  const { secretToken } = client
  const [, tenantId = '', tokenId = '', secret = ''] = secretToken.split('_')
  const text = await stored()
  expect(text).toContain(tenantId)
  expect(text).toContain(tokenId)
  expect(text).not.toContain(secret)
  expect(text).not.toContain(secret.slice(0, 16))
})
