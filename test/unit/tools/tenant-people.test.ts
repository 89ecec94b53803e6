import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { GROUP, USER } from '../../../lib/scim/default-resource-types.ts'
import type { JsonObject } from '../../../lib/scim/json.ts'
import type { ResourceType } from '../../../lib/scim/resource-type.ts'
import { aChange, scopeOf } from '../../support/changes.ts'
import { aDesk, type Desk } from './tenant-terminal.ts'

const ADA = {
  userName: 'ada@acme.example',
  displayName: 'Ada Lovelace',
  externalId: 'Oid-4711',
  active: true,
  emails: [{ value: 'a.lovelace@work.example', type: 'work' }],
}

async function deskWithAcme(): Promise<Desk> {
  const desk = aDesk()
  await desk.run('create', 'acme')
  return desk
}

/** Resources of acme, or of another tenant; tells their ids. */
async function add(
  desk: Desk,
  resourceType: ResourceType,
  resources: readonly JsonObject[],
  tenantId = 'acme',
): Promise<readonly string[]> {
  const { partitionKey = '' } = (await desk.store.get(tenantId)) ?? {}
  const ids: string[] = []
  for (const attributes of resources) {
    const resource = { id: randomUUID(), created: '2026-11-22T07:00:00.000Z', attributes }
    const stamp = { version: 'v', lastModified: '2026-11-22T07:30:15.123Z' }
    await desk.resources.create(
      scopeOf(partitionKey),
      resourceType,
      resource,
      aChange('create', stamp),
    )
    ids.push(resource.id)
  }
  return ids
}

function people(count: number): readonly JsonObject[] {
  return Array.from({ length: count }, (_, n) => ({ userName: `user-${String(n)}`, active: true }))
}

/** What a listing has of lines, without its heading. */
function listed(text: string): readonly string[] {
  return text.split('\n').slice(1)
}

describe('show', () => {
  test('has the Tenant URL, how many users and groups there are, and each token’s last use', async () => {
    const desk = await deskWithAcme()
    await add(desk, USER, people(1204))
    await add(desk, GROUP, [{ displayName: 'Engineering' }])
    const [token] = await desk.store.credentials('acme')
    await desk.store.touchCredential('acme', token?.id ?? '', '2026-11-22T07:59:59.000Z')
    const { code, out } = await desk.run('show', 'acme', '--url', 'https://scim.example')
    expect(code).toBe(0)
    expect(out.split('\n')).toEqual([
      'TENANT  NAME  STATUS   CREATED            USERS  GROUPS',
      'acme    acme  enabled  2026-11-22T08:00Z  1,204  1',
      '',
      'Tenant URL    https://scim.example/api/scim',
      '',
      'Settings      requestsPerSecond 100, accessTokenHours 1, activityDays 90, namesInActivity true, allowedEmailDomains none, deletionPolicy delete, localEdits true, invitations false',
      '',
      'Health        waiting: Not connected yet: no request has come with a credential of the tenant.',
      'Last request  never, last success never, last refusal of a credential never',
      '24 hours      0 requests, 0 writes, of which 0 were refused or failed',
      '',
      expect.stringMatching(/^TOKEN +LABEL +STATUS +CREATED +EXPIRES +LAST USED$/),
      expect.stringMatching(/^\S+ +- +active +\S+ +never +2026-11-22T07:59Z$/),
    ])
  })

  test('as JSON has them as numbers, and times whole', async () => {
    const desk = await deskWithAcme()
    await add(desk, USER, people(2))
    const { out } = await desk.run('show', 'acme', '--json', '--url', 'https://scim.example')
    expect(JSON.parse(out)).toMatchObject({
      tenant: { id: 'acme', created: '2026-11-22T08:00:00.000Z' },
      tenantUrl: 'https://scim.example/api/scim',
      users: 2,
      groups: 0,
      tokens: [{ created: '2026-11-22T08:00:00.000Z' }],
    })
  })

  test('says what it does not know of the Tenant URL', async () => {
    const { out } = await (await deskWithAcme()).run('show', 'acme')
    expect(out).toMatch(/^Tenant URL {4}https:\/\/<your host>\/api\/scim$/m)
  })
})

