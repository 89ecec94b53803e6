import { beforeEach, describe, expect, test } from 'vitest'
import { PROBLEM } from '../../../lib/manage/answers.ts'
import {
  LEFT_MEMBER,
  REMOVED_TEAM,
  TEAM,
  TEAM_LIST,
  TEAM_MEMBER_LIST,
} from '../../../lib/manage/team-answers.ts'
import type { Stores } from '../../../lib/runtime.ts'
import type { JsonObject } from '../../../lib/scim/json.ts'
import { memberTypeOf } from '../../../lib/scim/resource-id.ts'
import { MESSAGE, URN } from '../../../lib/scim/urn.ts'
import { memoryStores } from '../../../lib/storage/memory/stores.ts'
import { ENTRA, openScene, type Scene, type SceneAnswer } from '../../support/activity-scene.ts'
import { textOf } from '../../support/memory-app.ts'

const ALL = 'tenants/acme/teams'
const START = '2026-11-27T14:00:00.000Z'

type Team = ReturnType<typeof TEAM.parse>
type TeamPage = ReturnType<typeof TEAM_LIST.parse>

let scene: Scene
let stores: Stores
let scim: Awaited<ReturnType<Scene['client']>>

beforeEach(async () => {
  stores = memoryStores()
  scene = await openScene(stores, START)
  scim = await scene.client('acme', 'Entra', ENTRA)
})

function later(seconds: number): void {
  scene.at = new Date(scene.at.getTime() + seconds * 1000)
}

async function hired(userName: string): Promise<string> {
  return textOf(await scim('POST', '/Users', { schemas: [URN.user], userName }), 'id')
}

async function group(displayName: string, more: JsonObject = {}): Promise<string> {
  const created = await scim('POST', '/Groups', { schemas: [URN.group], displayName, ...more })
  expect(created.status).toBe(201)
  return textOf(created, 'id')
}

function patched(id: string, operation: JsonObject): Promise<SceneAnswer> {
  return scim('PATCH', `/Groups/${id}`, { schemas: [MESSAGE.patchOp], Operations: [operation] })
}

async function made(name: string): Promise<Team> {
  const answer = await scene.manage('POST', ALL, { name })
  expect(answer.status).toBe(201)
  return TEAM.parse(answer.json)
}

async function team(id: string): Promise<Team> {
  return TEAM.parse((await scene.manage('GET', `${ALL}/${id}`)).json)
}

function joined(teamId: string, personId: string): Promise<SceneAnswer> {
  return scene.manage('POST', `${ALL}/${teamId}/members`, { personId })
}

function left(teamId: string, personId: string): Promise<SceneAnswer> {
  return scene.manage('DELETE', `${ALL}/${teamId}/members/${personId}`)
}

async function pages(query: string): Promise<readonly TeamPage[]> {
  const all: TeamPage[] = []
  for (let more = ''; ;) {
    const page = TEAM_LIST.parse((await scene.manage('GET', `${ALL}${query}${more}`)).json)
    all.push(page)
    if (page.nextCursor === undefined) return all
    more = `&cursor=${page.nextCursor}`
  }
}

/** The first teams of the list. */
async function listed(): Promise<unknown> {
  return (await pages('?count=10'))[0]?.items
}

/** Who is in a team, and by whom: `person <id>: both`. */
async function membersOf(teamId: string, count = 100): Promise<readonly string[]> {
  const items: string[] = []
  for (let more = ''; ;) {
    const path = `${ALL}/${teamId}/members?count=${count}${more}`
    const page = TEAM_MEMBER_LIST.parse((await scene.manage('GET', path)).json)
    items.push(...page.items.map(({ id, type, source }) => `${type} ${id}: ${source}`))
    if (page.nextCursor === undefined) return items
    more = `&cursor=${page.nextCursor}`
  }
}

async function scimMembers(id: string): Promise<unknown> {
  const { json } = await scim('GET', `/Groups/${id}`)
  return json['members']
}

/** `status kind: detail`, and the parts that it names. */
function problemOf({ status, json }: SceneAnswer): readonly (string | undefined)[] {
  const { type, detail, errors = [] } = PROBLEM.parse(json)
  const kind = type.replace('urn:scim-endpoint:problem:', '')
  const parts = errors.map(({ pointer, parameter }) => pointer ?? parameter)
  return [`${status} ${kind}: ${detail}`, ...parts]
}

function matching(pattern: RegExp): unknown {
  return expect.stringMatching(pattern)
}

