import { beforeAll, describe, expect, test } from 'vitest'
import { GROUP, USER } from '../../../lib/scim/default-resource-types.ts'
import { isArray, type JsonObject } from '../../../lib/scim/json.ts'
import { LIMITS } from '../../../lib/scim/limits.ts'
import { get } from '../../../lib/service/get.ts'
import { list } from '../../../lib/service/list.ts'
import type { Member } from '../../../lib/scim/resource.ts'
import { asked, jsonOf, serviceRig, textIn, type Rig } from '../../support/service-rig.ts'

/** About a third of what an answer may hold, in photos of one user. */
const photos = (): readonly JsonObject[] =>
  Array.from({ length: 7 }, (_, index) => ({
    value: `https://photos.example/${index}/${'p'.repeat(60_000)}`,
  }))

/** So many users that together are too large for one answer. */
async function largeUsers(count: number): Promise<Rig> {
  const rig = serviceRig()
  for (let index = 0; index < count; index += 1) {
    const title = String(2000 - index)
    await rig.add(USER, { userName: `u${index}`, title, photos: photos() })
  }
  return rig
}

const USERS = 45
const IN_ONE_ANSWER = Math.ceil(LIMITS.answerBytes / 420_500)

async function page(rig: Rig, query: Readonly<Record<string, string>>): Promise<JsonObject> {
  return jsonOf(list(rig.context, USER, asked({ query })))
}

const namesIn = ({ Resources }: JsonObject): readonly string[] =>
  isArray(Resources) ? Resources.map((each) => textIn(each, 'userName')) : []

describe('a list that would be too large', () => {
  let rig: Rig
  beforeAll(async () => {
    rig = await largeUsers(USERS)
  })

  test('has fewer resources, says how many, and goes on behind them', async () => {
    const first = await page(rig, {})
    const shown = namesIn(first).length
    expect(shown).toBeGreaterThanOrEqual(IN_ONE_ANSWER - 2)
    expect(shown).toBeLessThan(USERS)
    expect(first).toMatchObject({ totalResults: USERS, itemsPerPage: shown, startIndex: 1 })
    expect(JSON.stringify(first).length).toBeLessThan(LIMITS.answerBytes + 1_000_000)
    const second = await page(rig, { startindex: String(shown + 1) })
    expect(new Set([...namesIn(first), ...namesIn(second)]).size).toBe(USERS)
  })

  test.each<Readonly<Record<string, string>>>([
    { cursor: '' },
    { cursor: '', filter: 'userName sw "u"' },
    { cursor: '', sortby: 'title' },
    { cursor: '', sortby: 'userName', sortorder: 'descending' },
  ])('has a nextCursor to what is left: %j', async (query) => {
    const seen: string[] = []
    let pages = 0
    for (let cursor: string | undefined = ''; cursor !== undefined; pages += 1) {
      const answer = await page(rig, { ...query, cursor })
      expect(answer['itemsPerPage']).toBe(namesIn(answer).length)
      seen.push(...namesIn(answer))
      const { nextCursor } = answer
      cursor = typeof nextCursor === 'string' ? nextCursor : undefined
    }
    expect(pages).toBe(2)
    expect(seen).toHaveLength(USERS)
    expect(new Set(seen).size).toBe(USERS)
  })

  test('by sorted index pages shows everybody once, in the order', async () => {
    const seen: string[] = []
    while (seen.length < USERS) {
      const answer = await page(rig, { sortby: 'title', startindex: String(seen.length + 1) })
      expect(namesIn(answer).length).toBeGreaterThan(0)
      seen.push(...namesIn(answer))
    }
    const expected = Array.from({ length: USERS }, (_, index) => `u${USERS - 1 - index}`)
    expect(seen).toEqual(expected)
  })
})

describe('groups with many members', () => {
  const members: readonly Member[] = Array.from({ length: 100_000 }, (_, index) => ({
    value: `member-${index}`,
    type: 'User',
  }))
  const rig = serviceRig({
    memberships: () => ({
      async *members() {
        for (let at = 0; at < members.length; at += 1000) yield members.slice(at, at + 1000)
      },
    }),
  })

  test('one comes whole', async () => {
    const id = await rig.add(GROUP, { displayName: 'all' })
    const answer = await jsonOf(get(rig.context, GROUP, asked({ id })))
    expect(answer['members']).toHaveLength(members.length)
  })

  test('a list has as many of them as fit, and one at least', async () => {
    for (const name of ['a', 'b', 'c', 'd']) await rig.add(GROUP, { displayName: name })
    const answer = await jsonOf(list(rig.context, GROUP, asked()))
    const shown = isArray(answer['Resources']) ? answer['Resources'].length : 0
    expect(shown).toBeGreaterThan(0)
    expect(shown).toBeLessThan(5)
    expect(answer).toMatchObject({ totalResults: 5, itemsPerPage: shown })
  })
})