describe('users and groups', () => {
  test('are tables', async () => {
    const desk = await deskWithAcme()
    const [ada] = await add(desk, USER, [ADA])
    const [group] = await add(desk, GROUP, [{ displayName: '東京' }])
    const id = 'ID'.padEnd(36)
    expect((await desk.run('users', 'acme')).out.split('\n')).toEqual([
      `${id}  USER NAME         ACTIVE  EXTERNAL ID  LAST MODIFIED`,
      `${String(ada)}  ada@acme.example  yes     Oid-4711     2026-11-22T07:30Z`,
    ])
    expect((await desk.run('groups', 'acme')).out.split('\n')).toEqual([
      `${id}  DISPLAY NAME  EXTERNAL ID  LAST MODIFIED`,
      `${String(group)}  東京          -            2026-11-22T07:30Z`,
    ])
  })

  test('as JSON have what the tables have, whole', async () => {
    const desk = await deskWithAcme()
    const [ada] = await add(desk, USER, [{ ...ADA, active: false, title: 'Countess' }])
    const [group] = await add(desk, GROUP, [{ displayName: 'x'.repeat(70) }])
    const times = { created: '2026-11-22T07:00:00.000Z', lastModified: '2026-11-22T07:30:15.123Z' }
    const { emails: _, ...named } = ADA
    expect(JSON.parse((await desk.run('users', 'acme', '--json')).out)).toEqual({
      tenant: { id: 'acme' },
      users: [{ id: ada, ...named, active: false, ...times }],
      more: false,
    })
    expect(JSON.parse((await desk.run('groups', 'acme', '--json')).out)).toEqual({
      tenant: { id: 'acme' },
      groups: [{ id: group, displayName: 'x'.repeat(70), ...times }],
      more: false,
    })
  })

  test('of another tenant are not listed', async () => {
    const desk = await deskWithAcme()
    await desk.run('create', 'other')
    await add(desk, USER, [ADA], 'other')
    expect((await desk.run('users', 'acme')).out).toBe('tenant acme has no users')
    expect((await desk.run('groups', 'other')).out).toBe('tenant other has no groups')
  })

  test('have long names cut in a table', async () => {
    const desk = await deskWithAcme()
    await add(desk, GROUP, [{ displayName: '🎉'.repeat(31) }, { displayName: 'x'.repeat(60) }])
    const { out } = await desk.run('groups', 'acme')
    expect(out).toContain(` ${'🎉'.repeat(29)}…   `)
    expect(out).toContain(` ${'x'.repeat(60)}  `)
  })

  test.each(['users', 'groups'])('%s of no tenant say which there are', async (command) => {
    const { code, err } = await (await deskWithAcme()).run(command, 'acne')
    expect([code, err]).toEqual([1, 'no tenant acne; there are: acme'])
  })

  test('cannot write to the terminal what they like, in JSON neither', async () => {
    const desk = await deskWithAcme()
    const displayName = 'x\u001B[2J\u009B2J\u202Ey'
    await add(desk, USER, [{ userName: 'x', externalId: displayName }])
    expect((await desk.run('users', 'acme')).out).toContain('x\uFFFD[2J\uFFFD2J\uFFFDy')
    const { out } = await desk.run('users', 'acme', '--json')
    expect(out).toContain(String.raw`x\u001b[2J\u009b2J\u202ey`)
    expect(JSON.parse(out)).toMatchObject({ users: [{ externalId: displayName }] })
  })
})

