import { beforeEach, describe, expect, test } from 'vitest'
import { isArray, isObject, own, type JsonObject } from '../../lib/scim/json.ts'
import { MESSAGE, URN } from '../../lib/scim/urn.ts'
import { memoryStores } from '../../lib/storage/memory/stores.ts'
import { ENTRA, openScene, type Scene, type SceneAnswer } from '../support/activity-scene.ts'
import { textOf } from '../support/memory-app.ts'

/** What a tenant has chosen for its people, as Entra ID meets it. */

type Send = Awaited<ReturnType<Scene['client']>>

let scene: Scene
let send: Send

beforeEach(async () => {
  // The journal of the tenant itself goes by the clock of the machine.
  scene = await openScene(memoryStores(), new Date().toISOString())
  send = await scene.client('contoso', 'Entra ID', ENTRA)
})

/** The settings of the tenant, once every instance knows them. */
async function choose(settings: JsonObject): Promise<void> {
  expect((await scene.manage('PATCH', 'tenants/contoso', { settings })).status).toBe(200)
  later(31)
}

function later(seconds = 1): void {
  scene.at = new Date(scene.at.getTime() + seconds * 1000)
}

/** As Entra creates somebody: of schemas it names those of RFC 7643 only. */
function person(userName: string, more: JsonObject = {}): JsonObject {
  return {
    schemas: [URN.user, URN.enterpriseUser],
    userName,
    active: true,
    emails: [{ primary: true, type: 'work', value: userName }],
    meta: { resourceType: 'User' },
    ...more,
  }
}

const post = async (userName: string, more: JsonObject = {}): Promise<SceneAnswer> => {
  later()
  return send('POST', '/Users', person(userName, more))
}

async function created(userName: string, more: JsonObject = {}): Promise<string> {
  const answer = await post(userName, more)
  expect([answer.status, answer.json]).toEqual([201, answer.json])
  return textOf(answer, 'id')
}

const patch = async (id: string, ...Operations: readonly JsonObject[]): Promise<SceneAnswer> => {
  later()
  return send('PATCH', `/Users/${id}`, { schemas: [MESSAGE.patchOp], Operations })
}

const remove = async (id: string): Promise<number> => {
  later()
  return (await send('DELETE', `/Users/${id}`)).status
}

async function idsWith(filter: string): Promise<readonly string[]> {
  const { json } = await send('GET', `/Users?filter=${encodeURIComponent(filter)}`)
  const found = isArray(json['Resources']) ? json['Resources'] : []
  return found.map((each) => own(each, 'id')).filter((id) => typeof id === 'string')
}

async function total(): Promise<unknown> {
  return (await send('GET', '/Users?count=0')).json['totalResults']
}

async function aTeamOf(...ids: readonly string[]): Promise<string> {
  later()
  const members = ids.map((value) => ({ value }))
  const body = { schemas: [URN.group], displayName: `Team of ${ids.join(' ')}`, members }
  return textOf(await send('POST', '/Groups', body), 'id')
}

async function membersOf(group: string): Promise<readonly unknown[]> {
  const { members } = (await send('GET', `/Groups/${group}`)).json
  return isArray(members) ? members.map((each) => own(each, 'value')) : []
}

const activity = async (): Promise<Awaited<ReturnType<Scene['activity']>>['items']> =>
  (await scene.activity('contoso/activity?count=100')).items

const told = ({ status, json }: SceneAnswer): readonly unknown[] => [
  status,
  json['scimType'],
  json['detail'],
]