describe('a team made by hand', () => {
  test('has an id as groups have, is read, gets another name and is removed', async () => {
    const answer = await scene.manage('POST', ALL, { name: '  Tour Guides ' })
    const created = TEAM.parse(answer.json)
    expect(created).toEqual({
      id: matching(/^[\da-f-]{36}$/),
      name: 'Tour Guides',
      source: 'manual',
      created: START,
      lastModified: START,
    })
    expect(memberTypeOf(created.id)).toBe('Group')
    expect(answer.headers['location']).toBe(`/api/manage/${ALL}/${created.id}`)
    const read = await scene.manage('GET', `${ALL}/${created.id}`)
    expect(read).toMatchObject({ status: 200, json: created })
    expect(read.headers['etag']).toBe(answer.headers['etag'])

    later(60)
    const etag = { 'if-match': answer.headers['etag'] ?? '' }
    const path = `${ALL}/${created.id}`
    const renamed = await scene.manage('PATCH', path, { name: 'Guides' }, etag)
    expect(renamed).toMatchObject({ status: 200, json: { name: 'Guides', source: 'manual' } })
    expect(TEAM.parse(renamed.json).lastModified).toBe('2026-11-27T14:01:00.000Z')
    for (const [method, body] of [
      ['PATCH', { name: 'X' }],
      ['PATCH', {}],
      ['DELETE', undefined],
    ] as const) {
      const refused = await scene.manage(method, path, body, etag)
      expect(problemOf(refused)).toEqual([matching(/^412 precondition-failed: /)])
    }
    const now = { 'if-match': renamed.headers['etag'] ?? '' }
    const removed = await scene.manage('DELETE', path, undefined, now)
    expect(REMOVED_TEAM.parse(removed.json)).toEqual({ id: created.id, removed: true })
    for (const method of ['GET', 'DELETE', 'PATCH'] as const) {
      const body = method === 'PATCH' ? { name: 'X' } : undefined
      const gone = problemOf(await scene.manage(method, path, body))
      expect(gone).toEqual([`404 not-found: There is no team ${created.id}.`])
    }
  })

  test('is seen by SCIM neither as a group nor by a count', async () => {
    const { id } = await made('Sales')
    await joined(id, await hired('ann'))
    expect((await scim('GET', '/Groups')).json['totalResults']).toBe(0)
    expect((await scim('GET', `/Groups/${id}`)).status).toBe(404)
    const found = await scim('GET', '/Groups?filter=displayName%20eq%20%22Sales%22')
    expect(found.json['totalResults']).toBe(0)
    const users = await scim('GET', '/Users?filter=userName%20eq%20%22ann%22')
    expect(JSON.stringify(users.json)).not.toContain(id)
    expect(
      (await scim('PATCH', `/Groups/${id}`, { schemas: [MESSAGE.patchOp], Operations: [] })).status,
    ).toBe(404)
  })

  test('has a name that neither a team nor a group has', async () => {
    const { id } = await made('Sales')
    const scimId = await group('Support')
    const other = await made('Other')
    const taken = [
      ['sales', `Another team has this name: id ${id}.`],
      ['SUPPORT', `A group of the identity provider has this name: id ${scimId}.`],
    ] as const
    for (const [name, detail] of taken) {
      expect(problemOf(await scene.manage('POST', ALL, { name }))).toEqual([`409 taken: ${detail}`])
      const renaming = await scene.manage('PATCH', `${ALL}/${other.id}`, { name })
      expect(problemOf(renaming)).toEqual([`409 taken: ${detail}`])
    }
    for (const name of ['', ' ', 'a\nb', 'x'.repeat(201), 7]) {
      const [said] = problemOf(await scene.manage('POST', ALL, { name }))
      expect(said).toMatch(/^400 invalid-request: name must have 1 to 200 characters/)
    }
  })

  test('becomes the group that is created under exactly its name, in a bulk too', async () => {
    const [ann, bob, cid] = [await hired('ann'), await hired('bob'), await hired('cid')]
    const { id } = await made('Sales')
    const second = await made('Tours')
    await joined(id, ann)
    await joined(id, cid)
    expect(
      await group('Sales', { externalId: 'g1', members: [{ value: ann }, { value: bob }] }),
    ).toBe(id)
    expect(await team(id)).toMatchObject({ source: 'both', externalId: 'g1', name: 'Sales' })
    expect(await scimMembers(id)).toMatchObject([{}, {}])
    const everybody = [`person ${ann}: both`, `person ${bob}: scim`, `person ${cid}: manual`]
    expect(await membersOf(id)).toEqual(everybody.toSorted())
    expect(await membersOf(id, 1)).toEqual(everybody.toSorted())

    await patched(id, { op: 'replace', path: 'members', value: [] })
    await patched(id, { op: 'remove', path: `members[value eq "${cid}"]` })
    await scim('PUT', `/Groups/${id}`, { schemas: [URN.group], displayName: 'Sales' })
    expect(await membersOf(id)).toEqual(
      [`person ${ann}: manual`, `person ${cid}: manual`].toSorted(),
    )

    const bulk = await scim('POST', '/Bulk', {
      schemas: [MESSAGE.bulkRequest],
      Operations: [
        {
          method: 'POST',
          path: '/Groups',
          bulkId: 'a',
          data: { schemas: [URN.group], displayName: 'Tours', members: [{ value: 'bulkId:b' }] },
        },
        {
          method: 'POST',
          path: '/Groups',
          bulkId: 'b',
          data: { schemas: [URN.group], displayName: 'B', members: [{ value: 'bulkId:a' }] },
        },
      ],
    })
    expect(bulk.json['Operations']).toMatchObject([{ status: '201' }, { status: '201' }])
    expect(await team(second.id)).toMatchObject({ source: 'both' })
    expect(await membersOf(second.id)).toEqual([matching(/^team [\da-f-]{36}: scim$/)])
  })

  test('is what it was when SCIM deletes the group', async () => {
    const ann = await hired('ann')
    const { id } = await made('Sales')
    await joined(id, ann)
    await group('Sales', { externalId: 'g1', members: [{ value: await hired('bob') }] })
    await patched(id, { op: 'replace', path: 'displayName', value: 'Sales EMEA' })
    expect(await team(id)).toMatchObject({ source: 'both', name: 'Sales EMEA' })
    expect((await scim('DELETE', `/Groups/${id}`)).status).toBe(204)
    const again = await team(id)
    expect(again).toMatchObject({ source: 'manual', name: 'Sales' })
    expect(again.externalId).toBeUndefined()
    expect(await membersOf(id)).toEqual([`person ${ann}: manual`])
  })
})

