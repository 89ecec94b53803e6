import { beforeEach, describe, expect, test, vi } from 'vitest'
import { PROBLEM } from '../../../lib/manage/answers.ts'
import type { Stores } from '../../../lib/runtime.ts'
import type { JsonObject } from '../../../lib/scim/json.ts'
import { URN } from '../../../lib/scim/urn.ts'
import { memoryStores } from '../../../lib/storage/memory/stores.ts'
import { ENTRA, openScene, type Scene, type SceneAnswer } from '../../support/activity-scene.ts'
import { textOf } from '../../support/memory-app.ts'

const START = '2026-11-27T14:00:00.000Z'
const TEAM = 'team@acme.example'

let scene: Scene
let stores: Stores
let scim: Awaited<ReturnType<Scene['client']>>

beforeEach(async () => {
  stores = memoryStores()
  scene = await openScene(stores, START)
  scim = await scene.client('acme', 'Entra', ENTRA)
})

/** People with the e-mail, one after another. */
async function hired(count: number, type: string, others: JsonObject = {}): Promise<string> {
  let id = ''
  for (let n = 0; n < count; n += 1) {
    const userName = `${type}-${JSON.stringify(others)}-${n}@acme.example`
    const emails = [{ value: TEAM, type }]
    const body = { schemas: [URN.user], userName, emails, ...others }
    id = textOf(await scim('POST', '/Users', body), 'id')
  }
  return id
}

function lookUp(): Promise<SceneAnswer> {
  return scene.manage('GET', `tenants/acme/people/lookup?email=${TEAM}`)
}

function detailOf({ json }: SceneAnswer): string | undefined {
  return PROBLEM.parse(json).detail
}

/** Ids are random: so many come before and behind whoever is meant. */
const MANY = 24

describe('an e-mail that many have', () => {
  beforeEach(() => hired(MANY, 'home'))

  test('tells the one active person whose work e-mail it is', async () => {
    await hired(MANY, 'work', { active: false })
    const id = await hired(1, 'work')
    expect((await lookUp()).json).toMatchObject({ id, status: 'active' })
  })

  test('tells nobody of several active ones', async () => {
    await hired(2, 'work')
    const answer = await lookUp()
    expect(answer.status).toBe(409)
    expect(detailOf(answer)).toBe('Several people have this email: look them up by another.')
  })

  test('tells the one who is not active where nobody is', async () => {
    const id = await hired(1, 'work', { active: false })
    expect((await lookUp()).json).toMatchObject({ id, status: 'inactive' })
  })

  test('tells nobody of several who are not active', async () => {
    await hired(2, 'work', { active: false })
    const answer = await lookUp()
    expect(answer.status).toBe(409)
    expect(detailOf(answer)).toBe(
      'Several people, of whom nobody is active, have this email: look them up by another.',
    )
  })

  test('is nobody’s where it is the work e-mail of none', async () => {
    expect((await lookUp()).status).toBe(404)
  })

  test('is read on where one answer has not all of them', async () => {
    const id = await hired(1, 'work')
    const list = stores.resources.list.bind(stores.resources)
    const listFrom = stores.resources.listFrom.bind(stores.resources)
    // As answers are that would be too large.
    vi.spyOn(stores.resources, 'list').mockImplementation(async (...query) => {
      const page = await list(...query)
      return { ...page, resources: page.resources.slice(0, 1) }
    })
    const further = vi
      .spyOn(stores.resources, 'listFrom')
      .mockImplementation(async (scope, type, query) =>
        listFrom(scope, type, { ...query, count: 7 }),
      )
    expect((await lookUp()).json).toMatchObject({ id })
    expect(further.mock.calls.length).toBeGreaterThan(2)
  })

  test('tells that there are too many, whoever comes first', async () => {
    await hired(1, 'work')
    const list = stores.resources.list.bind(stores.resources)
    vi.spyOn(stores.resources, 'list').mockImplementation(async (...query) => ({
      ...(await list(...query)),
      totalResults: 501,
    }))
    const answer = await lookUp()
    expect(answer.status).toBe(409)
    expect(detailOf(answer)).toBe(
      '501 people have this email, and at most 500 are looked at: look them up by another.',
    )
  })
})
