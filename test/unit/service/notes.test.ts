import { describe, expect, test } from 'vitest'
import { GROUP, USER } from '../../../lib/scim/default-resource-types.ts'
import type { JsonObject } from '../../../lib/scim/json.ts'
import type { ResourceType } from '../../../lib/scim/resource-type.ts'
import { MESSAGE, URN } from '../../../lib/scim/urn.ts'
import { bulk } from '../../../lib/service/bulk.ts'
import type { ServiceContext } from '../../../lib/service/context.ts'
import { create } from '../../../lib/service/create.ts'
import { remove } from '../../../lib/service/delete.ts'
import { patch } from '../../../lib/service/patch.ts'
import { replace } from '../../../lib/service/replace.ts'
import type { Change, JournalNote } from '../../../lib/storage/port.ts'
import { asked, askedPatch, serviceRig, type Rig } from '../../support/service-rig.ts'

/** A rig, and the changes that its stores were asked for. */
interface Noting extends Rig {
  readonly changes: Change[]
}

/** @param loses how many writes of attributes somebody else is faster than. */
function notingRig(loses = 0): Noting {
  const changes: Change[] = []
  let lost = 0
  const rig = serviceRig({
    store: (real) => ({
      create: async (scope, type, resource, change) => {
        changes.push(change)
        return real.create(scope, type, resource, change)
      },
      replace: async (scope, type, before, attributes, change) => {
        changes.push(change)
        if (lost < loses) {
          lost += 1
          const position = `${change.position.slice(0, -1)}!`
          const other = { ...before.attributes, nickName: 'changed by another' }
          await real.replace(scope, type, before, other, { ...change, position })
          return false
        }
        return real.replace(scope, type, before, attributes, change)
      },
      delete: async (scope, type, before, change) => {
        changes.push(change)
        return real.delete(scope, type, before, change)
      },
    }),
    memberships: (real) => ({
      changeMembers: async (scope, id, members, change, revision) => {
        changes.push(change)
        return real.changeMembers(scope, id, members, change, revision)
      },
    }),
  })
  return { ...rig, changes }
}

function notesOf({ changes }: Noting): readonly (JournalNote & { readonly operation: string })[] {
  return changes.splice(0).map(({ operation, note }) => Object.assign({ operation }, note))
}

/** The context of one request, which has come with what was ignored. */
function requestWith(context: ServiceContext, ignored: readonly string[] = []): ServiceContext {
  return { ...context, noteIgnored: () => {}, ignored: () => ignored }
}

const ADA = {
  schemas: [URN.user],
  userName: 'ada@example.com',
  externalId: '7e0c',
  active: true,
  name: { givenName: 'Ada' },
  emails: [{ value: 'ada@example.com', type: 'work' }],
}
const { active: _active, ...NEW } = ADA
const ABOUT_ADA = { type: 'User', name: 'ada@example.com', externalId: '7e0c' }

async function ada(rig: Noting): Promise<string> {
  const id = await rig.add(USER, ADA)
  rig.changes.length = 0
  return id
}

const changing = (rig: Noting, id: string, ...operations: JsonObject[]): Promise<unknown> =>
  patch(requestWith(rig.context), USER, askedPatch(id, operations))

async function sales(rig: Noting): Promise<string> {
  const id = await rig.add(GROUP, { displayName: 'Sales', members: [{ value: 'a' }] })
  rig.changes.length = 0
  return id
}

const add = (value: string): JsonObject => ({ op: 'add', path: 'members', value: [{ value }] })

const post = (bulkId: string, data: JsonObject): JsonObject => ({
  method: 'POST',
  path: '/Users',
  bulkId,
  data: { schemas: [URN.user], ...data },
})

const run = (rig: Rig, Operations: readonly JsonObject[]): Promise<unknown> =>
  bulk(rig.context, asked({ body: { schemas: [MESSAGE.bulkRequest], Operations } }))