describe('a tenant that allows its own e-mail domains', () => {
  const OUTSIDE = [
    400,
    'invalidValue',
    expect.stringMatching(
      /^userName "jane@gmail\.example" is outside of the allowed e-mail domains: contoso\.com, contoso\.de\.$/,
    ),
  ]
  beforeEach(() => choose({ allowedEmailDomains: ['contoso.com', 'contoso.de'] }))

  test('takes them, and refuses others in every way', async () => {
    const id = await created('ada@contoso.com')
    expect(told(await post('jane@gmail.example'))).toEqual(OUTSIDE)
    expect(
      told(await patch(id, { op: 'Replace', path: 'userName', value: 'jane@gmail.example' })),
    ).toEqual(OUTSIDE)
    const whole = person('ada@contoso.com', { userName: 'jane@gmail.example' })
    expect(told(await send('PUT', `/Users/${id}`, whole))).toEqual(OUTSIDE)
    const work = {
      op: 'Replace',
      path: 'emails[type eq "work"].value',
      value: 'jane@gmail.example',
    }
    const mail = await patch(id, work)
    expect([mail.status, mail.json['detail']]).toEqual([
      400,
      expect.stringMatching(/^emails\[type eq "work"\]\.value "jane@gmail\.example" is outside/),
    ])
    expect(await idsWith('userName eq "ada@contoso.com"')).toEqual([id])
    expect(
      (await patch(id, { op: 'Replace', path: 'userName', value: 'ada@CONTOSO.de' })).status,
    ).toBe(200)
  })

  test('says in a bulk which operation it was', async () => {
    const Operations = ['ada@contoso.com', 'jane@gmail.example'].map((userName) => {
      return { method: 'POST', path: '/Users', bulkId: userName, data: person(userName) }
    })
    const { json } = await send('POST', '/Bulk', { schemas: [MESSAGE.bulkRequest], Operations })
    const answers = isArray(json['Operations']) ? json['Operations'].filter(isObject) : []
    expect(answers.map(({ status }) => status)).toEqual(['201', '400'])
  })

  test('has a reason of its own for it in the activity, without the address', async () => {
    await post('jane@gmail.example')
    const [refused] = await activity()
    expect(refused).toMatchObject({ outcome: 'refused', reason: 'emailDomain', status: 400 })
    expect(refused?.detail).not.toContain('gmail')
  })

  test('has a hundred of them at most, each once', async () => {
    const domains = Array.from({ length: 101 }, (_, n) => `d${n}.example`)
    const settings = { allowedEmailDomains: domains }
    const { status, json } = await scene.manage('PATCH', 'tenants/contoso', { settings })
    expect([status, json['detail']]).toEqual([
      400,
      'settings.allowedEmailDomains must have 100 domains at most, not 101.',
    ])
    const twice = { allowedEmailDomains: ['contoso.com', 'Contoso.com'] }
    const kept = await scene.manage('PATCH', 'tenants/contoso', { settings: twice })
    expect(kept.json['settings']).toMatchObject({ allowedEmailDomains: ['contoso.com'] })
  })

  test('lets who was there before stay as they are, whatever else is changed', async () => {
    await choose({ allowedEmailDomains: [] })
    const id = await created('jane@gmail.example')
    await choose({ allowedEmailDomains: ['contoso.com'] })
    const title = { op: 'Add', path: 'title', value: 'Engineer' }
    expect((await patch(id, title)).status).toBe(200)
    const whole = person('jane@gmail.example', { title: 'Boss' })
    expect((await send('PUT', `/Users/${id}`, whole)).status).toBe(200)
    expect(
      (await patch(id, { op: 'Replace', path: 'userName', value: 'x@gmail.example' })).status,
    ).toBe(400)
    expect((await patch(id, { op: 'Replace', path: 'active', value: 'False' })).status).toBe(200)
  })
})

const manager = (bulkId: string): JsonObject => ({
  [URN.enterpriseUser]: { manager: { value: `bulkId:${bulkId}` } },
})

