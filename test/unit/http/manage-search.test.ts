import { beforeEach, describe, expect, test } from 'vitest'
import { PROBLEM } from '../../../lib/manage/answers.ts'
import { PEOPLE_LIST } from '../../../lib/manage/people-answers.ts'
import type { JsonObject } from '../../../lib/scim/json.ts'
import { URN } from '../../../lib/scim/urn.ts'
import { memoryStores } from '../../../lib/storage/memory/stores.ts'
import { ENTRA, openScene, type Scene } from '../../support/activity-scene.ts'
import { textOf } from '../../support/memory-app.ts'

const ALL = 'tenants/acme/people'

let scene: Scene
let scim: Awaited<ReturnType<Scene['client']>>

beforeEach(async () => {
  scene = await openScene(memoryStores(), '2026-11-27T14:00:00.000Z')
  scim = await scene.client('acme', 'Entra', ENTRA)
})

async function hired(userName: string, attributes: JsonObject = {}): Promise<string> {
  const created = await scim('POST', '/Users', { schemas: [URN.user], userName, ...attributes })
  return textOf(created, 'id')
}

async function search(query: string): Promise<ReturnType<typeof PEOPLE_LIST.parse>> {
  return PEOPLE_LIST.parse((await scene.manage('GET', `${ALL}?${query}`)).json)
}

describe('a search', () => {
  test('finds people as the list shows them', async () => {
    const boss = await hired('boss')
    const manager = { [URN.enterpriseUser]: { manager: { value: boss } } }
    const ann = await hired('a.lovelace', { name: { givenName: 'Ann' }, active: false, ...manager })
    const { items, position } = await search('q=ANN')
    expect(items).toMatchObject([
      { id: ann, firstName: 'Ann', status: 'inactive', manager: { id: boss, name: 'boss' } },
    ])
    const { items: all } = await search('count=100')
    expect(all).toContainEqual(items[0])
    expect((await search(`changedSince=${position}`)).items).toHaveLength(2)
  })

  test('sees at once who has come, and who is called otherwise', async () => {
    expect((await search('q=ann')).items).toEqual([])
    const id = await hired('anna')
    expect((await search('q=ann')).items).toMatchObject([{ id }])
    const body = { schemas: [URN.user], userName: 'bob' }
    await scim('PUT', `/Users/${id}`, body)
    expect((await search('q=ann')).items).toEqual([])
  })

  test('goes on with its cursor, and with no other', async () => {
    const ids = [await hired('ann1'), await hired('ann2'), await hired('ann3')]
    const first = await search('q=ann&count=2')
    const second = await search(`q=ann&count=2&cursor=${first.nextCursor}`)
    expect([...first.items, ...second.items].map(({ id }) => id)).toEqual(ids)
    expect(second.nextCursor).toBeUndefined()
    const { nextCursor } = await search('count=2')
    for (const query of [`q=an&cursor=${first.nextCursor}`, `q=ann&cursor=${nextCursor}`]) {
      const { status, json } = await scene.manage('GET', `${ALL}?${query}`)
      expect(status).toBe(400)
      expect(PROBLEM.parse(json).errors).toMatchObject([{ parameter: 'cursor' }])
    }
  })

  test.each(['q=', `q=${'a'.repeat(201)}`, 'q=ann&changedSince=x'])(
    'that cannot be is refused: %#',
    async (query) => {
      const { status, json } = await scene.manage('GET', `${ALL}?${query}`)
      expect(status).toBe(400)
      expect(PROBLEM.parse(json).errors).toMatchObject([{ parameter: 'q' }])
    },
  )

  test('of a tenant that is not there finds nobody', async () => {
    expect((await scene.manage('GET', 'tenants/none/people?q=ann')).status).toBe(404)
  })
})