const managed = (userName: string, manager: string): JsonObject =>
  post(userName, {
    userName,
    [URN.enterpriseUser]: { manager: { value: `bulkId:${manager}` } },
  })

describe('what the journal tells of a change', () => {
  test('POST: what was set, and no value but the one to recognise by', async () => {
    const rig = notingRig()
    const id = await rig.add(USER, ADA)
    expect(notesOf(rig)).toEqual([
      {
        operation: 'create',
        ...ABOUT_ADA,
        subject: id,
        changed: ['externalId', 'userName', 'name.givenName', 'active', 'emails'],
      },
    ])
  })

  test('a name is cut between characters', async () => {
    const rig = notingRig()
    const beginning = 'x'.repeat(199)
    await rig.add(USER, { ...ADA, userName: `${beginning}😀`, externalId: `${beginning}😀` })
    expect(notesOf(rig)).toMatchObject([{ name: beginning, externalId: beginning }])
  })

  test('PATCH: what is stored otherwise than before, not what was sent', async () => {
    const rig = notingRig()
    const id = await ada(rig)
    await changing(
      rig,
      id,
      { op: 'replace', path: 'name', value: { givenName: 'Ada', familyName: 'Lovelace' } },
      { op: 'remove', path: 'emails' },
    )
    expect(notesOf(rig)).toEqual([
      {
        operation: 'patch',
        ...ABOUT_ADA,
        subject: id,
        changed: ['name.familyName'],
        cleared: ['emails'],
      },
    ])
  })

  test('PUT: what it leaves out is cleared', async () => {
    const rig = notingRig()
    const id = await ada(rig)
    const body = { schemas: [URN.user], userName: 'ada@example.com', title: 'Countess' }
    await replace(requestWith(rig.context), USER, asked({ id, body }))
    expect(notesOf(rig)).toEqual([
      {
        operation: 'put',
        type: 'User',
        subject: id,
        name: 'ada@example.com',
        changed: ['title'],
        cleared: ['externalId', 'name.givenName', 'emails'],
      },
    ])
  })

  test('a PATCH that changes nothing is not written', async () => {
    const rig = notingRig()
    const id = await ada(rig)
    await changing(rig, id, { op: 'replace', path: 'active', value: 'True' })
    expect(notesOf(rig)).toEqual([])
  })

  test('DELETE: who it was', async () => {
    const rig = notingRig()
    const id = await ada(rig)
    await remove(requestWith(rig.context), USER, asked({ id }))
    expect(notesOf(rig)).toEqual([{ operation: 'delete', ...ABOUT_ADA, subject: id }])
  })

  test('whether somebody was activated or deactivated', async () => {
    const rig = notingRig()
    const id = await ada(rig)
    await changing(rig, id, { op: 'replace', path: 'active', value: false })
    await changing(rig, id, { op: 'replace', path: 'title', value: 'x' })
    await changing(rig, id, { op: 'replace', path: 'active', value: true })
    expect(notesOf(rig).map(({ flip }) => flip)).toEqual(['deactivated', undefined, 'activated'])
    await rig.add(USER, { userName: 'bob', active: false })
    expect(notesOf(rig)[0]).not.toHaveProperty('flip')
  })

  test('the name is the one that is had afterwards', async () => {
    const rig = notingRig()
    const id = await ada(rig)
    await changing(rig, id, { op: 'replace', path: 'userName', value: 'ada.lovelace@example.com' })
    expect(notesOf(rig)).toMatchObject([{ name: 'ada.lovelace@example.com' }])
  })

  test('no name where names are switched off', async () => {
    const rig = notingRig()
    const context = { ...requestWith(rig.context), namesInActivity: false }
    const { id = '' } = await create(context, USER, asked({ body: ADA }))
    await patch(context, USER, askedPatch(id, [{ op: 'add', path: 'title', value: 'x' }]))
    await remove(context, USER, asked({ id }))
    const notes = notesOf(rig)
    expect(notes).toHaveLength(3)
    for (const note of notes) expect(note).not.toHaveProperty('name')
  })

  test('each attempt tells what it would change', async () => {
    const rig = notingRig(1)
    const id = await ada(rig)
    await changing(
      rig,
      id,
      { op: 'remove', path: 'nickName' },
      { op: 'add', value: { title: 'x' } },
    )
    const [first, second, ...more] = rig.changes
    expect(more).toEqual([])
    expect(first?.note).toMatchObject({ changed: ['title'] })
    expect(first?.note).not.toHaveProperty('cleared')
    expect(second?.note).toMatchObject({ changed: ['title'], cleared: ['nickName'] })
    expect(second?.position).toBe(first?.position)
  })

  test('the author and the request are those of the context', async () => {
    const rig = notingRig()
    const author = { actor: 'credential:k3v9x0a1b2c3', client: 'entra' }
    const context = { ...requestWith(rig.context), author, requestId: 'r1' }
    await create(context, USER, asked({ body: ADA }))
    expect(rig.changes).toMatchObject([{ author, requestId: 'r1' }])
  })
})

