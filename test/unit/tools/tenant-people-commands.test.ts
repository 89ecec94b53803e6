import { beforeEach, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { PERSON, SIGN_IN } from '../../../lib/manage/people-answers.ts'
import { USER } from '../../../lib/scim/default-resource-types.ts'
import type { JsonObject } from '../../../lib/scim/json.ts'
import { URN } from '../../../lib/scim/urn.ts'
import { journalPosition } from '../../../lib/storage/journal-position.ts'
import { requireTenant } from '../../../lib/tenants/tenants.ts'
import { newResource } from '../../contract/resource-store.ts'
import { aChange, scopeOf } from '../../support/changes.ts'
import { aDesk, type Desk } from './tenant-terminal.ts'

const LIST = z.strictObject({
  tenant: z.strictObject({ id: z.string() }),
  people: z.array(z.unknown()),
  more: z.boolean(),
  position: z.string(),
})

let desk: Desk

beforeEach(async () => {
  desk = aDesk()
  await desk.run('create', 'acme')
})

async function hired(userName: string, attributes: JsonObject = {}): Promise<string> {
  const resource = newResource({ userName, ...attributes })
  const { partitionKey } = await requireTenant(desk.store, 'acme')
  const creation = {
    ...aChange('create'),
    position: journalPosition(desk.at.toISOString(), Math.random),
    note: { type: 'User', subject: resource.id },
  }
  await desk.resources.create(scopeOf(partitionKey), USER, resource, creation)
  return resource.id
}

async function json(...args: readonly string[]): Promise<unknown> {
  const { code, out, err } = await desk.run('people', ...args, '--json')
  expect([code, err]).toEqual([0, ''])
  return JSON.parse(out)
}

async function listed(...options: readonly string[]): Promise<z.output<typeof LIST>> {
  return LIST.parse(await json('list', 'acme', ...options))
}

describe('people', () => {
  test('list, show, look up, change and delete them', async () => {
    const id = await hired('ann@acme.example', {
      name: { givenName: 'Ann' },
      [URN.peopleUser]: { level: 'Senior' },
    })
    const one = z.strictObject({ person: PERSON })
    const { person } = one.parse(await json('show', 'acme', id))
    expect(person).toMatchObject({ id, firstName: 'Ann', level: 'Senior', teams: [] })
    const { people, more } = await listed()
    expect([people, more]).toEqual([[person], false])
    const found = await json('lookup', 'acme', 'userName', 'ANN@acme.example')
    expect(z.strictObject({ person: SIGN_IN }).parse(found).person).toEqual({
      id,
      status: 'active',
      teams: [],
      level: 'Senior',
    })
    const changed = await json('change', 'acme', id, '{"firstName": null, "position": "Buyer"}')
    expect(one.parse(changed).person).toMatchObject({ position: 'Buyer' })
    expect(one.parse(changed).person).not.toHaveProperty('firstName')
    expect((await desk.run('people', 'delete', 'acme', id, '--yes')).err).toContain('--force')
    expect((await desk.run('people', 'delete', 'acme', id, '--yes', '--force')).out).toMatch(
      /^person .* is deleted, .* made anew by its next run$/,
    )
    expect((await desk.run('people', 'show', 'acme', id)).code).toBe(1)
    const { out } = await desk.run('activity', 'acme', '--subject', id)
    expect(out).toMatch(/deleted user/)
  })

  test('restore joins somebody with the removed person who it may have been', async () => {
    const { partitionKey } = await requireTenant(desk.store, 'acme')
    const scope = scopeOf(partitionKey)
    const id = await hired('ann@acme.example', { externalId: 'e1' })
    const account = await desk.resources.get(scope, USER, id)
    expect(account && (await desk.resources.hide(scope, USER, account, aChange('delete')))).toBe(
      true,
    )
    const newcomer = newResource({ userName: 'ann@acme.example', externalId: 'e2' })
    await desk.resources.createOrRestore(scope, USER, newcomer, aChange('create'))
    const { out } = await desk.run('people', 'show', 'acme', newcomer.id)
    expect(out).toMatch(new RegExp(`^possibleReturner +${id}$`, 'm'))
    expect((await desk.run('people', 'show', 'acme', id)).out).toMatch(/^status +removed$/m)
    const restored = await desk.run('people', 'restore', 'acme', newcomer.id)
    expect(restored.out).toMatch(
      new RegExp(`^person ${id} is there again; ${newcomer.id} is no person any more\n`),
    )
    expect(restored.out).toMatch(/^externalId +e2$/m)
  })

  test('list shows a table and the position, and goes on from one', async () => {
    const [ann] = [await hired('ann@acme.example'), await hired('bob@acme.example')]
    const { out } = await desk.run('people', 'list', 'acme')
    expect(out).toMatch(/^ID +STATUS +USER NAME +FIRST NAME/)
    expect(out).toMatch(/ active +ann@acme\.example/)
    const { position } = await listed()
    expect(out).toContain(`position: ${position}`)
    desk.at = new Date(desk.at.getTime() + 600_000)
    const { position: next } = await listed()
    desk.at = new Date(desk.at.getTime() + 600_000)
    expect((await desk.run('people', 'list', 'acme', '--changed-since', next)).out).toContain(
      'there is nobody',
    )
    await desk.run('people', 'delete', 'acme', ann, '--force', '--yes')
    const { people } = await listed('--changed-since', next)
    expect(people).toEqual([{ id: ann, removed: true }])
    const removed = await desk.run('people', 'list', 'acme', '--changed-since', next)
    expect(removed.out).toMatch(/ removed/)
  })

  test('list says when there are more', async () => {
    for (const n of [1, 2, 3]) await hired(`u${n}@acme.example`)
    const { err } = await desk.run('people', 'list', 'acme', '--count', '2')
    expect(err).toBe('the first 2 are listed; --count N or --all lists more')
    expect((await listed('--all')).people).toHaveLength(3)
  })

  test('list finds by the beginning of names', async () => {
    const ids = [
      await hired('ann@acme.example'),
      await hired('b', { name: { familyName: 'Annis' } }),
    ]
    await hired('joanna')
    const { people } = await listed('--q', 'ANN', '--count', '5')
    expect(people).toMatchObject(ids.map((id) => ({ id })))
  })

  test('delete asks whether that is meant', async () => {
    const id = await hired('ann@acme.example', { active: false })
    const unasked = await desk.run('people', 'delete', 'acme', id)
    expect([unasked.code, unasked.err]).toEqual([
      2,
      expect.stringContaining('people delete needs --yes when nobody can be asked'),
    ])
    desk.answer = 'no'
    const answered = await desk.run('people', 'delete', 'acme', id)
    expect(answered.code).toBe(1)
    expect(answered.err).toContain('nothing is deleted')
    desk.answer = id
    expect((await desk.run('people', 'delete', 'acme', id)).code).toBe(0)
  })

  test.each([
    [['lookup', 'acme', 'name', 'x'], 'people lookup takes one of externalId, userName, email'],
    [['change', 'acme', 'x', 'position=Buyer'], 'people change needs a JSON object, such as'],
    [['list', 'acme', '--count', '0'], '--count must be a whole number'],
    [['list', 'acme', '--q', ''], '--q needs what names begin with'],
    [['list', 'acme', '--q', 'a', '--changed-since', 'x'], '--q and --changed-since exclude'],
  ])('%j cannot be understood', async (args, expected) => {
    const { code, err } = await desk.run('people', ...args)
    expect(code).toBe(2)
    expect(err).toContain(expected)
  })

  test.each([
    [['list', 'nobody'], 'nobody'],
    [['list', 'acme', '--changed-since', 'x'], 'Read everything again'],
    [['show', 'acme', 'x'], 'There is no person x'],
    [['lookup', 'acme', 'email', 'x'], 'Nobody has this email'],
    [['change', 'acme', 'x', '{"nope": 1}'], '"nope" is not known here'],
  ])('%j cannot be done', async (args, expected) => {
    const { code, err } = await desk.run('people', ...args)
    expect([code, err]).toEqual([1, expect.stringContaining(expected)])
  })
})
