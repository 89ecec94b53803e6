import { beforeEach, describe, expect, test } from 'vitest'
import { PROBLEM } from '../../../lib/manage/answers.ts'
import { DELETED_PERSON, PEOPLE_LIST, PERSON, SIGN_IN } from '../../../lib/manage/people-answers.ts'
import type { Stores } from '../../../lib/runtime.ts'
import { isArray, isObject, type JsonObject } from '../../../lib/scim/json.ts'
import { MESSAGE, URN } from '../../../lib/scim/urn.ts'
import { memoryStores } from '../../../lib/storage/memory/stores.ts'
import { deletion } from '../../support/changes.ts'
import { ENTRA, openScene, type Scene, type SceneAnswer } from '../../support/activity-scene.ts'
import { textOf } from '../../support/memory-app.ts'

const { enterpriseUser: ENTERPRISE, peopleUser: PEOPLE } = URN
const MANAGER = `${ENTERPRISE}:manager.value`
const ALL = 'tenants/acme/people'
const START = '2026-11-27T14:00:00.000Z'

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

async function hired(userName: string, attributes: JsonObject = {}): Promise<string> {
  const created = await scim('POST', '/Users', { schemas: [URN.user], userName, ...attributes })
  return textOf(created, 'id')
}

async function team(displayName: string, ...members: readonly string[]): Promise<string> {
  const body = { displayName, members: members.map((value) => ({ value })) }
  return textOf(await scim('POST', '/Groups', { schemas: [URN.group], ...body }), 'id')
}

function change(path: string, ...operations: readonly JsonObject[]): Promise<SceneAnswer> {
  return scim('PATCH', path, { schemas: [MESSAGE.patchOp], Operations: operations })
}

async function page(query = ''): Promise<ReturnType<typeof PEOPLE_LIST.parse>> {
  const answer = await scene.manage('GET', `${ALL}${query}`)
  expect(answer.headers['cache-control']).toBe('no-store')
  return PEOPLE_LIST.parse(answer.json)
}

/** All pages. */
async function pages(query: string): Promise<readonly ReturnType<typeof PEOPLE_LIST.parse>[]> {
  const all = [await page(query)]
  for (;;) {
    const cursor = all.at(-1)?.nextCursor
    if (cursor === undefined) return all
    all.push(await page(`${query}&cursor=${cursor}`))
  }
}

function itemsOf({ items }: ReturnType<typeof PEOPLE_LIST.parse>): readonly JsonObject[] {
  const plain: unknown = items
  return isArray(plain) ? plain.filter(isObject) : []
}

async function since(position: string, count = 100): Promise<readonly JsonObject[]> {
  const all = await pages(`?changedSince=${position}&count=${count}`)
  return all.flatMap(itemsOf)
}

async function person(id: string): Promise<ReturnType<typeof PERSON.parse>> {
  return PERSON.parse((await scene.manage('GET', `${ALL}/${id}`)).json)
}

/** `status kind: detail`, and the parts that it names. */
function problemOf({ status, json }: SceneAnswer): readonly (string | undefined)[] {
  const { type, detail, errors = [] } = PROBLEM.parse(json)
  const kind = type.replace('urn:scim-endpoint:problem:', '')
  return [
    `${status} ${kind}: ${detail}`,
    ...errors.map(({ pointer, parameter }) => pointer ?? parameter),
  ]
}

/** As a member of what is expected. */
function matching(pattern: RegExp): unknown {
  return expect.stringMatching(pattern)
}

