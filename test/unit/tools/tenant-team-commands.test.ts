import { beforeEach, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { TEAM, TEAM_MEMBER } from '../../../lib/manage/team-answers.ts'
import { GROUP, USER } from '../../../lib/scim/default-resource-types.ts'
import type { JsonObject } from '../../../lib/scim/json.ts'
import type { ResourceType } from '../../../lib/scim/resource-type.ts'
import { requireTenant } from '../../../lib/tenants/tenants.ts'
import { newResource } from '../../contract/resource-store.ts'
import { aChange, scopeOf } from '../../support/changes.ts'
import { aDesk, type Desk } from './tenant-terminal.ts'

const ONE = z.strictObject({ team: TEAM })
const LIST = z.strictObject({
  tenant: z.strictObject({ id: z.string() }),
  teams: z.array(TEAM),
  more: z.boolean(),
  position: z.string(),
})
const MEMBERS = z.strictObject({
  team: z.strictObject({ id: z.string() }),
  members: z.array(TEAM_MEMBER),
  more: z.boolean(),
})

let desk: Desk

beforeEach(async () => {
  desk = aDesk()
  await desk.run('create', 'acme')
})

async function created(resourceType: ResourceType, attributes: JsonObject): Promise<string> {
  const { partitionKey } = await requireTenant(desk.store, 'acme')
  const resource = newResource(attributes)
  const note = { type: resourceType.name, subject: resource.id }
  const creation = { ...aChange('create'), note }
  return desk.resources.create(scopeOf(partitionKey), resourceType, resource, creation)
}

async function json(...args: readonly string[]): Promise<unknown> {
  const { code, out, err } = await desk.run('team', ...args, '--json')
  expect([code, err]).toEqual([0, ''])
  return JSON.parse(out)
}

async function added(name: string): Promise<string> {
  return ONE.parse(await json('add', 'acme', name)).team.id
}

describe('team', () => {
  test('add, show, rename and remove one that is made by hand', async () => {
    const id = await added('Tour Guides')
    const { team } = ONE.parse(await json('show', 'acme', id))
    expect(team).toMatchObject({ id, name: 'Tour Guides', source: 'manual' })
    const renamed = await desk.run('team', 'rename', 'acme', id, 'Guides')
    expect(renamed.out).toContain(`team ${id} of tenant acme is called Guides`)
    expect((await desk.run('team', 'remove', 'acme', id)).out).toMatch(/ is removed, /)
    const { code, err } = await desk.run('team', 'show', 'acme', id)
    expect(code).toBe(1)
    expect(err).toContain(`There is no team ${id}.`)
  })

  test('list shows both sides, what is alike, and what has changed since', async () => {
    const id = await added('Tour Guides')
    const other = await created(GROUP, { displayName: 'tour guides' })
    const { teams, more } = LIST.parse(await json('list', 'acme'))
    expect(more).toBe(false)
    expect(teams.map((each) => [each.id, each.source])).toEqual(
      [
        [id, 'manual'],
        [other, 'scim'],
      ].toSorted(([one = ''], [two = '']) => (one < two ? -1 : 1)),
    )
    const { out } = await desk.run('team', 'list', 'acme')
    expect(out).toMatch(/^ID +NAME +SOURCE +CREATED +SIMILAR\n/)
    expect(out).toMatch(/ Tour Guides +manual +\S+ +tour guides\n/)
    const [, position = ''] = /position: (\S+)/.exec(out) ?? []
    desk.at = new Date(desk.at.getTime() + 600_000)
    const { out: later } = await desk.run('team', 'list', 'acme')
    const [, next = ''] = /position: (\S+)/.exec(later) ?? []
    await desk.run('team', 'remove', 'acme', id)
    const since = await desk.run('team', 'list', 'acme', '--changed-since', next)
    expect(since.out).toMatch(new RegExp(`\\n${id} +- +removed`))
    expect(position).not.toBe('')
    const { err } = await desk.run('team', 'list', 'acme', '--count', '1')
    expect(err).toBe('')
    await added('Second')
    expect((await desk.run('team', 'list', 'acme', '--count', '1')).err).toContain('the first 1')
  })

  test('members, add-member and remove-member', async () => {
    const id = await added('Sales')
    const ann = await created(USER, { userName: 'ann' })
    expect((await desk.run('team', 'members', 'acme', id)).out).toBe('nobody is in it')
    expect((await desk.run('team', 'add-member', 'acme', id, ann)).out).toContain(' is in team ')
    const { members } = MEMBERS.parse(await json('members', 'acme', id))
    expect(members).toEqual([{ id: ann, type: 'person', source: 'manual' }])
    const left = await desk.run('team', 'remove-member', 'acme', id, ann)
    expect(left.out).toBe(`person ${ann} is in team ${id} no more`)
    const { code, err } = await desk.run('team', 'add-member', 'acme', id, 'nobody')
    expect(code).toBe(1)
    expect(err).toContain('personId must be the id of a person; nobody has nobody.')
  })

  test.each([
    ['', 'The name must have 1 to 200 characters.'],
    ['a\u0007', 'the name must have at most 200 characters, all of them printable'],
  ])('add refuses the name %j', async (name, said) => {
    expect((await desk.run('team', 'add', 'acme', name)).err).toContain(said)
  })
})
