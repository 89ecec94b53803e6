import { beforeEach, describe, expect, test } from 'vitest'
import { PROBLEM } from '../../../lib/manage/answers.ts'
import { LEVEL_LIST } from '../../../lib/manage/level-shapes.ts'
import { URN } from '../../../lib/scim/urn.ts'
import { memoryStores } from '../../../lib/storage/memory/stores.ts'
import { ENTRA, openScene, type Scene } from '../../support/activity-scene.ts'
import { textOf } from '../../support/memory-app.ts'

const ALL = 'tenants/acme/levels'

let scene: Scene
let scim: Awaited<ReturnType<Scene['client']>>

beforeEach(async () => {
  scene = await openScene(memoryStores(), '2026-11-27T14:00:00.000Z')
  scim = await scene.client('acme', 'Entra', ENTRA)
})

async function hired(userName: string, level: string): Promise<string> {
  const body = { schemas: [URN.user], userName, [URN.peopleUser]: { level } }
  return textOf(await scim('POST', '/Users', body), 'id')
}

async function levels(): Promise<ReturnType<typeof LEVEL_LIST.parse>> {
  return LEVEL_LIST.parse((await scene.manage('GET', ALL)).json)
}

describe('levels', () => {
  test('are listed with how many have them, and deleted when nobody has', async () => {
    expect(await levels()).toEqual({ items: [], complete: true })
    const ann = await hired('ann', 'Senior')
    await hired('bob', 'Junior')
    const refused = await scene.manage('DELETE', `${ALL}/Senior`)
    expect(refused.status).toBe(409)
    expect(PROBLEM.parse(refused.json).detail).toMatch(/^People with this level: 1\./)
    await scene.manage('PATCH', `tenants/acme/people/${ann}`, { level: 'Junior' })
    const items = [
      { name: 'Junior', people: 2 },
      { name: 'Senior', people: 0 },
    ]
    expect(await levels()).toEqual({ items, complete: true })
    const { status, json } = await scene.manage('DELETE', `${ALL}/Senior`)
    expect([status, json]).toEqual([200, { name: 'Senior', deleted: true }])
    expect((await levels()).items).toEqual([{ name: 'Junior', people: 2 }])
    expect((await scene.manage('DELETE', `${ALL}/Senior`)).status).toBe(404)
  })

  test.each(['..', '.', 'a/b', 'a%2Fb', '%2E%2E', 'R&D + 50%', 'é', ' '])(
    'are deleted by any name: %j',
    async (name) => {
      await scim('DELETE', `/Users/${await hired('ann', name)}`)
      const { status, json } = await scene.manage(
        'DELETE',
        `${ALL}?${new URLSearchParams({ name }).toString()}`,
      )
      expect([status, json]).toEqual([200, { name, deleted: true }])
      expect((await levels()).items).toEqual([])
    },
  )

  test('are told under their own name, which a change of case alone moves', async () => {
    const ann = await hired('ann', 'senior')
    await scene.manage('PATCH', `tenants/acme/people/${ann}`, { level: 'Senior' })
    expect((await levels()).items).toEqual([{ name: 'Senior', people: 1 }])
    const body = { schemas: [URN.user], userName: 'ann', [URN.peopleUser]: { level: 'SENIOR' } }
    await scim('PUT', `/Users/${ann}`, body)
    expect((await levels()).items).toEqual([{ name: 'SENIOR', people: 1 }])
    await scim('DELETE', `/Users/${ann}`)
    const { json } = await scene.manage('DELETE', `${ALL}?name=sEnIoR`)
    expect(json).toEqual({ name: 'SENIOR', deleted: true })
  })

  test('are deleted by path where the name is a part of one', async () => {
    await scim('DELETE', `/Users/${await hired('ann', 'R&D + 50%41')}`)
    const target = `${ALL}/${encodeURIComponent('R&D + 50%41')}`
    expect((await scene.manage('DELETE', target)).json).toMatchObject({ name: 'R&D + 50%41' })
  })

  test('with a slash are not guessed from a path', async () => {
    await scim('DELETE', `/Users/${await hired('ann', 'a%2Fb')}`)
    for (const name of ['a/b', 'a%2Fb']) {
      const refused = await scene.manage('DELETE', `${ALL}/${encodeURIComponent(name)}`)
      const { detail, errors } = PROBLEM.parse(refused.json)
      expect([refused.status, detail]).toEqual([
        400,
        'levelName must be without "/" and "%2F", not "a%2Fb": a level of such a name is deleted with levels?name=.',
      ])
      expect(errors).toMatchObject([{ parameter: 'levelName' }])
    }
    expect((await levels()).items).toEqual([{ name: 'a%2Fb', people: 0 }])
    const nameless = await scene.manage('DELETE', ALL)
    expect(PROBLEM.parse(nameless.json).detail).toBe(
      'name is missing: it must be the name of a level.',
    )
  })

  test('a tenant that is not there has none', async () => {
    expect((await scene.manage('GET', 'tenants/none/levels')).status).toBe(404)
    expect((await scene.manage('DELETE', 'tenants/none/levels/x')).status).toBe(404)
  })
})