describe('people', () => {
  test('have what SCIM knows of them, in the names of the application', async () => {
    const bossId = await hired('boss@acme.example', { displayName: 'The Boss' })
    await scene.manage('POST', 'tenants/acme/attributes', { id: 'shirt' })
    later(60)
    const id = await hired('ann@acme.example', {
      externalId: 'e1',
      name: { givenName: 'Ann', familyName: 'Lee' },
      title: 'Buyer',
      [ENTERPRISE]: { department: 'Purchase', manager: { value: bossId } },
      [PEOPLE]: { level: 'Senior', shirt: 'XL' },
    })
    const sales = await team('Sales', id)
    const found = await person(id)
    expect(found).toEqual({
      id,
      version: matching(/^[\w-]{16}$/),
      status: 'active',
      firstName: 'Ann',
      lastName: 'Lee',
      position: 'Buyer',
      department: 'Purchase',
      level: 'Senior',
      externalId: 'e1',
      userName: 'ann@acme.example',
      shirt: 'XL',
      manager: { id: bossId, name: 'The Boss', exists: true },
      teams: [{ id: sales, name: 'Sales' }],
    })
    const { items } = await page()
    expect(items).toContainEqual(found)
    expect(items).toHaveLength(2)
  })

  test('come page by page, with the position from before the first one', async () => {
    const ids = await Promise.all(Array.from({ length: 7 }, (_, n) => hired(`u${n}@acme.example`)))
    const sales = await team('Sales', ...ids)
    const first = await page('?count=3')
    later(600)
    const { nextCursor = '' } = first
    const late = await hired('late@acme.example')
    const second = await page(`?count=3&cursor=${nextCursor}`)
    const third = await page(`?count=3&cursor=${second.nextCursor ?? ''}`)
    expect(third).not.toHaveProperty('nextCursor')
    const all = [first, second, third]
    expect(new Set(all.map(({ position }) => position)).size).toBe(1)
    const items = all.flatMap(itemsOf)
    expect(items.map(({ id }) => id).filter((id) => id !== late)).toEqual(ids.toSorted())
    for (const { id, teams } of items) {
      expect(teams).toEqual(id === late ? [] : [{ id: sales, name: 'Sales' }])
    }
    expect((await since(first.position)).map(({ id }) => id)).toContain(late)
  })

  test('of a tenant that is not there, or goes, are not told', async () => {
    expect(problemOf(await scene.manage('GET', 'tenants/nobody/people'))).toEqual([
      '404 not-found: There is no tenant "nobody".',
      'id',
    ])
    await scene.manage('DELETE', 'tenants/acme')
    expect(problemOf(await scene.manage('GET', ALL))).toEqual([matching(/^409 not-possible: /)])
  })

  test('of another tenant are not there', async () => {
    const id = await hired('ann@acme.example')
    await scene.client('other', 'Entra')
    expect((await scene.manage('GET', `tenants/other/people/${id}`)).status).toBe(404)
    expect((await scene.manage('DELETE', `tenants/other/people/${id}`)).status).toBe(404)
    expect((await scene.manage('GET', `${ALL}/${id}`)).status).toBe(200)
  })

  test('one that is known is not told again', async () => {
    const id = await hired('ann@acme.example')
    const { headers } = await scene.manage('GET', `${ALL}/${id}`)
    const known = { 'if-none-match': headers['etag'] ?? '' }
    expect((await scene.manage('GET', `${ALL}/${id}`, undefined, known)).status).toBe(304)
    await team('Sales', id)
    expect((await scene.manage('GET', `${ALL}/${id}`, undefined, known)).status).toBe(200)
  })

  test.each([
    ['?cursor=x', 'cursor', /^400 invalid-request: cursor must be the nextCursor/],
    ['?changedSince=x', 'changedSince', /^400 invalid-request: changedSince must be the position/],
    ['?count=1001', 'count', /^400 invalid-request: count must be a whole number from 1 to 1000/],
    ['?query=ann', 'query', /^400 invalid-request: query is not known here/],
  ])('%s is refused', async (query, part, detail) => {
    expect(problemOf(await scene.manage('GET', `${ALL}${query}`))).toEqual([matching(detail), part])
  })
})

