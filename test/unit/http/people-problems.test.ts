import { beforeAll, describe, expect, test } from 'vitest'
import { PROBLEM } from '../../../lib/manage/answers.ts'
import { URN } from '../../../lib/scim/urn.ts'
import { memoryStores } from '../../../lib/storage/memory/stores.ts'
import { ENTRA, openScene, type Scene } from '../../support/activity-scene.ts'
import { textOf } from '../../support/memory-app.ts'
import { MARK, MISTAKES } from '../../support/people-mistakes.ts'

/** Every kind of mistake in a request about people, teams, levels and invitations: a problem that says what is wrong. */

let scene: Scene
/** What the paths of requests stand for: ids, and cursors and positions of either tenant. */
const known: Record<string, string> = {}

beforeAll(async () => {
  scene = await openScene(memoryStores(), '2026-11-27T14:00:00.000Z')
  for (const tenant of ['acme', 'other']) {
    const scim = await scene.client(tenant, 'Entra', ENTRA)
    const settings = { invitations: true }
    await scene.manage('PATCH', `tenants/${tenant}`, { settings })
    scene.at = new Date(scene.at.getTime() + 60_000)
    for (const name of ['ann', 'anna']) {
      const body = { schemas: [URN.user], userName: name, [URN.peopleUser]: { level: 'Senior' } }
      const person = textOf(await scim('POST', '/Users', body), 'id')
      const group = { schemas: [URN.group], displayName: `Team ${name}` }
      const members = [{ value: person }]
      known[`${tenant}.person`] = person
      await scim('POST', '/Groups', { ...group, members })
    }
    await remember(tenant)
  }
})

/** Cursors and positions of each list. */
async function remember(tenant: string): Promise<void> {
  const base = `tenants/${tenant}`
  const team = textOf(await scene.manage('POST', `${base}/teams`, { name: 'Choir' }), 'id')
  known[`${tenant}.team`] = team
  for (const personId of [known['acme.person'], known[`${tenant}.person`]]) {
    await scene.manage('POST', `${base}/teams/${team}/members`, { personId: personId ?? '' })
  }
  const people = await scene.manage('GET', `${base}/people?count=1`)
  const position = textOf(people, 'position')
  const lists = {
    people,
    teams: await scene.manage('GET', `${base}/teams?count=1`),
    search: await scene.manage('GET', `${base}/people?q=ann&count=1`),
    invitations: await scene.manage('GET', `${base}/invitations?count=1`),
    changes: await scene.manage('GET', `${base}/people?changedSince=${position}&count=1`),
  }
  known[`${tenant}.position`] = position
  known[`${tenant}.teamsPosition`] = textOf(lists.teams, 'position')
  for (const [name, answer] of Object.entries(lists)) {
    known[`${tenant}.${name}`] = textOf(answer, 'nextCursor')
  }
}

/** Everything that a client may have sent is replaced by what it stands for. */
function filledIn(text: string): string {
  return text.replaceAll(/\{([\w.]+)\}/g, (_, name: string) => known[name] ?? name)
}

describe.each(MISTAKES)('a mistake %s', (_, mistakes) => {
  test.each(mistakes.map((each) => [each.request.slice(0, 80), each] as const))(
    '%s',
    async (_request, { request, body, headers, answer, part, detail }) => {
      const [method = '', path = ''] = request.split(' ')
      const before = scene.log.length
      const whole = `tenants/acme/${filledIn(path)}`
      const { status, headers: told, json } = await scene.manage(method, whole, body, headers)
      const problem = PROBLEM.parse(json)
      const kind = problem.type.replace('urn:scim-endpoint:problem:', '')
      expect(`${status} ${kind}`).toBe(answer)
      expect(told['content-type']).toBe('application/problem+json; charset=utf-8')
      expect(problem.detail).toMatch(detail)
      expect(problem.detail.length).toBeLessThan(600)
      const parts = (problem.errors ?? []).map(({ pointer, parameter }) => pointer ?? parameter)
      expect(parts).toEqual(part === undefined ? [] : [part])
      const lines = scene.log.slice(before)
      expect(lines).not.toEqual([])
      expect(lines.filter((line) => line.includes(MARK))).toEqual([])
    },
  )
})