describe('what belongs to SCIM', () => {
  test('is not changed here: the name of a group, its deletion, its members', async () => {
    const [ann, bob] = [await hired('ann'), await hired('bob')]
    const pure = await group('Support', { members: [{ value: ann }] })
    const { id: adopted } = await made('Sales')
    await group('Sales', { members: [{ value: ann }] })
    for (const id of [pure, adopted]) {
      const path = `${ALL}/${id}`
      const whose = `Team ${id} is a group of the identity provider.`
      expect(problemOf(await scene.manage('PATCH', path, { name: 'X' }))).toEqual([
        `409 not-possible: ${whose} Its name is the identity provider’s to change.`,
      ])
      expect(problemOf(await scene.manage('DELETE', path))).toEqual([
        `409 not-possible: ${whose} The identity provider has to delete it.`,
      ])
      expect(problemOf(await left(id, ann))).toEqual([
        `409 not-possible: The identity provider has put ${ann} into team ${id}, and has to take it out.`,
      ])
      expect(await joined(id, ann)).toMatchObject({ status: 201, json: { source: 'both' } })
      expect(await joined(id, bob)).toMatchObject({ json: { id: bob, source: 'manual' } })
      expect(LEFT_MEMBER.parse((await left(id, ann)).json)).toMatchObject({ source: 'scim' })
      expect(LEFT_MEMBER.parse((await left(id, bob)).json)).toEqual({ id: bob, removed: true })
      expect(await membersOf(id)).toEqual([`person ${ann}: scim`])
    }
  })

  test('a name that is no text is told of once', async () => {
    const what = 'must have 1 to 200 characters, all of them printable, not an empty array'
    expect(problemOf(await scene.manage('POST', ALL, { name: [] }))).toEqual([
      `400 invalid-request: name ${what}.`,
      '#/name',
    ])
  })

  test('a member is a person who is there', async () => {
    const { id } = await made('Sales')
    const other = await made('Other')
    for (const personId of ['nobody', other.id]) {
      expect(problemOf(await joined(id, personId))).toEqual([
        `400 invalid-request: personId must be the id of a person; nobody has "${personId}".`,
        '#/personId',
      ])
    }
    expect(problemOf(await joined('nothing', await hired('ann')))).toEqual([
      '404 not-found: There is no team nothing.',
    ])
    const bob = await hired('bob')
    expect(problemOf(await left(id, bob))).toEqual([
      `404 not-found: ${bob} is no member of team ${id}.`,
    ])
    const first = await joined(id, bob)
    expect(first).toMatchObject({ status: 201, json: { id: bob } })
    expect(await joined(id, bob)).toMatchObject({ status: 200, json: first.json })
    await scim('DELETE', `/Users/${bob}`)
    expect(await membersOf(id)).toEqual([])
  })

  test('a member who is deleted just before the membership is written is none', async () => {
    const { id } = await made('Sales')
    const bob = await hired('bob')
    const changeMember = stores.teams.changeMember.bind(stores.teams)
    stores.teams.changeMember = async (...change) => {
      stores.teams.changeMember = changeMember
      expect((await scim('DELETE', `/Users/${bob}`)).status).toBe(204)
      return changeMember(...change)
    }
    expect(problemOf(await joined(id, bob))).toEqual([
      matching(/^400 invalid-request: personId must be the id of a person/),
      '#/personId',
    ])
    expect(await membersOf(id)).toEqual([])
  })
})

