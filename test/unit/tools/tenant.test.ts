import { describe, expect, test } from 'vitest'
import { createAuthenticator } from '../../../lib/auth/authenticate.ts'
import { ScimError } from '../../../lib/scim/errors.ts'
import { createTenant } from '../../../lib/tenants/tenants.ts'
import { aDesk, type Desk } from './tenant-terminal.ts'

async function deskWith(...ids: readonly string[]): Promise<Desk> {
  const desk = aDesk()
  for (const id of ids) await desk.run('create', id)
  return desk
}

function secretTokenIn(text: string): string {
  return /scim_\w[\w-]*/.exec(text)?.[0] ?? ''
}

async function opens(desk: Desk, secretToken: string): Promise<string> {
  const authenticate = createAuthenticator({ store: desk.store, now: () => desk.at })
  return (await authenticate(`Bearer ${secretToken}`)).tenantId
}

async function tokenIds(desk: Desk, id: string): Promise<string[]> {
  return (await desk.store.credentials(id)).map((token) => token.id)
}

describe('create', () => {
  test('prints Tenant URL and Secret Token as npm start does, and the token works', async () => {
    const desk = aDesk()
    desk.environment['PUBLIC_BASE_URL'] = 'https://scim.example.com/api/scim'
    const { code, out, err } = await desk.run('create', 'acme', '--name', 'Acme Inc.')
    expect([code, err]).toEqual([0, ''])
    const [url, token] = out.split('\n')
    expect(url).toBe('Tenant URL    https://scim.example.com/api/scim')
    expect(token).toMatch(/^Secret Token {2}scim_acme_[a-z0-9]{12}_[0-9A-Za-z]{49}$/)
    expect(out).toContain('not shown again')
    expect(out).toContain('does not expire')
    expect(await opens(desk, secretTokenIn(out))).toBe('acme')
    expect(await desk.store.get('acme')).toMatchObject({ name: 'Acme Inc.' })
  })

  test('says what it does not know of the Tenant URL', async () => {
    const { out } = await aDesk().run('create', 'acme')
    expect(out).toMatch(/^Tenant URL {4}https:\/\/<your host>\/api\/scim$/m)
  })

  test.each([
    'https://scim.example.com',
    'https://scim.example.com/',
    'https://scim.example.com/api/scim/',
  ])('takes --url %s', async (url) => {
    const { out } = await aDesk().run('create', 'acme', '--url', url)
    expect(out).toMatch(/^Tenant URL {4}https:\/\/scim\.example\.com\/api\/scim$/m)
  })

  test('gives the first token a label and an expiry', async () => {
    const desk = aDesk()
    const { out } = await desk.run('create', 'acme', '--label', 'Entra', '--expires', '2027-06-30')
    expect(out).toContain('expires 2027-06-30T23:59:59.000Z')
    const expected = { label: 'Entra', expires: '2027-06-30T23:59:59.000Z' }
    expect(await desk.store.credentials('acme')).toMatchObject([expected])
  })

  test('as JSON is one document without hash and key', async () => {
    const desk = aDesk()
    const { out } = await desk.run('create', 'acme', '--json', '--url', 'https://a.example')
    const answer: unknown = JSON.parse(out)
    expect(answer).toMatchObject({
      tenant: { id: 'acme', name: 'acme', status: 'enabled', created: '2026-11-22T08:00:00.000Z' },
      tenantUrl: 'https://a.example/api/scim',
      token: { label: '', status: 'active', created: '2026-11-22T08:00:00.000Z' },
    })
    expect(await opens(desk, secretTokenIn(out))).toBe('acme')
    expect(out).not.toMatch(/signingKey|secretHash/)
  })

  test('refuses an id that is taken and issues nothing', async () => {
    const desk = await deskWith('acme')
    const { code, out, err } = await desk.run('create', 'acme')
    expect([code, out, err]).toEqual([1, '', 'there is a tenant acme already'])
    expect(await desk.store.credentials('acme')).toHaveLength(1)
  })

  test('refuses an id that cannot be', async () => {
    const { code, err } = await aDesk().run('create', 'Acme Inc.')
    expect(code).toBe(1)
    expect(err).toContain('a-z, 0-9 and -')
  })

  test('with a wrong expiry makes no tenant', async () => {
    const desk = aDesk()
    const { code, err } = await desk.run('create', 'acme', '--expires', 'soon')
    expect(code).toBe(2)
    expect(err).toContain('2027-06-30')
    expect(await desk.store.list()).toEqual([])
  })

  test.each(['x'.repeat(101), 'a\nb'])('with a wrong label makes no tenant', async (label) => {
    const desk = aDesk()
    const { code, err } = await desk.run('create', 'acme', '--label', label)
    expect([code, err]).toEqual([
      1,
      'the label of the token must have at most 100 characters, all of them printable',
    ])
    expect(await desk.store.list()).toEqual([])
  })

  test('that ends half-way says how to go on', async () => {
    const desk = aDesk()
    desk.store.addCredential = () => Promise.resolve(false)
    const { code, err } = await desk.run('create', 'acme')
    expect(code).toBe(1)
    expect(err).toContain('acme was created, but has no token: token issue acme')
  })
})