describe('with a text', () => {
  const GRACE = { userName: 'grace@acme.example', displayName: 'Grace "Amazing" Hopper' }

  test.each([
    ['userName', 'ADA@'],
    ['displayName', ' lovelace '],
    ['externalId', 'oid-4711'],
    ['an e-mail address', 'work.EXAMPLE'],
  ])('users that have it in %s are listed, case ignored', async (_, text) => {
    const desk = await deskWithAcme()
    await add(desk, USER, [ADA, GRACE])
    const { code, out } = await desk.run('users', 'acme', text)
    expect(code).toBe(0)
    expect(listed(out)).toEqual([expect.stringContaining('ada@acme.example')])
  })

  test('quotes in it are characters like others', async () => {
    const desk = await deskWithAcme()
    await add(desk, USER, [ADA, GRACE])
    const { out } = await desk.run('users', 'acme', '"amazing"')
    expect(listed(out)).toEqual([expect.stringContaining('grace@acme.example')])
  })

  test('groups that have it in displayName or externalId are listed', async () => {
    const desk = await deskWithAcme()
    await add(desk, GROUP, [
      { displayName: 'Engineering' },
      { displayName: 'Sales', externalId: 'ENGAGE' },
      { displayName: 'Legal' },
    ])
    expect(listed((await desk.run('groups', 'acme', 'eng')).out)).toHaveLength(2)
  })

  test('that nobody has, it is said where it was looked for', async () => {
    const desk = await deskWithAcme()
    await add(desk, USER, [ADA])
    expect(await desk.run('users', 'acme', 'countess')).toMatchObject({
      code: 0,
      out: 'tenant acme has no users with that text in any of userName, displayName, externalId, emails.value',
    })
    const { out } = await desk.run('users', 'acme', 'countess', '--json')
    expect(JSON.parse(out)).toEqual({ tenant: { id: 'acme' }, users: [], more: false })
  })
})

describe('how many', () => {
  test('100 are listed, and stderr says that there are more', async () => {
    const desk = await deskWithAcme()
    await add(desk, USER, people(1234))
    const { code, out, err } = await desk.run('users', 'acme')
    expect([code, listed(out).length]).toEqual([0, 100])
    expect(err).toBe('the first 100 of 1,234 users are listed; --count N or --all lists more')
    const searched = await desk.run('users', 'acme', 'user-1', '--json')
    expect(JSON.parse(searched.out)).toMatchObject({ more: true })
    expect(searched.err).toBe(
      'the first 100 users with that text are listed; --count N or --all lists more',
    )
  })

  test('exactly as many as are wanted are no reason to say so', async () => {
    const desk = await deskWithAcme()
    await add(desk, USER, people(100))
    const { out, err } = await desk.run('users', 'acme')
    expect([listed(out).length, err]).toEqual([100, ''])
  })

  test.each([
    [['--count', '7'], 7],
    [['user-9', '--count', '3'], 3],
    [['--all'], 250],
    [['user-2', '--all'], 61],
  ])('%j are listed, however many a page of the store has', async (args, expected) => {
    const desk = await deskWithAcme()
    await add(desk, USER, people(250))
    const asked: number[] = []
    const resources: Desk['resources'] = { ...desk.resources }
    desk.resources.listFrom = (scope, resourceType, query) => {
      asked.push(query.count)
      return resources.listFrom(scope, resourceType, {
        ...query,
        count: Math.min(query.count, 20),
      })
    }
    const { out } = await desk.run('users', 'acme', ...args)
    expect(new Set(listed(out)).size).toBe(expected)
    expect(listed(out)).toHaveLength(expected)
    expect(asked).toHaveLength(Math.ceil(expected / 20))
  })

  test.each([
    [['--count', '0'], '--count must be a whole number from 1, not "0"'],
    [['--count', '1.5'], '--count must be a whole number from 1, not "1.5"'],
    [['--count', 'all'], '--count must be a whole number from 1, not "all"'],
    [['--count', '5', '--all'], '--count and --all exclude each other; give one'],
    [[' '], 'the text to look for is empty'],
    [['Ada', 'Lovelace'], 'users does not take "Lovelace"; a text with spaces needs quotes'],
  ])('%j is refused in one line', async (args, message) => {
    const { code, out, err } = await (await deskWithAcme()).run('users', 'acme', ...args)
    expect([code, out]).toEqual([2, ''])
    expect(err.split('\n')[0]).toBe(message)
  })
})
