import { beforeEach, describe, expect, test } from 'vitest'
import { PROBLEM } from '../../../lib/manage/answers.ts'
import { ACKNOWLEDGED, INVITATION_LIST } from '../../../lib/manage/invitation-shapes.ts'
import type { JsonObject } from '../../../lib/scim/json.ts'
import { MESSAGE, URN } from '../../../lib/scim/urn.ts'
import { memoryStores } from '../../../lib/storage/memory/stores.ts'
import { ENTRA, openScene, type Scene } from '../../support/activity-scene.ts'
import { textOf } from '../../support/memory-app.ts'

const ALL = 'tenants/acme/invitations'
const START = '2026-11-27T14:00:00.000Z'

let scene: Scene
let scim: Awaited<ReturnType<Scene['client']>>

beforeEach(async () => {
  scene = await openScene(memoryStores(), START)
  scim = await scene.client('acme', 'Entra', ENTRA)
})

function later(seconds: number): string {
  scene.at = new Date(scene.at.getTime() + seconds * 1000)
  return scene.at.toISOString()
}

/** What was chosen holds when what is remembered of the credential is forgotten. */
async function choose(settings: JsonObject): Promise<void> {
  const answer = await scene.manage('PATCH', 'tenants/acme', { settings })
  expect(answer.status).toBe(200)
  later(60)
}

async function hired(userName: string, attributes: JsonObject = {}): Promise<string> {
  const body = { schemas: [URN.user], userName, active: true, ...attributes }
  return textOf(await scim('POST', '/Users', body), 'id')
}

async function setActive(id: string, value: boolean): Promise<void> {
  const Operations = [{ op: 'replace', path: 'active', value }]
  const { status } = await scim('PATCH', `/Users/${id}`, { schemas: [MESSAGE.patchOp], Operations })
  expect(status).toBe(200)
}

async function due(query = ''): Promise<ReturnType<typeof INVITATION_LIST.parse>> {
  return INVITATION_LIST.parse((await scene.manage('GET', `${ALL}${query}`)).json)
}

async function acknowledge(
  ...ids: readonly string[]
): Promise<ReturnType<typeof ACKNOWLEDGED.parse>> {
  const answer = await scene.manage('POST', `${ALL}/acknowledgements`, { ids })
  expect(answer.status).toBe(200)
  return ACKNOWLEDGED.parse(answer.json)
}

describe('invitations', () => {
  test('are for tenants that want them, and for who is first active from then on', async () => {
    const early = await hired('early')
    await hired('pending', { active: false })
    expect(await due()).toEqual({ items: [] })
    await choose({ invitations: true })
    await setActive(early, false)
    await setActive(early, true)
    expect(await due()).toEqual({ items: [] })
    const id = await hired('late')
    expect(await due()).toEqual({ items: [{ id, since: scene.at.toISOString() }] })
    await choose({ invitations: false })
    await hired('uninvited')
    expect((await due()).items).toHaveLength(1)
  })

  test('come at the first activation of who was created inactive', async () => {
    await choose({ invitations: true })
    const id = await hired('ada', { active: false })
    expect((await due()).items).toEqual([])
    const since = later(60)
    await setActive(id, true)
    expect((await due()).items).toEqual([{ id, since }])
  })

  test('are no matter of groups', async () => {
    await choose({ invitations: true })
    await scim('POST', '/Groups', { schemas: [URN.group], displayName: 'Tour Guides' })
    expect((await due()).items).toEqual([])
  })

  test('are acknowledged for good', async () => {
    await choose({ invitations: true })
    const id = await hired('ada')
    const etag = (await scim('GET', `/Users/${id}`)).headers['etag']
    for (let time = 1; time <= 2; time += 1) {
      expect(await acknowledge(id, 'nobody', id)).toEqual({
        acknowledged: [id],
        unknown: ['nobody'],
      })
    }
    expect((await due()).items).toEqual([])
    expect((await scim('GET', `/Users/${id}`)).headers['etag']).toBe(etag)
    await setActive(id, false)
    await setActive(id, true)
    expect((await due()).items).toEqual([])
  })

  test('of who returns there is no second one', async () => {
    await choose({ invitations: true, deletionPolicy: 'deactivate' })
    const id = await hired('ada')
    await acknowledge(id)
    await scim('DELETE', `/Users/${id}`)
    expect(await hired('ada')).toBe(id)
    expect((await due()).items).toEqual([])
  })

  test('come page by page', async () => {
    await choose({ invitations: true })
    const ids = await Promise.all(['a', 'b', 'c'].map((userName) => hired(userName)))
    const first = await due('?count=2')
    const second = await due(`?count=2&cursor=${first.nextCursor}`)
    expect(second.nextCursor).toBeUndefined()
    const found = [...first.items, ...second.items].map(({ id }) => id)
    expect(found).toEqual(ids.toSorted())
  })

  test.each([
    ['GET', '?cursor=x', undefined, 'cursor'],
    ['GET', '?count=0', undefined, 'count'],
    ['POST', '/acknowledgements', {}, '#/ids'],
    ['POST', '/acknowledgements', { ids: [] }, '#/ids'],
    ['POST', '/acknowledgements', { ids: [''] }, '#/ids/0'],
    [
      'POST',
      '/acknowledgements',
      { ids: Array.from({ length: 1001 }, (_, n) => String(n)) },
      '#/ids',
    ],
  ] as const)('%s %s that cannot be is refused: %#', async (method, path, body, part) => {
    const { status, json } = await scene.manage(method, `${ALL}${path}`, body)
    expect(status).toBe(400)
    const { errors = [] } = PROBLEM.parse(json)
    expect(errors.map(({ pointer, parameter }) => pointer ?? parameter)).toEqual([part])
  })

  test.each([
    [[], 'an empty array'],
    ['x', '"x"'],
    [Array.from({ length: 1001 }, (_, n) => String(n)), '1001'],
  ])('what ids must be is told beside what came: %#', async (ids, came) => {
    const { json } = await scene.manage('POST', `${ALL}/acknowledgements`, { ids })
    const right = 'ids must be an array of 1 to 1000 ids of people'
    expect(PROBLEM.parse(json).detail).toBe(`${right}, not ${came}.`)
  })

  test('a tenant that is not there has none', async () => {
    const none = 'tenants/none/invitations'
    expect((await scene.manage('GET', none)).status).toBe(404)
    const body = { ids: ['x'] }
    expect((await scene.manage('POST', `${none}/acknowledgements`, body)).status).toBe(404)
  })
})