describe('changed since', () => {
  test('comes who was changed, who has moved, and who is removed', async () => {
    const [ann, bob, cat, dan] = [
      await hired('ann@acme.example'),
      await hired('bob@acme.example'),
      await hired('cat@acme.example'),
      await hired('dan@acme.example'),
    ]
    const sales = await team('Sales', cat)
    const { position } = await page()
    later(600)
    const second = await page(`?changedSince=${position}`)
    expect(second.items).toHaveLength(4)
    later(600)
    expect(await since(second.position)).toEqual([])
    await change(`/Users/${ann}`, { op: 'replace', path: 'title', value: 'Buyer' })
    later(1)
    await change(`/Groups/${sales}`, { op: 'add', path: 'members', value: [{ value: bob }] })
    later(1)
    await change(`/Groups/${sales}`, { op: 'remove', path: `members[value eq "${cat}"]` })
    later(1)
    await scim('DELETE', `/Users/${dan}`)
    const changed = await since(second.position)
    expect(changed).toEqual([
      { id: dan, removed: true },
      await person(cat),
      await person(bob),
      await person(ann),
    ])
    expect(await since(second.position, 1)).toEqual(changed)
  })

  test('whoever loses a team that is deleted comes, and the log has one entry of it', async () => {
    const ids = await Promise.all(Array.from({ length: 60 }, (_, n) => hired(`u${n}@acme.example`)))
    const sales = await team('Sales', ...ids)
    later(600)
    const { position } = await page()
    later(600)
    await scim('DELETE', `/Groups/${sales}`)
    const changed = await since(position)
    expect(new Set(changed.map(({ id }) => id))).toEqual(new Set(ids))
    expect(changed.every(({ teams }) => JSON.stringify(teams) === '[]')).toBe(true)
    const { items } = await scene.activity('acme/activity?count=200')
    const about = items.filter(({ resource }) => resource?.id === sales)
    expect(about.map(({ action }) => action)).toEqual([
      'delete group',
      'add members',
      'add members',
      'create group',
    ])
  })

  test('what comes twice has the same version', async () => {
    const id = await hired('ann@acme.example')
    const { position } = await page()
    const [once, again] = [await since(position), await since(position)]
    expect(once.map((each) => each['id'])).toEqual([id])
    expect(again).toEqual(once)
  })

  test('members who are no people, and those who never were, do not come', async () => {
    const { position } = await page()
    const nested = await team('Nested')
    const sales = await team('Sales', nested, '00000000-0000-4000-8000-000000000001')
    expect(sales).toBeDefined()
    expect(await since(position)).toEqual([])
  })

  test('a position that the journal does not reach is 410', async () => {
    const { position } = await page()
    await scene.manage('PATCH', 'tenants/acme', { settings: { activityDays: 7 } })
    later(6 * 24 * 3600)
    expect((await scene.manage('GET', `${ALL}?changedSince=${position}`)).status).toBe(200)
    later(24 * 3600)
    expect(problemOf(await scene.manage('GET', `${ALL}?changedSince=${position}`))).toEqual([
      matching(/^410 gone: .*Read everything again, without changedSince\.$/),
    ])
  })

  test('a position of another tenant is refused', async () => {
    const { position } = await page()
    await scene.client('other', 'Entra')
    const answer = await scene.manage('GET', `tenants/other/people?changedSince=${position}`)
    expect(problemOf(answer)).toEqual([matching(/^400 invalid-request/), 'changedSince'])
  })
})

