import { beforeEach, describe, expect, test } from 'vitest'
import { PROBLEM } from '../../../lib/manage/answers.ts'
import { MANAGE_OPERATIONS } from '../../../lib/manage/operations.ts'
import { memoryStores } from '../../../lib/storage/memory/stores.ts'
import { ENTRA, openScene, type Scene, type SceneAnswer } from '../../support/activity-scene.ts'
import { textOf } from '../../support/memory-app.ts'

const TENANT = 'tenants/acme'

let scene: Scene

beforeEach(async () => {
  scene = await openScene(memoryStores(), '2026-11-27T14:00:00.000Z')
  await scene.client('acme', 'Entra', ENTRA)
})

function refusalOf({ status, json }: SceneAnswer): string {
  return `${status} ${PROBLEM.parse(json).detail}`
}

/** Each comes as a path that ends in a slash; the last but one to the function alone. */
const DOTS = ['..', '%2E%2E', '.%2e', '.', '%2e', '%252E%252E', '']

describe('what comes as a path that ends in a slash', () => {
  test.each(DOTS)('deletes no tenant: levels/%s', async (name) => {
    const answer = await scene.manage('DELETE', `${TENANT}/levels/${name}`)
    expect(refusalOf(answer)).toMatch(/^400 Nothing is changed for a path that ends in "\/"/)
    expect((await scene.manage('GET', TENANT)).json).toMatchObject({ status: 'enabled' })
  })

  test.each(DOTS)('deletes no team: members/%s', async (name) => {
    const team = `${TENANT}/teams/${textOf(await scene.manage('POST', `${TENANT}/teams`, { name: 'Sales' }), 'id')}`
    const answer = await scene.manage('DELETE', `${team}/members/${name}`)
    expect([400, 404, 405]).toContain(answer.status)
    expect((await scene.manage('GET', team)).json).toMatchObject({ name: 'Sales' })
  })

  test('is done by no operation that changes anything', async () => {
    for (const { method, path } of MANAGE_OPERATIONS) {
      if (method === 'GET') continue
      const target = `${path.replace('{id}', 'acme').replace(/\{\w+\}/g, 'x')}/`
      const answer = await scene.manage(method, target, {})
      expect([target, refusalOf(answer)]).toEqual([target, expect.stringMatching(/^400 Nothing/)])
    }
  })

  test('is read', async () => {
    expect((await scene.manage('GET', `${TENANT}/levels/..`)).json).toMatchObject({ id: 'acme' })
  })
})