test('a team is as old as it is, also when it has become a group, and is none any more', async () => {
  const { id } = await made('Sales')
  later(60)
  expect(await group('Sales')).toBe(id)
  const adopted = '2026-11-27T14:01:00.000Z'
  const times = { created: START, lastModified: adopted }
  expect(await team(id)).toMatchObject({ source: 'both', ...times })
  expect(await listed()).toMatchObject([{ id, ...times }])
  const meta = { created: adopted, lastModified: adopted }
  expect((await scim('GET', `/Groups/${id}`)).json).toMatchObject({ meta })
  later(60)
  await scim('DELETE', `/Groups/${id}`)
  const returned = { created: START, lastModified: '2026-11-27T14:02:00.000Z' }
  expect(await listed()).toMatchObject([{ id, source: 'manual', ...returned }])
})

test('a team whose group is called otherwise keeps its own name, and says so', async () => {
  const { id } = await made('Sales')
  await group('Sales')
  expect(await team(id)).not.toHaveProperty('manualName')
  await patched(id, { op: 'replace', path: 'displayName', value: 'Tours' })
  expect(await team(id)).toMatchObject({ name: 'Tours', manualName: 'Sales', source: 'both' })
  const other = await made('Other')
  for (const [method, path] of [
    ['POST', ALL],
    ['PATCH', `${ALL}/${other.id}`],
  ] as const) {
    expect(problemOf(await scene.manage(method, path, { name: 'SALES' }))).toEqual([
      `409 taken: Team ${id} was made with this name, and keeps it: the identity provider calls its group otherwise, and when that is deleted the team has its own name again.`,
    ])
  }
  await scim('DELETE', `/Groups/${id}`)
  const again = await team(id)
  expect(again).toMatchObject({ name: 'Sales', source: 'manual' })
  expect(again).not.toHaveProperty('manualName')
  const names = (await pages('?count=10'))[0]?.items.map((each) => 'name' in each && each.name)
  expect(names?.toSorted()).toEqual(['Other', 'Sales'])
})

test('a name that looks the same, in other code points, is said to be another', async () => {
  const [composed, decomposed] = ['Cafe\u0301'.normalize('NFC'), 'Cafe\u0301']
  const { id } = await made(composed)
  const other = await group(decomposed)
  expect(other).not.toBe(id)
  expect(await team(id)).toMatchObject({
    similar: [{ id: other, name: decomposed, otherCodePoints: true }],
  })
  expect(await team(other)).toMatchObject({
    similar: [{ id, name: composed, otherCodePoints: true }],
  })
  const third = await made('Guides')
  const loud = await group('GUIDES')
  expect((await team(third.id)).similar).toEqual([{ id: loud, name: 'GUIDES' }])
})