describe('list and show', () => {
  test('list is a table in the order of the ids', async () => {
    const desk = await deskWith('demo', 'acme')
    await desk.run('disable', 'demo')
    expect((await desk.run('list')).out.split('\n')).toEqual([
      'TENANT  NAME  STATUS    CREATED            STATE',
      'acme    acme  enabled   2026-11-22T08:00Z  waiting',
      'demo    demo  disabled  2026-11-22T08:00Z  disabled',
    ])
  })

  test('list as JSON has no secrets', async () => {
    const { out } = await (await deskWith('acme')).run('list', '--json')
    const created = '2026-11-22T08:00:00.000Z'
    const health = {
      state: 'waiting',
      reason: 'Not connected yet: no request has come with a credential of the tenant.',
      quarantineRisk: 'none',
    }
    expect(JSON.parse(out)).toEqual({
      tenants: [{ health, id: 'acme', name: 'acme', status: 'enabled', created }],
    })
  })

  test('list of nothing says what makes a tenant, and is an empty list as JSON', async () => {
    expect((await aDesk().run('list')).out).toContain('create <id>')
    expect(JSON.parse((await aDesk().run('list', '--json')).out)).toEqual({ tenants: [] })
  })

  test('show has the tenant and its tokens with their status', async () => {
    const desk = await deskWith('acme')
    await desk.run('token', 'issue', 'acme', '--label', 'Okta', '--expires', '1d')
    const [first = '', second = ''] = await tokenIds(desk, 'acme')
    const okta = (await desk.store.credentials('acme')).find((token) => token.label === 'Okta')
    await desk.run('token', 'revoke', 'acme', first === okta?.id ? second : first)
    desk.at = new Date('2026-11-24T08:00:00.000Z')
    const { out } = await desk.run('show', 'acme')
    expect(out).toMatch(/^acme +acme +enabled/m)
    expect(out).toMatch(/^TOKEN +LABEL +STATUS +CREATED +EXPIRES +LAST USED$/m)
    expect(out).toMatch(/^[a-z0-9]{12} +Okta +expired +\S+ +2026-11-23T08:00Z +never$/m)
    expect(out).toMatch(/^[a-z0-9]{12} +- +revoked +\S+ +never +never$/m)
    expect(out).not.toContain('scim_')
  })
})

describe('rename', () => {
  test('changes the name that people see, and its tokens stay', async () => {
    const desk = aDesk()
    const created = await desk.run('create', 'acme', '--name', 'Acme')
    const { code, out, err } = await desk.run('rename', 'acme', '--name', 'Acme 東京')
    expect([code, out, err]).toEqual([0, 'tenant acme is called Acme 東京', ''])
    expect((await desk.run('list')).out).toMatch(/^acme +Acme 東京 +enabled/m)
    expect(await opens(desk, secretTokenIn(created.out))).toBe('acme')
  })

  test('as JSON is the tenant', async () => {
    const { out } = await (await deskWith('acme')).run('rename', 'acme', '--name', 'A', '--json')
    const created = '2026-11-22T08:00:00.000Z'
    expect(JSON.parse(out)).toEqual({
      tenant: { id: 'acme', name: 'A', status: 'enabled', created },
    })
  })

  test('needs the name', async () => {
    const desk = await deskWith('acme')
    const { code, err } = await desk.run('rename', 'acme')
    expect(code).toBe(2)
    expect(err).toMatch(/^rename needs --name TEXT\n/)
    expect(await desk.run('rename', 'acme', '--name', ' ')).toMatchObject({
      code: 1,
      err: 'the name of the tenant must not be empty',
    })
  })
})