describe('a tenant that keeps who is deleted', () => {
  beforeEach(() => choose({ deletionPolicy: 'deactivate' }))

  test('shows nothing of them by SCIM', async () => {
    const id = await created('ada@contoso.com', { externalId: 'e1' })
    const team = await aTeamOf(id)
    expect(await remove(id)).toBe(204)
    for (const [method, body] of [
      ['GET', undefined],
      ['DELETE', undefined],
      ['PUT', person('ada@contoso.com')],
      [
        'PATCH',
        { schemas: [MESSAGE.patchOp], Operations: [{ op: 'Add', path: 'title', value: 'x' }] },
      ],
    ] as const) {
      expect([method, (await send(method, `/Users/${id}`, body)).status]).toEqual([method, 404])
    }
    expect(await total()).toBe(0)
    expect(await membersOf(team)).toEqual([])
    for (const filter of [
      'userName eq "ada@contoso.com"',
      'externalId eq "e1"',
      'active eq false',
    ]) {
      expect(await idsWith(filter)).toEqual([])
    }
  })

  test('gives the account back to the same externalId, under a new address too', async () => {
    const id = await created('ada@contoso.com', { externalId: 'e1', title: 'Engineer' })
    const team = await aTeamOf(id)
    const { meta: before } = (await send('GET', `/Users/${id}`)).json
    await remove(id)
    const answer = await post('ada.king@contoso.com', { externalId: 'e1' })
    expect(answer.status).toBe(201)
    const { json } = answer
    expect(json).toMatchObject({ id, userName: 'ada.king@contoso.com', active: true })
    expect(json).not.toHaveProperty('title')
    expect(own(json['meta'], 'created')).toBe(own(before, 'created'))
    expect(own(json['meta'], 'lastModified')).not.toBe(own(before, 'lastModified'))
    expect(own(json['meta'], 'location')).toBe(own(before, 'location'))
    expect((await send('GET', `/Users/${id}`)).json).toEqual(json)
    expect(await membersOf(team)).toEqual([])
    const add = { op: 'Add', path: 'members', value: [{ value: id }] }
    await send('PATCH', `/Groups/${team}`, { schemas: [MESSAGE.patchOp], Operations: [add] })
    expect(await membersOf(team)).toEqual([id])
    expect(await total()).toBe(1)
  })

  test('gives it to the same address only where an externalId does not tell them apart', async () => {
    const id = await created('ada@contoso.com', { externalId: 'e1' })
    await remove(id)
    const other = await post('Ada@contoso.com', { externalId: 'e2' })
    expect(other.status).toBe(201)
    expect(other.json['id']).not.toBe(id)
    expect(JSON.stringify(other.json)).not.toContain(id)
    const otherId = textOf(other, 'id')
    expect(JSON.stringify((await send('GET', `/Users/${otherId}`)).json)).not.toContain(id)
    const [entry] = await activity()
    expect(entry).toMatchObject({ action: 'create user', possibleReturner: id })
    await remove(otherId)
    expect(await created('ada@contoso.com')).toBe(otherId)
  })

  test('tells in the activity who was kept, who has returned, and who may have', async () => {
    const id = await created('ada@contoso.com', { externalId: 'e1' })
    await remove(id)
    const other = await created('ada@contoso.com', { externalId: 'e2' })
    await remove(other)
    await created('ada@contoso.com', { externalId: 'e1' })
    const entries = (await activity()).slice(0, 5).map((entry) => {
      const { action, resource, hidden, possibleReturner } = entry
      return [action, resource?.id, hidden, possibleReturner]
    })
    expect(entries).toEqual([
      ['restore user', id, undefined, undefined],
      ['delete user', other, true, undefined],
      ['create user', other, undefined, id],
      ['delete user', id, true, undefined],
      ['create user', id, undefined, undefined],
    ])
    expect((await scene.cli('activity', 'contoso', '--count', '4')).slice(1)).toEqual([
      '"Entra ID" (entra) restored user ada@contoso.com',
      '"Entra ID" (entra) deleted user ada@contoso.com (the account is kept)',
      `"Entra ID" (entra) created user ada@contoso.com (may have been ${id} before)`,
      '"Entra ID" (entra) deleted user ada@contoso.com (the account is kept)',
    ])
  })

  test('lets who is switched off be there as ever', async () => {
    const id = await created('ada@contoso.com', { externalId: 'e1' })
    expect((await patch(id, { op: 'Replace', path: 'active', value: 'False' })).status).toBe(200)
    expect(await idsWith('externalId eq "e1"')).toEqual([id])
    expect((await post('ada@contoso.com', { externalId: 'e1' })).status).toBe(409)
  })

  test('of two who come at once one returns, and the other is told of it', async () => {
    const id = await created('ada@contoso.com', { externalId: 'e1' })
    await remove(id)
    const both = await Promise.all([1, 2].map(() => post('ada@contoso.com', { externalId: 'e1' })))
    expect(both.map(({ status }) => String(status)).toSorted()).toEqual(['201', '409'])
    expect(await idsWith('userName eq "ada@contoso.com"')).toEqual([id])
  })

  test('in a bulk, whose references lead to who has returned', async () => {
    const ids = [
      await created('ada@contoso.com', { externalId: 'e1' }),
      await created('bob@contoso.com'),
    ]
    for (const id of ids) await remove(id)
    const data = [
      person('ada@contoso.com', { externalId: 'e1', ...manager('bob') }),
      person('bob@contoso.com', manager('ada')),
    ]
    const Operations = ['ada', 'bob'].map((bulkId, at) => {
      return { method: 'POST', path: '/Users', bulkId, data: data[at] ?? {} }
    })
    const team = {
      displayName: 'Both',
      members: [{ value: 'bulkId:ada' }, { value: 'bulkId:bob' }],
    }
    const last = {
      method: 'POST',
      path: '/Groups',
      bulkId: 'team',
      data: { schemas: [URN.group], ...team },
    }
    const all = [...Operations, last]
    const { json } = await send('POST', '/Bulk', {
      schemas: [MESSAGE.bulkRequest],
      Operations: all,
    })
    const answers = isArray(json['Operations']) ? json['Operations'].filter(isObject) : []
    expect(answers.map(({ status }) => status)).toEqual(['201', '201', '201'])
    const [ada = '', bob = ''] = ids
    for (const [id, other] of [
      [ada, bob],
      [bob, ada],
    ] as const) {
      const { json: user } = await send('GET', `/Users/${id}`)
      expect(user[URN.enterpriseUser]).toMatchObject({ manager: { value: other } })
      expect(user['groups']).toHaveLength(1)
    }
  })

  test('leaves nothing of a creation that a bulk takes back', async () => {
    const data = person('ada@contoso.com', {
      externalId: 'e1',
      [URN.enterpriseUser]: { manager: { value: 'bulkId:bob' } },
    })
    const wrong = person('bob@contoso.com', {
      [URN.enterpriseUser]: { manager: { value: 'bulkId:ada' } },
    })
    const Operations = [
      { method: 'POST', path: '/Users', bulkId: 'ada', data },
      { method: 'POST', path: '/Users', bulkId: 'bob', data: { ...wrong, active: 'perhaps' } },
    ]
    const { json } = await send('POST', '/Bulk', { schemas: [MESSAGE.bulkRequest], Operations })
    const answers = isArray(json['Operations']) ? json['Operations'].filter(isObject) : []
    expect(answers.map(({ status }) => status)).not.toContain('201')
    expect(await total()).toBe(0)
    const last = (await activity()).filter(({ action }) => action === 'delete user')
    expect(last.map(({ hidden }) => hidden)).toEqual([undefined])
  })

  test('keeps groups no more than any tenant', async () => {
    const team = await aTeamOf()
    later()
    expect((await send('DELETE', `/Groups/${team}`)).status).toBe(204)
    const [entry] = await activity()
    expect(entry).toMatchObject({ action: 'delete group' })
    expect(entry).not.toHaveProperty('hidden')
  })

  test('and takes it back: who is kept stays, and nobody returns any more', async () => {
    const id = await created('ada@contoso.com', { externalId: 'e1' })
    await remove(id)
    await choose({ deletionPolicy: 'delete' })
    const other = await created('ada@contoso.com', { externalId: 'e1' })
    expect(other).not.toBe(id)
    await remove(other)
    await choose({ deletionPolicy: 'deactivate' })
    expect(await created('ada@contoso.com', { externalId: 'e1' })).toBe(id)
  })
})