describe('names that were ignored', () => {
  const ignored = ['departmnt (department?)']

  test('are in the entry of the change', async () => {
    const rig = notingRig()
    const context = requestWith(rig.context, ignored)
    const { id = '' } = await create(context, USER, asked({ body: ADA }))
    await patch(context, USER, askedPatch(id, [{ op: 'add', path: 'title', value: 'x' }]))
    await replace(context, USER, asked({ id, body: ADA }))
    expect(notesOf(rig).map((note) => note.ignored)).toEqual([ignored, ignored, ignored])
  })

  test('are told once where a request makes two changes', async () => {
    const rig = notingRig()
    const context = requestWith(rig.context, ignored)
    const members = [{ value: 'a' }]
    const body = { schemas: [URN.group], displayName: 'Sales', members }
    const { id = '' } = await create(context, GROUP, asked({ body }))
    const operations = [
      { op: 'add', path: 'members', value: [{ value: 'b' }] },
      { op: 'replace', path: 'displayName', value: 'Sales, all' },
    ]
    await patch(context, GROUP, askedPatch(id, operations))
    await patch(context, GROUP, askedPatch(id, operations.slice(0, 1)))
    const told = notesOf(rig).map(({ operation, ignored: names }) => [operation, names])
    expect(told).toEqual([
      ['create', ignored],
      ['members', undefined],
      ['patch', ignored],
      ['members', undefined],
      ['members', ignored],
    ])
  })
})

describe('members', () => {
  test('that are changed alone are told by the id of their group: nobody has read it', async () => {
    const rig = notingRig()
    const id = await sales(rig)
    await patch(requestWith(rig.context), GROUP, askedPatch(id, [add('b')]))
    expect(notesOf(rig)).toEqual([{ operation: 'members', type: 'Group', subject: id }])
  })

  test('have the name of a group that was read, the one that it has then', async () => {
    const rig = notingRig()
    const id = await sales(rig)
    const rename = { op: 'replace', path: 'displayName', value: 'Sales, all' }
    await patch(requestWith(rig.context), GROUP, askedPatch(id, [rename, add('b')]))
    const about = { type: 'Group', subject: id, name: 'Sales, all' }
    expect(notesOf(rig)).toEqual([
      { operation: 'patch', ...about, changed: ['displayName'] },
      { operation: 'members', ...about },
    ])
  })

  test('of a creation that failed: the group is removed, and that is the cause', async () => {
    const changes: Change[] = []
    const rig = serviceRig({
      store: (real) => ({
        delete: async (scope, type, before, change) => {
          changes.push(change)
          return real.delete(scope, type, before, change)
        },
      }),
      memberships: () => ({ changeMembers: async () => Promise.reject(new Error('down')) }),
    })
    const body = { schemas: [URN.group], displayName: 'Sales', members: [{ value: 'a' }] }
    const context = requestWith(rig.context, ['x'])
    await expect(create(context, GROUP, asked({ body }))).rejects.toThrow('down')
    const [undo] = changes
    expect(undo?.note).toEqual({
      type: 'Group',
      subject: undo?.note.subject,
      name: 'Sales',
      cause: undo?.note.subject,
    })
  })
})