describe('disable and enable', () => {
  test('can be repeated', async () => {
    const desk = await deskWith('acme')
    for (const command of ['disable', 'disable', 'enable', 'enable']) {
      const { code, out } = await desk.run(command, 'acme')
      expect([code, out]).toEqual([0, `tenant acme is ${command}d, everywhere within 30 s`])
      expect(await desk.store.get('acme')).toMatchObject({ status: `${command}d` })
    }
  })
})

describe('delete', () => {
  test('with --yes refuses it, waits, removes the resources and then the tenant', async () => {
    const desk = await deskWith('acme', 'demo')
    const { partitionKey } = (await desk.store.get('acme')) ?? {}
    const { code, out, err } = await desk.run('delete', 'acme', '--yes')
    expect(code).toBe(0)
    expect(out).toContain('acme is deleted, and 12 rows')
    expect(err).toContain('waiting 180 s')
    expect([desk.settled, desk.erased]).toEqual([[180], [partitionKey, partitionKey]])
    expect((await desk.store.list()).map((tenant) => tenant.id)).toEqual(['demo'])
  })

  test('asks, and goes on when the id is typed', async () => {
    const desk = await deskWith('acme')
    desk.answer = ' acme '
    const { code, out } = await desk.run('delete', 'acme', '--json')
    expect(code).toBe(0)
    expect(desk.asked).toHaveLength(1)
    expect(JSON.parse(out)).toEqual({ deleted: 'acme', rows: 12 })
  })

  test.each(['', 'y', 'yes', 'acm'])(
    'asks, and does nothing at the answer "%s"',
    async (answer) => {
      const desk = await deskWith('acme')
      desk.answer = answer
      const { code, err } = await desk.run('delete', 'acme')
      expect([code, err]).toEqual([1, 'nothing is deleted'])
      expect(desk.erased).toEqual([])
      expect(await desk.store.get('acme')).toMatchObject({ status: 'enabled' })
    },
  )

  test('needs --yes when nobody can be asked', async () => {
    const desk = await deskWith('acme')
    const { code, err } = await desk.run('delete', 'acme')
    expect(code).toBe(2)
    expect(err).toContain('--yes')
    expect(await desk.store.get('acme')).toMatchObject({ status: 'enabled' })
  })
})

describe('token', () => {
  test('issue makes one more token that works beside the first', async () => {
    const desk = aDesk()
    const first = await desk.run('create', 'acme')
    const second = await desk.run('token', 'issue', 'acme', '--label', 'Okta', '--expires', '90d')
    expect(second.code).toBe(0)
    expect(second.out).toMatch(/^Tenant URL {4}\S.*\nSecret Token {2}scim_acme_/)
    expect(second.out).toContain('expires 2027-02-20T08:00:00.000Z')
    for (const { out } of [first, second]) {
      expect(await opens(desk, secretTokenIn(out))).toBe('acme')
    }
  })

  test('revoke ends one token, can be repeated, and leaves the others', async () => {
    const desk = aDesk()
    const first = await desk.run('create', 'acme')
    const [id = ''] = await tokenIds(desk, 'acme')
    const second = await desk.run('token', 'issue', 'acme')
    for (let n = 0; n < 2; n += 1) {
      expect(await desk.run('token', 'revoke', 'acme', id)).toMatchObject({ code: 0, err: '' })
    }
    await expect(opens(desk, secretTokenIn(first.out))).rejects.toThrow(/^unauthorized/)
    expect(await opens(desk, secretTokenIn(second.out))).toBe('acme')
  })

  test('list as JSON has status and dates, and no hash', async () => {
    const desk = await deskWith('acme')
    const [id = ''] = await tokenIds(desk, 'acme')
    const created = '2026-11-22T08:00:00.000Z'
    const { out } = await desk.run('token', 'list', 'acme', '--json')
    expect(JSON.parse(out)).toEqual({ tokens: [{ id, label: '', created, status: 'active' }] })
  })

  test('list of a tenant without tokens says what makes one', async () => {
    const desk = aDesk()
    await createTenant(desk.store, { id: 'acme', now: desk.at })
    expect((await desk.run('token', 'list', 'acme')).out).toContain('token issue <id>')
  })

  test('revoke of a wrong id says which there are', async () => {
    const desk = await deskWith('acme')
    const { code, err } = await desk.run('token', 'revoke', 'acme', 'missing')
    expect(code).toBe(1)
    const [id = ''] = await tokenIds(desk, 'acme')
    expect(err).toBe(`tenant acme has no token missing; there are: ${id}`)
  })
})