describe('the list', () => {
  test('takes no parameter that does nothing', async () => {
    const refused = await scene.manage('GET', `${ALL}?q=x`)
    expect(problemOf(refused)).toEqual([
      '400 invalid-request: q is not known here; known are cursor, count, changedSince.',
      'q',
    ])
  })

  test('has teams of both sides in the order of their ids, page by page', async () => {
    const ids: string[] = []
    for (const n of [1, 2, 3, 4]) {
      ids.push(await group(`Group ${n}`), (await made(`Team ${n}`)).id)
    }
    await group('Team 1')
    for (const count of [1, 3, 8, 100]) {
      const all = await pages(`?count=${count}`)
      expect(all.flatMap(({ items }) => items.map(({ id }) => id))).toEqual(ids.toSorted())
      for (const { items } of all) expect(items.length).toBeLessThanOrEqual(count)
    }
    const [{ items } = { items: [] }] = await pages('?count=100')
    const sources = items.flatMap((item) => ('source' in item ? [item.source] : []))
    expect(sources.toSorted()).toEqual([
      'both',
      'manual',
      'manual',
      'manual',
      'scim',
      'scim',
      'scim',
      'scim',
    ])
    const wrong = await scene.manage('GET', `${ALL}?cursor=x`)
    expect(problemOf(wrong)[0]).toMatch(/^400 invalid-request: cursor must be the nextCursor/)
    expect((await scene.manage('GET', 'tenants/nobody/teams')).status).toBe(404)
  })

  test('shows what is alike from both sides', async () => {
    const { id: hand } = await made('Tour Guides')
    const lower = await group('tour guides')
    const blanks = await group('Tour  Guides')
    await group('Tours')
    const groups = [
      { id: lower, name: 'tour guides' },
      { id: blanks, name: 'Tour  Guides' },
    ].toSorted((one, other) => (one.id < other.id ? -1 : 1))
    const shown = (await team(hand)).similar ?? []
    expect(shown.toSorted((one, other) => (one.id < other.id ? -1 : 1))).toEqual(groups)
    for (const id of [lower, blanks]) {
      expect((await team(id)).similar).toEqual([{ id: hand, name: 'Tour Guides' }])
    }
    const renamed = await patched(blanks, { op: 'replace', path: 'displayName', value: 'Guides' })
    expect(renamed.status).toBeLessThan(300)
    expect(await team(blanks)).not.toHaveProperty('similar')
    expect(await team(hand)).toMatchObject({ source: 'manual', similar: [{ id: lower }] })
  })

  test('tells what has changed since a position', async () => {
    const kept = await made('Kept')
    const gone = await made('Gone')
    await scene.manage('POST', ALL, { name: 'Never changed' })
    later(300)
    const [{ position } = { position: '' }] = await pages('')
    later(300)
    const born = await group('Kept')
    expect(born).toBe(kept.id)
    await scene.manage('DELETE', `${ALL}/${gone.id}`)
    const later1 = await pages(`?changedSince=${position}`)
    const items = later1.flatMap((page) => page.items)
    expect(items).toHaveLength(2)
    expect(items).toContainEqual({ id: gone.id, removed: true })
    expect(items).toContainEqual(expect.objectContaining({ id: kept.id, source: 'both' }))
    const wrong = await scene.manage('GET', `${ALL}?changedSince=x`)
    expect(problemOf(wrong)[0]).toMatch(/^400 invalid-request: changedSince must be the position/)
    later(91 * 24 * 3600)
    const old = await scene.manage('GET', `${ALL}?changedSince=${position}`)
    expect(problemOf(old)[0]).toMatch(/^410 gone: /)
  })
})

test('the activity tells who of the vendor did what', async () => {
  const ann = await hired('ann')
  const { id } = await made('Sales')
  later(1)
  await joined(id, ann)
  later(1)
  await left(id, ann)
  later(1)
  await scene.manage('PATCH', `${ALL}/${id}`, { name: 'Tours' })
  later(1)
  await scene.manage('DELETE', `${ALL}/${id}`)
  const { items } = await scene.activity(`acme/activity?subject=${id}`)
  expect(items.map(({ action }) => action)).toEqual([
    'delete team',
    'change team',
    'remove members',
    'add members',
    'create team',
  ])
  for (const { by, resource } of items) {
    expect(by).toEqual({ actor: 'manage', onBehalfOf: 'ana' })
    expect(resource).toMatchObject({ type: 'Team', id })
  }
  expect(items[3]).toMatchObject({ added: [{ id: ann }], resource: { name: 'Sales' } })
})

test('the people list tells who was put into a team, or out of one, and which teams that are', async () => {
  const [ann, bob] = [await hired('ann'), await hired('bob')]
  const { id } = await made('Sales')
  await joined(id, bob)
  later(300)
  const people = 'tenants/acme/people'
  const { json } = await scene.manage('GET', people)
  expect(json['items']).toContainEqual(
    expect.objectContaining({ id: bob, teams: [{ id, name: 'Sales' }] }),
  )
  later(300)
  await joined(id, ann)
  const since = `${people}?changedSince=${textOf({ json }, 'position')}`
  const changed = (await scene.manage('GET', since)).json['items']
  expect(changed).toMatchObject([{ id: ann, teams: [{ id, name: 'Sales' }] }])
  await scene.manage('DELETE', `${ALL}/${id}`)
  const emptied = (await scene.manage('GET', since)).json['items']
  expect(emptied).toHaveLength(2)
  expect(emptied).toMatchObject([{ teams: [] }, { teams: [] }])
})