describe('a bulk', () => {
  test('each operation has an id and ignored names of its own', async () => {
    const rig = notingRig()
    await run(rig, [
      post('a', { userName: 'a', departmnt: 'x' }),
      post('b', { userName: 'b' }),
      post('c', { userName: 'c', titel: 'x' }),
    ])
    const told = rig.changes.map(({ requestId, note }) => [requestId, note.name, note.ignored])
    expect(told).toEqual([
      ['request:0', 'a', ['departmnt (department?)']],
      ['request:1', 'b', undefined],
      ['request:2', 'c', ['titel (title?)']],
    ])
    expect(rig.ignored.list()).toEqual(['departmnt (department?)', 'titel (title?)'])
  })

  test('what became of each operation is noted', async () => {
    const rig = notingRig()
    const id = await ada(rig)
    await run(rig, [
      post('a', { userName: 'bob' }),
      { method: 'PATCH', path: `/Users/${id}`, data: { Operations: [{ op: 'dance' }] } },
      { method: 'DELETE', path: '/Groups/none' },
      { method: 'DANCE', path: '/Users/x' },
    ])
    const told = rig.operations.map(({ requestId, method, status, id: about, ...rest }) => {
      return [requestId, method, status, rest.resourceType?.name, about, rest.error?.kind]
    })
    expect(told).toEqual([
      ['request:0', 'POST', 201, 'User', undefined, undefined],
      ['request:1', 'PATCH', 400, 'User', id, 'invalidSyntax'],
      ['request:2', 'DELETE', 404, 'Group', 'none', 'notFound'],
      ['request:3', 'POST', 400, undefined, undefined, 'invalidSyntax'],
    ])
  })

  test('a POST that is taken back is the cause of its removal', async () => {
    const changes: Change[] = []
    const rig = serviceRig({
      store: (real) => ({
        replace: async () => Promise.reject(new Error('down')),
        delete: async (scope, type, before, change) => {
          changes.push(change)
          return real.delete(scope, type, before, change)
        },
      }),
    })
    await run(rig, [managed('a', 'b'), managed('b', 'a')])
    expect(changes.length).toBeGreaterThan(0)
    for (const { note, requestId } of changes) {
      expect(note.cause).toBe(note.subject)
      expect(requestId).toBe(note.name === 'a' ? 'request:0' : 'request:1')
    }
  })
})

describe('the attributes that a request names', () => {
  test.each<[string, ResourceType, (context: ServiceContext) => Promise<unknown>, string[]]>([
    [
      'POST, without what has a default',
      USER,
      (context) => create(context, USER, asked({ body: NEW })),
      ['externalId', 'userName', 'name.givenName', 'emails'],
    ],
    [
      'POST of a group with members',
      GROUP,
      (context) =>
        create(
          context,
          GROUP,
          asked({ body: { schemas: [URN.group], displayName: 'x', members: [{ value: 'a' }] } }),
        ),
      ['displayName', 'members'],
    ],
  ])('%s', async (_, __, verb, expected) => {
    const rig = serviceRig()
    await verb(rig.context)
    expect([...rig.named]).toEqual(expected)
  })

  test('PUT and PATCH, whether that changes anything or not', async () => {
    const rig = notingRig()
    const id = await ada(rig)
    rig.named.clear()
    await replace(rig.context, USER, asked({ id, body: ADA }))
    expect([...rig.named]).toEqual(['externalId', 'userName', 'name.givenName', 'active', 'emails'])
    rig.named.clear()
    await changing(rig, id, {
      op: 'replace',
      path: 'emails[type eq "work"].value',
      value: 'x@example.com',
    })
    expect([...rig.named]).toEqual(['emails.value'])
  })
})