describe('a tenant that is not there', () => {
  test.each([
    ['show', 'amce'],
    ['rename', 'amce', '--name', 'x'],
    ['disable', 'amce'],
    ['enable', 'amce'],
    ['delete', 'amce', '--yes'],
    ['token', 'issue', 'amce'],
    ['token', 'list', 'amce'],
    ['token', 'revoke', 'amce', 'abcdefghij01'],
  ])('%s %s says which there are', async (...args) => {
    const { code, out, err } = await (await deskWith('demo', 'acme')).run(...args)
    expect([code, out, err]).toEqual([1, '', 'no tenant amce; there are: acme, demo'])
  })
})

describe('what goes wrong', () => {
  test('nobody foresaw is shown with its stack', async () => {
    const desk = aDesk({ open: () => Promise.reject(new RangeError('a mistake of ours')) })
    const { code, err } = await desk.run('list')
    expect(code).toBe(1)
    expect(err).toMatch(/RangeError: a mistake of ours\n +at /)
  })

  test('in the storage is said with the place that was asked', async () => {
    const outage = new ScimError('unavailable', 'the storage is not available; try again', {
      cause: Object.assign(new Error('x'), { name: 'RestError', code: 'ECONNREFUSED' }),
    })
    const desk = aDesk()
    desk.store.summaries = () => Promise.reject(outage)
    const { code, err } = await desk.run('list')
    expect(code).toBe(1)
    expect(err).toBe('the storage named by the environment does not answer (ECONNREFUSED)')
  })

  test('with the Azure login is said with what helps', async () => {
    const cause = Object.assign(new Error('x'), { name: 'CredentialUnavailableError' })
    const desk = aDesk()
    desk.store.summaries = () => Promise.reject(new ScimError('unavailable', 'x', { cause }))
    const { err } = await desk.run('list', '--endpoint', 'https://a.table.core.windows.net')
    expect(err).toMatch(/^there is no Azure login for https:\/\/a\.table\..* az login/)
  })
})

describe('sweep', () => {
  test('finishes interrupted deletions of one tenant and tells how many', async () => {
    const desk = await deskWith('acme', 'other')
    const { code, out } = await desk.run('sweep', 'acme')
    expect([code, out]).toEqual([0, 'tenant acme: 3 interrupted deletions are finished'])
    expect(desk.swept).toEqual([(await desk.store.get('acme'))?.partitionKey])
  })

  test('says which tenants there are when there is no such one', async () => {
    const desk = await deskWith('acme')
    const { code, err } = await desk.run('sweep', 'acne')
    expect([code, err]).toEqual([1, 'no tenant acne; there are: acme'])
    expect(desk.swept).toEqual([])
  })
})

