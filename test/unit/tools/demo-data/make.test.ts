import { beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { URN } from '../../../../lib/scim/urn.ts'
import { scimClient, type SendScim } from '../../../../tools/demo-data/client.ts'
import { describeDemoData, makeDemoData } from '../../../../tools/demo-data/make.ts'
import { type MemoryApp, memoryApp } from '../../../support/memory-app.ts'

const ALL = { users: 12, groups: 4, references: 0 }
const NOTHING = { users: 0, groups: 0, references: 0 }

const USERS = z.object({
  Resources: z.array(
    z.object({
      id: z.string(),
      userName: z.string(),
      active: z.boolean(),
      title: z.string(),
      emails: z.array(z.object({ type: z.literal('work'), value: z.email() })).length(1),
      photos: z.array(z.object({ value: z.url({ hostname: /\.example\.com$/ }) })).length(1),
      groups: z.array(z.object({ display: z.string() })).min(1),
      [URN.enterpriseUser]: z.object({
        department: z.string(),
        manager: z.object({ value: z.string() }).optional(),
      }),
    }),
  ),
})

let app: MemoryApp
let tenants = 0
beforeAll(async () => {
  app = await memoryApp()
})

async function newTenant(): Promise<SendScim> {
  tenants += 1
  const { secretToken } = await app.tenant(`demo-${String(tenants)}`)
  return scimClient(app.host, secretToken)
}

/** Everything the tenant has, by names in place of ids. */
async function content(send: SendScim): Promise<Record<string, unknown>> {
  const { Resources } = USERS.parse((await send('GET', '/Users')).json)
  const names = new Map(Resources.map(({ id, userName }) => [id, userName]))
  return Object.fromEntries(
    Resources.map(({ userName, groups, active, [URN.enterpriseUser]: { manager } }) => [
      userName,
      {
        active,
        manager: names.get(manager?.value ?? ''),
        groups: groups.map(({ display }) => display).toSorted(),
      },
    ]),
  )
}

describe('a tenant that has nothing', () => {
  test('gets 12 people in 4 teams with managers, departments, photos and one inactive account', async () => {
    const send = await newTenant()
    expect(await makeDemoData(send)).toEqual(ALL)
    const made = await content(send)
    expect(Object.keys(made)).toHaveLength(12)
    expect(made).toMatchObject({
      'amara.okoye@contoso.example': { active: true, manager: undefined },
      'diego.salazar@contoso.example': { manager: 'mei.tanaka@contoso.example' },
      'kwame.mensah@contoso.example': { manager: 'tomas.obrien@contoso.example' },
      'fatima.elamrani@contoso.example': { groups: ['Product team', 'Sales team'] },
      'ines.duarte@contoso.example': { active: false, groups: ['Sales team'] },
    })
  })
})

describe('a tenant that has it', () => {
  test('is changed in nothing', async () => {
    const send = await newTenant()
    await makeDemoData(send)
    const before = [await send('GET', '/Users'), await send('GET', '/Groups')]
    expect(await makeDemoData(send)).toEqual(NOTHING)
    expect([await send('GET', '/Users'), await send('GET', '/Groups')]).toEqual(before)
  })

  test('gets again what was taken out of it, and keeps its own changes', async () => {
    const send = await newTenant()
    await makeDemoData(send)
    const whole = await content(send)
    const { Resources } = USERS.parse((await send('GET', '/Users')).json)
    const idOf = (account: string): string =>
      Resources.find(({ userName }) => userName.startsWith(account))?.id ?? ''
    await send('DELETE', `/Users/${idOf('ines')}`)
    const Operations = [
      { op: 'remove', path: `${URN.enterpriseUser}:manager` },
      { op: 'replace', path: 'title', value: 'Chief Planner' },
    ]
    await send('PATCH', `/Users/${idOf('aisha')}`, { Operations })
    expect(await makeDemoData(send)).toEqual({ users: 1, groups: 0, references: 2 })
    expect(await content(send)).toEqual(whole)
    const { json } = await send('GET', `/Users/${idOf('aisha')}`)
    expect(json).toMatchObject({ title: 'Chief Planner' })
  })
})

/** Sends so many requests; the one behind them is lost on its way there. */
function failingAfter(requests: number, send: SendScim): SendScim {
  let left = requests
  return async (method, path, body) => {
    left -= 1
    return left < 0
      ? { status: 503, json: { detail: 'The storage is not available.' } }
      : send(method, path, body)
  }
}

test('whichever request fails, the next call makes the rest', async () => {
  const send = await newTenant()
  let requests = 0
  await makeDemoData(async (...request) => {
    requests += 1
    return send(...request)
  })
  const whole = await content(send)
  expect(requests).toBeGreaterThan(30)
  for (let at = 0; at < requests; at += 1) {
    const other = await newTenant()
    await expect(makeDemoData(failingAfter(at, other))).rejects.toThrow(
      /^the demo data is not complete: (?:GET|POST|PATCH) \/(?:Users|Groups)\S* was answered 503: The storage is not available\.$/,
    )
    await makeDemoData(other)
    expect(await content(other)).toEqual(whole)
  }
})

test('a team of the tenant’s own stays as it is, and is told', async () => {
  const send = await newTenant()
  const own = await send('POST', '/Groups', { schemas: [URN.group], displayName: 'Sales team' })
  await expect(makeDemoData(send)).rejects.toThrow(
    /^the demo data is not complete: POST \/Groups was answered 409: /,
  )
  const { id } = z.object({ id: z.string() }).parse(own.json)
  expect((await send('GET', `/Groups/${id}`)).json).not.toHaveProperty('members')
})

test.each([
  [ALL, '12 people in 4 teams are made'],
  [NOTHING, 'demo data is there already'],
  [
    { users: 1, groups: 0, references: 2 },
    'demo data completed: 1 people, 0 teams and 2 managers or members were missing',
  ],
])('%j is told as %j', (made, text) => {
  expect(describeDemoData(made)).toBe(text)
})