describe('a change', () => {
  test('is made as the provider makes it, and told of whoever manages', async () => {
    const id = await hired('ann@acme.example', { title: 'Buyer' })
    const patch = { firstName: 'Ann', position: null, manager: { id: 'm-1' }, level: 'Senior' }
    const changed = await scene.manage('PATCH', `${ALL}/${id}`, patch)
    expect(changed.status).toBe(200)
    expect(changed.json).toEqual(await person(id))
    expect(changed.json).toMatchObject({
      firstName: 'Ann',
      level: 'Senior',
      manager: { id: 'm-1', exists: false },
    })
    expect(changed.json).not.toHaveProperty('position')
    const { items } = await scene.activity(`acme/activity?count=1&subject=${id}`)
    expect(items).toMatchObject([
      {
        action: 'change user',
        by: { actor: 'manage', onBehalfOf: 'ana' },
        resource: { id, name: 'ann@acme.example' },
        changed: ['name.givenName', MANAGER, `${PEOPLE}:level`],
        cleared: ['title'],
      },
    ])
    await change(`/Users/${id}`, { op: 'replace', path: 'name.givenName', value: 'Anna' })
    expect(await person(id)).toMatchObject({ firstName: 'Anna' })
    const cleared = await scene.manage('PATCH', `${ALL}/${id}`, { manager: null })
    expect(cleared.json).not.toHaveProperty('manager')
  })

  test('of the version that is known, and no other', async () => {
    const id = await hired('ann@acme.example')
    const { headers } = await scene.manage('GET', `${ALL}/${id}`)
    const known = { 'if-match': headers['etag'] ?? '' }
    // Teams are another thing: the person is as it was.
    await team('Sales', id)
    const first = await scene.manage('PATCH', `${ALL}/${id}`, { position: 'A' }, known)
    expect(first.status).toBe(200)
    const second = await scene.manage('PATCH', `${ALL}/${id}`, { position: 'B' }, known)
    expect(problemOf(second)).toEqual([matching(/^412 precondition-failed/)])
    const next = { 'if-match': first.headers['etag'] ?? '' }
    expect((await scene.manage('PATCH', `${ALL}/${id}`, { position: 'B' }, next)).status).toBe(200)
  })

  test.each<[string, JsonObject, string, RegExp]>([
    ['a name that there is not', { title: 'x' }, '#/title', /^400 invalid-request: "title" is not/],
    ['what follows', { status: 'active' }, '#/status', /^400 invalid-request: status cannot be/],
    [
      'a wrong value',
      { startDate: 'x' },
      '#/startDate',
      /^400 invalid-request: startDate must be /,
    ],
    ['no userName', { userName: null }, '#/userName', /^400 [\w-]+: userName is required/],
  ])('to %s is refused', async (_, patch, pointer, detail) => {
    const id = await hired('ann@acme.example')
    const before = await person(id)
    const answer = await scene.manage('PATCH', `${ALL}/${id}`, { position: 'B', ...patch })
    expect(problemOf(answer)).toEqual([matching(detail), pointer])
    expect(await person(id)).toEqual(before)
  })

  test('to the userName of somebody else is refused', async () => {
    const [id] = [await hired('ann@acme.example'), await hired('bob@acme.example')]
    const answer = await scene.manage('PATCH', `${ALL}/${id}`, { userName: 'BOB@acme.example' })
    expect(problemOf(answer)).toEqual([
      matching(/^409 taken: userName: Another User has this userName: id /),
      '#/userName',
    ])
  })

  test('to a unique value of somebody else, or an address outside, is refused', async () => {
    await scene.manage('POST', 'tenants/acme/attributes', { id: 'badge', unique: true })
    later(60)
    const [id] = [
      await hired('ann@acme.example'),
      await hired('bob@acme.example', { [PEOPLE]: { badge: '7' } }),
    ]
    const settings = { allowedEmailDomains: ['acme.example'] }
    await scene.manage('PATCH', 'tenants/acme', { settings })
    for (const [patch, pointer, detail] of [
      [{ BADGE: '7' }, '#/BADGE', /^409 taken: badge: Another User has this badge: id /],
      [{ userName: 'a@x.example' }, '#/userName', /^400 invalid-request: userName "a@x/],
      [
        { email: 'a@x.example' },
        '#/email',
        /^400 invalid-request: email "a@x.example" is outside of/,
      ],
    ] as const) {
      const answer = await scene.manage('PATCH', `${ALL}/${id}`, patch)
      expect(problemOf(answer)).toEqual([matching(detail), pointer])
    }
  })

  test('to __proto__ is refused as any name that there is not', async () => {
    const id = await hired('ann@acme.example')
    const patch: unknown = JSON.parse('{"__proto__": 1}')
    const answer = await scene.manage('PATCH', `${ALL}/${id}`, isObject(patch) ? patch : {})
    expect(problemOf(answer)).toEqual([
      matching(/^400 invalid-request: __proto__ is not known here/),
      '#/__proto__',
    ])
  })

  test('of nobody is refused', async () => {
    const answer = await scene.manage('PATCH', `${ALL}/nobody`, { position: 'B' })
    expect(problemOf(answer)).toEqual(['404 not-found: There is no person nobody.'])
  })

  test('is refused where the provider alone decides', async () => {
    const id = await hired('ann@acme.example')
    await scene.manage('PATCH', 'tenants/acme', { settings: { localEdits: false } })
    const answer = await scene.manage('PATCH', `${ALL}/${id}`, { position: 'B' })
    expect(problemOf(answer)).toEqual([matching(/^403 forbidden: The setting localEdits/)])
  })
})

describe('a deletion', () => {
  test('for good takes the account, the memberships and the values', async () => {
    const id = await hired('ann@acme.example', { active: false })
    const sales = await team('Sales', id)
    later(600)
    const { position } = await page()
    later(600)
    const answer = await scene.manage('DELETE', `${ALL}/${id}`)
    expect(DELETED_PERSON.parse(answer.json)).toEqual({
      id,
      deleted: true,
      notice: matching(/still assigned.*made anew/),
    })
    expect((await scene.manage('GET', `${ALL}/${id}`)).status).toBe(404)
    expect((await scim('GET', `/Users/${id}`)).status).toBe(404)
    expect((await scim('GET', `/Groups/${sales}`)).json).not.toHaveProperty('members')
    expect(await since(position)).toEqual([{ id, removed: true }])
    const { items } = await scene.activity(`acme/activity?count=2&subject=${id}`)
    expect(items).toContainEqual(
      expect.objectContaining({
        action: 'delete user',
        by: { actor: 'manage', onBehalfOf: 'ana' },
      }),
    )
    expect((await scene.manage('DELETE', `${ALL}/${id}`)).status).toBe(404)
    // The provider, which has the account assigned still.
    expect(await hired('ann@acme.example')).not.toBe(id)
  })

  test('of an active account is one that is forced', async () => {
    const id = await hired('ann@acme.example')
    expect(problemOf(await scene.manage('DELETE', `${ALL}/${id}`))).toEqual([
      matching(/^409 not-possible: The account is active: .*force=true/),
    ])
    expect((await scene.manage('DELETE', `${ALL}/${id}?force=false`)).status).toBe(409)
    expect((await scene.manage('DELETE', `${ALL}/${id}?force=yes`)).status).toBe(400)
    expect((await scene.manage('DELETE', `${ALL}/${id}?force=true`)).status).toBe(200)
  })

  test('of the version that is known, and no other', async () => {
    const id = await hired('ann@acme.example')
    const { headers } = await scene.manage('GET', `${ALL}/${id}`)
    const known = { 'if-match': headers['etag'] ?? '' }
    await change(`/Users/${id}`, { op: 'replace', path: 'title', value: 'Buyer' })
    const path = `${ALL}/${id}?force=true`
    expect((await scene.manage('DELETE', path, undefined, known)).status).toBe(412)
    const again = await scene.manage('GET', `${ALL}/${id}`)
    const now = { 'if-match': again.headers['etag'] ?? '' }
    expect((await scene.manage('DELETE', path, undefined, now)).status).toBe(200)
  })
})

async function lookUp(query: string): Promise<SceneAnswer> {
  return scene.manage('GET', `${ALL}/lookup?${query}`)
}

describe('a look-up', () => {
  test.each(['externalId=E%201', 'userName=ANN@acme.example', 'email=ann.lee@ACME.example'])(
    'by %s tells who signs in',
    async (query) => {
      const id = await hired('ann@acme.example', {
        externalId: 'E 1',
        emails: [{ value: 'ann.lee@acme.example', type: 'work' }],
        [PEOPLE]: { level: 'Senior' },
      })
      await hired('bob@acme.example', { emails: [{ value: 'bob@acme.example', type: 'work' }] })
      const sales = await team('Sales', id)
      const answer = await lookUp(query)
      expect(SIGN_IN.parse(answer.json)).toEqual({
        id,
        status: 'active',
        teams: [{ id: sales, name: 'Sales' }],
        level: 'Senior',
      })
      await change(`/Users/${id}`, { op: 'replace', path: 'active', value: 'False' })
      expect((await lookUp(query)).json).toMatchObject({ id, status: 'inactive' })
    },
  )

  test.each(['externalId=e%201', 'userName=ann', 'email=ann@home.example', 'email=a%22b%5C'])(
    'by %s finds nobody',
    async (query) => {
      await hired('ann@acme.example', {
        externalId: 'E 1',
        emails: [
          { value: 'ann@work.example', type: 'work' },
          { value: 'ann@home.example', type: 'home' },
        ],
      })
      expect(problemOf(await lookUp(query))).toEqual([
        matching(/^404 not-found: Nobody has this (?:externalId|userName|email)\.$/),
      ])
    },
  )

  test('of several tells the active one, and of several active ones nobody', async () => {
    const emails = [{ value: 'team@acme.example', type: 'work' }]
    await hired('old@acme.example', { emails, active: false })
    const id = await hired('new@acme.example', { emails })
    expect((await lookUp('email=team@acme.example')).json).toMatchObject({ id, status: 'active' })
    await hired('newer@acme.example', { emails })
    expect(problemOf(await lookUp('email=team@acme.example'))).toEqual([
      matching(/^409 not-possible: Several people have this email/),
    ])
  })

  test('by nothing says what is missing, and takes what SCIM takes', async () => {
    expect(problemOf(await lookUp(''))).toEqual([
      '400 invalid-request: externalId is missing: it must be there, or else userName or email.',
      'externalId',
    ])
    const externalId = 'x'.repeat(2000)
    const id = await hired('ann@acme.example', { externalId })
    expect((await lookUp(`externalId=${externalId}`)).json).toMatchObject({ id })
  })

  test.each(['', 'userName=', 'userName=a&email=b', 'name=a'])(
    'by "%s" is refused',
    async (query) => {
      expect((await lookUp(query)).status).toBe(400)
    },
  )
})

describe('a removed person whose account is kept', () => {
  const SAME = 'ann@acme.example'

  beforeEach(async () => {
    await scene.manage('PATCH', 'tenants/acme', { settings: { deletionPolicy: 'deactivate' } })
    later(31)
  })

  async function removed(attributes: JsonObject = {}): Promise<string> {
    const id = await hired(SAME, attributes)
    later(1)
    expect((await scim('DELETE', `/Users/${id}`)).status).toBe(204)
    later(1)
    return id
  }

  test('is shown as removed, in no list, and is not changed', async () => {
    const { position } = await page()
    const id = await removed({ title: 'Buyer' })
    const answer = await scene.manage('GET', `${ALL}/${id}`)
    expect(PERSON.parse(answer.json)).toMatchObject({
      id,
      status: 'removed',
      userName: SAME,
      position: 'Buyer',
      teams: [],
    })
    expect(itemsOf(await page())).toEqual([])
    expect(await since(position)).toEqual([{ id, removed: true }])
    const patch = await scene.manage('PATCH', `${ALL}/${id}`, { position: 'x' })
    expect(problemOf(patch)).toEqual([matching(/^409 not-possible: The person .* is removed: /)])
    expect((await lookUp(`userName=${SAME}`)).status).toBe(404)
    await scene.client('other', 'Entra')
    expect((await scene.manage('GET', `tenants/other/people/${id}`)).status).toBe(404)
  })

  test('is deleted for good: nobody returns by it', async () => {
    const id = await removed({ externalId: 'e1' })
    const { headers } = await scene.manage('GET', `${ALL}/${id}`)
    const other = { 'if-match': 'W/"x.y"' }
    expect((await scene.manage('DELETE', `${ALL}/${id}`, undefined, other)).status).toBe(412)
    const known = { 'if-match': headers['etag'] ?? '' }
    expect((await scene.manage('DELETE', `${ALL}/${id}`, undefined, known)).status).toBe(200)
    const { items } = await scene.activity(`acme/activity?count=1&subject=${id}`)
    expect(items).toMatchObject([
      { action: 'delete user', by: { actor: 'manage', onBehalfOf: 'ana' } },
    ])
    expect(items[0]).not.toHaveProperty('hidden')
    expect((await scene.manage('GET', `${ALL}/${id}`)).status).toBe(404)
    expect((await scene.manage('DELETE', `${ALL}/${id}`)).status).toBe(404)
    expect(await hired(SAME, { externalId: 'e1' })).not.toBe(id)
  })

  test('goes for good where the provider deletes the account while it is being deleted', async () => {
    const id = await hired(SAME, { externalId: 'e1' })
    const remove = stores.resources.delete.bind(stores.resources)
    stores.resources.delete = async (scope, type, before, by) => {
      stores.resources.delete = remove
      // By another instance: on this one they take turns.
      expect(await stores.resources.hide(scope, type, before, deletion())).toBe(true)
      return remove(scope, type, before, by)
    }
    expect((await scene.manage('DELETE', `${ALL}/${id}?force=true`)).status).toBe(200)
    expect((await scene.manage('GET', `${ALL}/${id}`)).status).toBe(404)
    expect(await hired(SAME, { externalId: 'e1' })).not.toBe(id)
  })

  test('goes for good where the person comes again while it is being deleted', async () => {
    const id = await removed({ externalId: 'e1' })
    const deleteHidden = stores.resources.deleteHidden.bind(stores.resources)
    stores.resources.deleteHidden = async (scope, type, before, by) => {
      stores.resources.deleteHidden = deleteHidden
      expect(await hired(SAME, { externalId: 'e1' })).toBe(id)
      return deleteHidden(scope, type, before, by)
    }
    expect((await scene.manage('DELETE', `${ALL}/${id}?force=true`)).status).toBe(200)
    expect((await scene.manage('GET', `${ALL}/${id}`)).status).toBe(404)
  })

  test('is joined with who may be the same: the old id, the new values and teams', async () => {
    const id = await removed({ externalId: 'e1', title: 'Buyer' })
    const returner = await hired(SAME, { externalId: 'e2', [PEOPLE]: { level: 'Senior' } })
    expect(await person(returner)).toMatchObject({ possibleReturner: id })
    const teams = [await team('Sales', returner), await team('Berlin', returner)]
    const made = await scene.manage('POST', 'tenants/acme/teams', { name: 'Choir' })
    const choir = textOf(made, 'id')
    await scene.manage('POST', `tenants/acme/teams/${choir}/members`, { personId: returner })
    const { position } = await page()
    later(600)
    const answer = await scene.manage('POST', `${ALL}/${returner}/restore`)
    expect(answer.status).toBe(200)
    const joined = PERSON.parse(answer.json)
    expect(joined).toEqual(await person(id))
    expect(joined).toMatchObject({ id, status: 'active', externalId: 'e2', level: 'Senior' })
    expect(joined).not.toHaveProperty('position')
    expect(joined).not.toHaveProperty('possibleReturner')
    expect(joined.teams.map((each) => each.id).toSorted()).toEqual([...teams, choir].toSorted())
    for (const each of teams) {
      expect((await scim('GET', `/Groups/${each}`)).json['members']).toMatchObject([{ value: id }])
    }
    const inChoir = await scene.manage('GET', `tenants/acme/teams/${choir}/members`)
    expect(inChoir.json).toMatchObject({ items: [{ id, source: 'manual' }] })
    expect((await scim('GET', `/Users/${returner}`)).status).toBe(404)
    expect(await since(position)).toEqual(
      expect.arrayContaining([{ id: returner, removed: true }, joined]),
    )
    const { items } = await scene.activity(`acme/activity?count=20&subject=${id}`)
    expect(items).toContainEqual(
      expect.objectContaining({
        action: 'restore user',
        by: { actor: 'manage', onBehalfOf: 'ana' },
      }),
    )
  })

  test('is joined with nobody where nobody is there, or is that person', async () => {
    const restore = async (id: string): Promise<readonly (string | undefined)[]> =>
      problemOf(await scene.manage('POST', `${ALL}/${id}/restore`))
    const id = await removed({ externalId: 'e1' })
    expect(await restore(id)).toEqual([matching(/^409 not-possible: This person is removed: /)])
    expect(await restore('nobody')).toEqual(['404 not-found: There is no person nobody.'])
    const returner = await hired(SAME, { externalId: 'e2' })
    await scene.manage('DELETE', `${ALL}/${id}`)
    expect(await restore(returner)).toEqual([
      matching(/^409 not-possible: The possibleReturner .* is not kept any more/),
    ])
    expect(await restore(await hired('bob@acme.example'))).toEqual([
      matching(/^409 not-possible: This person has no possibleReturner/),
    ])
    const patch = await scene.manage('PATCH', `${ALL}/${returner}`, { possibleReturner: id })
    expect(problemOf(patch)).toEqual([
      matching(/^400 invalid-request: possibleReturner cannot be changed here/),
      '#/possibleReturner',
    ])
  })
})