describe('sweep --orphans', () => {
  const GONE = 'gone_0123456789abcdef'

  /** A desk where GONE was found a day ago. */
  async function deskWithOrphan(...ids: readonly string[]): Promise<Desk> {
    const desk = await deskWith(...ids)
    desk.rows.set(GONE, 1204)
    await desk.run('sweep', '--orphans')
    desk.at = new Date('2026-11-23T08:00:00.000Z')
    return desk
  }

  test('says that there is nothing', async () => {
    const { code, out, err } = await (await deskWith('acme')).run('sweep', '--orphans')
    expect([code, out, err]).toEqual([
      0,
      'every partition that this endpoint made has its tenant',
      '',
    ])
  })

  test('lists what it finds, and removes nothing the first time, --yes or not', async () => {
    const desk = await deskWith('acme')
    desk.rows.set(GONE, 1204)
    desk.at = new Date('2026-11-22T08:00:20.000Z')
    for (const args of [[], ['--yes']]) {
      const { code, out, err } = await desk.run('sweep', '--orphans', ...args)
      expect([code, out]).toEqual([
        0,
        'nothing is removed: a partition must be found without a tenant twice, 24 hours apart',
      ])
      expect(err.split('\n')).toEqual([
        'PARTITION              ROWS  FIRST FOUND        REMOVABLE',
        `${GONE}  1204  2026-11-22T08:00Z  2026-11-23T08:01Z`,
      ])
    }
    expect(desk.erased).toEqual([])
  })

  test('a day later asks, with numbers, and removes at "yes"', async () => {
    const desk = await deskWithOrphan('acme')
    desk.answer = 'yes'
    const { code, out, using } = await desk.run('sweep', '--orphans')
    expect(desk.asked).toEqual(['Type yes to remove 1 partition with 1,204 rows: '])
    expect([code, out]).toEqual([0, '0 deletions finished, 1 partition removed, 1,204 rows in all'])
    expect(desk.erased).toEqual([GONE])
    expect(using).toContain('using the tables')
    expect((await desk.run('sweep', '--orphans')).out).toContain('has its tenant')
  })

  test.each(['', 'y', 'no', GONE])('does nothing at the answer "%s"', async (answer) => {
    const desk = await deskWithOrphan()
    desk.answer = answer
    const { code, err } = await desk.run('sweep', '--orphans')
    expect(code).toBe(1)
    expect(err).toContain('nothing is removed')
    expect(desk.erased).toEqual([])
  })

  test('without anybody to ask needs --yes', async () => {
    const desk = await deskWithOrphan()
    const { code, out } = await desk.run('sweep', '--orphans')
    expect([code, out]).toEqual([
      0,
      'nothing is removed, as nobody can be asked; --yes removes what can be',
    ])
    expect(desk.erased).toEqual([])
    await desk.run('sweep', '--orphans', '--yes')
    expect(desk.erased).toEqual([GONE])
  })

  test('finishes deletions that were begun, waiting as delete does', async () => {
    const desk = await deskWith('acme', 'demo')
    const { partitionKey = '' } = (await desk.store.get('acme')) ?? {}
    desk.rows.set(partitionKey, 5)
    await desk.store.update('acme', () => ({ status: 'deleting' }))
    desk.answer = 'yes'
    const { code, out, err } = await desk.run('sweep', '--orphans', '--json')
    expect(code).toBe(0)
    expect(err).toContain('tenant acme: its deletion was begun and is not finished')
    expect(desk.asked).toEqual(['Type yes to finish 1 deletion (acme): '])
    expect(desk.settled).toEqual([180])
    expect(desk.rows.size).toBe(0)
    expect((await desk.store.list()).map(({ id }) => id)).toEqual(['demo'])
    expect(JSON.parse(out)).toEqual({
      orphans: [],
      foreign: [],
      deleting: ['acme'],
      finished: ['acme'],
      removed: [],
      rows: 5,
    })
  })

  test('takes no id, and no other command takes --orphans', async () => {
    const desk = aDesk()
    const { code, err } = await desk.run('sweep', 'acme', '--orphans')
    expect(code).toBe(2)
    expect(err).toMatch(/^sweep --orphans does not take "acme"/)
    expect((await desk.run('list', '--orphans')).err).toMatch(/^list has no option --orphans/)
    expect((await desk.run('sweep', '--yes', 'acme')).err).toMatch(/^sweep has no option --yes/)
  })
})

test('an option that npm has taken is not lost in silence', async () => {
  const desk = aDesk()
  desk.environment['npm_config_name'] = 'Acme'
  const { code, err } = await desk.run('create', 'acme', 'Acme')
  expect(code).toBe(2)
  expect(err).toContain('put two dashes before it: npm run tenant -- --name …')
  expect(desk.opened).toEqual([])
})
