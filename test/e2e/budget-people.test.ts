import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { URN } from '../../lib/scim/urn.ts'
import type { JsonObject } from '../../lib/scim/json.ts'
import { inLockstep } from '../support/lockstep.ts'
import {
  FUNCTION_KEY,
  listOf,
  startTableApp,
  textOf,
  type Client,
  type TableAnswer,
  type TableApp,
} from '../support/table-app.ts'

/** People of the tenant: each has a manager and is in one of thirty teams, all of whom are read for a page. */
const PEOPLE = 240
const TEAMS = 30

let app: TableApp
let client: Client
let ids: readonly string[]
/** Milliseconds by which the app's clock is ahead. */
let ahead = 0

beforeAll(async () => {
  app = await startTableApp({
    transport: inLockstep(),
    now: () => new Date(Date.now() + ahead),
  })
  client = await app.client('small')
  const managers = await Promise.all(Array.from({ length: 20 }, async () => hired()))
  const others = Array.from({ length: PEOPLE }, async (_, n) =>
    hired({ [URN.enterpriseUser]: { manager: { value: managers[n % managers.length] ?? '' } } }),
  )
  ids = await Promise.all(others)
  const teams = Array.from({ length: TEAMS }, async (_, n) => {
    const members = ids.filter((_id, at) => at % TEAMS === n).map((value) => ({ value }))
    const body = { schemas: [URN.group], displayName: `Team ${n}`, members }
    await client.send('POST', '/Groups', body)
  })
  await Promise.all(teams)
})

afterAll(() => app.stop())

async function hired(attributes: JsonObject = {}): Promise<string> {
  const userName = `ann.${randomUUID()}@example.com`
  const name = { givenName: 'Ann', familyName: 'Annis' }
  const body = { schemas: [URN.user], userName, externalId: userName, name, ...attributes }
  return textOf((await client.send('POST', '/Users', body)).body, 'id')
}

async function manage(method: string, query: string, body?: JsonObject): Promise<TableAnswer> {
  const headers = { ...FUNCTION_KEY, 'content-type': 'application/json' }
  const path = `/../manage/tenants/small/people${query}`
  const answer = await client.send(method, path, body, headers)
  expect(answer).toMatchObject({ status: 200 })
  return answer
}

/** A position behind all that has happened: what is young comes again. */
async function positionOfNow(): Promise<string> {
  ahead += 10 * 60 * 1000
  return textOf((await manage('GET', '?count=1')).body, 'position')
}

async function searched(more = ''): Promise<TableAnswer> {
  const answer = await manage('GET', `?q=ann&count=100${more}`)
  expect(listOf(answer.body, 'items')).toHaveLength(100)
  return answer
}

/** Every row of the document's table, and the request it is about. */
const REQUESTS: Readonly<Record<string, () => Promise<TableAnswer>>> = {
  'People, a page of 100 with teams and managers': async () => {
    const answer = await manage('GET', '?count=100')
    const items = listOf(answer.body, 'items')
    expect(items).toHaveLength(100)
    expect(items.filter(({ manager }) => manager !== undefined).length).toBeGreaterThan(70)
    return answer
  },
  'People, a later page': async () => {
    const { body } = await manage('GET', '?count=100')
    return manage('GET', `?count=100&cursor=${textOf(body, 'nextCursor')}`)
  },
  'People, nobody has changed': async () => {
    const answer = await manage('GET', `?changedSince=${await positionOfNow()}`)
    expect(listOf(answer.body, 'items')).toEqual([])
    return answer
  },
  'People, two have changed': async () => {
    const position = await positionOfNow()
    for (const id of ids.slice(0, 2)) await manage('PATCH', `/${id}`, { position: randomUUID() })
    const answer = await manage('GET', `?changedSince=${position}`)
    expect(listOf(answer.body, 'items')).toHaveLength(2)
    return answer
  },
  'People, 200 have changed': async () => {
    const position = await positionOfNow()
    await Promise.all(
      ids.slice(0, 200).map((id) => manage('PATCH', `/${id}`, { position: randomUUID() })),
    )
    const answer = await manage('GET', `?changedSince=${position}&count=200`)
    expect(listOf(answer.body, 'items')).toHaveLength(200)
    return answer
  },
  'One person': () => manage('GET', `/${ids[0]}`),
  'Look-up by userName': async () => {
    const { body } = await manage('GET', `/${ids[0]}`)
    return manage('GET', `/lookup?userName=${textOf(body, 'userName')}`)
  },
  'Look-up by externalId': async () => {
    const { body } = await manage('GET', `/${ids[0]}`)
    return manage('GET', `/lookup?externalId=${textOf(body, 'externalId')}`)
  },
  'Look-up, somebody in no team': async () => {
    const manager = { [URN.enterpriseUser]: { manager: { value: ids[0] ?? '' } } }
    const { body } = await manage('GET', `/${await hired(manager)}`)
    return manage('GET', `/lookup?userName=${textOf(body, 'userName')}`)
  },
  'Search by the beginning of names, a page of 100': () => searched(),
  'Search by the beginning of names, a later page': async () => {
    const { body } = await searched()
    return searched(`&cursor=${textOf(body, 'nextCursor')}`)
  },
  'Teams, a page of 100, most of them made by hand': async () => {
    const path = '/../manage/tenants/small/teams'
    const headers = { ...FUNCTION_KEY, 'content-type': 'application/json' }
    const made = Array.from({ length: 90 }, async () =>
      client.send('POST', path, { name: `Crew ${randomUUID()}` }, headers),
    )
    await Promise.all(made)
    const answer = await manage('GET', '/../teams?count=100')
    expect(listOf(answer.body, 'items')).toHaveLength(100)
    return answer
  },
  'Levels, and how many have them': () => manage('GET', '/../levels'),
  'Invitations, a page': () => manage('GET', '/../invitations'),
  'Acknowledgements of 100 invitations': async () => {
    await manage('PATCH', '/../../small', { settings: { invitations: true } })
    ahead += 10 * 60 * 1000
    const due = await Promise.all(Array.from({ length: 100 }, async () => hired()))
    const path = '/../invitations/acknowledgements'
    const answer = await manage('POST', path, { ids: due })
    expect(answer.body).toMatchObject({ unknown: [] })
    await manage('PATCH', '/../../small', { settings: { invitations: false } })
    return answer
  },
  'A change of a person': () => manage('PATCH', `/${ids[0]}`, { position: randomUUID() }),
  'A deletion for good, a person in no team': async () =>
    manage('DELETE', `/${await hired()}?force=true`),
}

/** What the document says: round trips by request. */
function budget(): ReadonlyMap<string, number> {
  const [, section = ''] = readFileSync('docs/architecture.md', 'utf8').split('| People ')
  const [rows = ''] = section.split('\n\n')
  return new Map(
    rows
      .split('\n')
      .slice(2)
      .map((row) => {
        const [, label = '', roundTrips = ''] = row.split('|').map((cell) => cell.trim())
        return [label, Number(roundTrips)]
      }),
  )
}

test('the document has a row for each request', () => {
  expect([...budget().keys()]).toEqual(Object.keys(REQUESTS))
})

test.each(Object.entries(REQUESTS))('%s', async (request, send) => {
  // What is remembered is, the second time.
  await send()
  const { roundTrips } = await send()
  expect(roundTrips).toBe(budget().get(request))
})
