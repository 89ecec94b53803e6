import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../../../lib/scim/json.ts'
import { GROUP, USER } from '../../../lib/scim/default-resource-types.ts'
import type { ResourceType } from '../../../lib/scim/resource-type.ts'
import { get } from '../../../lib/service/get.ts'
import { patch } from '../../../lib/service/patch.ts'
import { outcomesOf, refusalOf } from '../../support/refusal.ts'
import {
  asked,
  askedPatch,
  jsonOf,
  RIG_URL,
  serviceRig,
  textIn,
  type Rig,
} from '../../support/service-rig.ts'

interface Prepared extends Rig {
  readonly user: string
  readonly group: string
}

/** The user `a` and the group `G` with that user, and no calls counted yet. */
async function prepared(): Promise<Prepared> {
  const rig = serviceRig()
  const user = await rig.add(USER, { userName: 'a', title: 't' })
  const group = await rig.add(GROUP, { displayName: 'G', members: [{ value: user }] })
  rig.calls.clear()
  return { ...rig, user, group }
}

function read(rig: Prepared, resourceType: ResourceType, id: string): Promise<JsonObject> {
  return jsonOf(get(rig.context, resourceType, asked({ id })))
}

async function etagOf(rig: Prepared, resourceType: ResourceType, id: string): Promise<string> {
  return textIn((await read(rig, resourceType, id))['meta'], 'version')
}

const title = (value: string): JsonObject => ({ op: 'replace', path: 'title', value })
const rename = (value: string): JsonObject => ({ op: 'replace', path: 'displayName', value })
const addMember = (value: string): JsonObject => ({
  op: 'add',
  path: 'members',
  value: [{ value }],
})
const removeMember = (id: string): JsonObject => ({
  op: 'remove',
  path: `members[value eq "${id}"]`,
})

describe('the answer to a PATCH', () => {
  test('of a user is the user', async () => {
    const rig = await prepared()
    const answer = await patch(rig.context, USER, askedPatch(rig.user, [title('u')]))
    const body = await read(rig, USER, rig.user)
    expect(answer).toEqual({
      status: 200,
      id: rig.user,
      body,
      location: `${RIG_URL}/Users/${rig.user}`,
      etag: textIn(body['meta'], 'version'),
    })
    expect(body).toMatchObject({ title: 'u', groups: [{ value: rig.group }] })
  })

  test.each<[string, readonly JsonObject[]]>([
    ['its name', [rename('H')]],
    ['its members', [addMember('b')]],
    ['both', [rename('H'), addMember('b')]],
  ])(
    'of a group is empty, with Location and the ETag that it then has: %s',
    async (_, operations) => {
      const rig = await prepared()
      const before = await etagOf(rig, GROUP, rig.group)
      const answer = await patch(rig.context, GROUP, askedPatch(rig.group, operations))
      const etag = await etagOf(rig, GROUP, rig.group)
      const location = `${RIG_URL}/Groups/${rig.group}`
      expect(answer).toEqual({ status: 204, id: rig.group, location, etag })
      expect(etag).not.toBe(before)
    },
  )

  test.each<[string, readonly JsonObject[]]>([
    ['its name', [rename('H')]],
    ['its members', [addMember('b')]],
    ['both', [rename('H'), addMember('b')]],
    ['nothing', []],
  ])('with attributes is the resource, as far as asked: %s', async (_, operations) => {
    const rig = await prepared()
    const query = { attributes: 'displayName' }
    const answer = await patch(rig.context, GROUP, askedPatch(rig.group, operations, { query }))
    const { displayName } = await read(rig, GROUP, rig.group)
    expect(answer).toMatchObject({
      status: 200,
      etag: await etagOf(rig, GROUP, rig.group),
      body: { schemas: [GROUP.schema.id], id: rig.group, displayName },
    })
    expect(answer.body).not.toHaveProperty('members')
    expect(answer.body).not.toHaveProperty('meta')
  })

  test('with excludedAttributes alone stays empty for a group', async () => {
    const rig = await prepared()
    const query = { excludedattributes: 'members' }
    const answer = await patch(
      rig.context,
      GROUP,
      askedPatch(rig.group, [addMember('b')], { query }),
    )
    expect(answer.status).toBe(204)
  })

  test('of a user has what attributes ask for', async () => {
    const rig = await prepared()
    const query = { attributes: 'title' }
    const answer = await patch(rig.context, USER, askedPatch(rig.user, [title('u')], { query }))
    expect(answer.body).toEqual({ schemas: [USER.schema.id], id: rig.user, title: 'u' })
    expect(rig.calls.get('memberships.groupsOf')).toBeUndefined()
  })
})

describe('what a PATCH of members costs', () => {
  test.each<[string, (rig: Prepared) => readonly JsonObject[]]>([
    ['adding one', () => [addMember('b')]],
    ['removing one', (rig) => [removeMember(rig.user)]],
    ['adding one and removing one', (rig) => [addMember('b'), removeMember(rig.user)]],
  ])('%s: one call, and no read', async (_, operations) => {
    const rig = await prepared()
    await patch(rig.context, GROUP, askedPatch(rig.group, operations(rig)))
    expect([...rig.calls]).toEqual([['memberships.changeMembers', 1]])
  })

  test.each<[string, (rig: Prepared) => JsonObject]>([
    ['adding who is there', (rig) => addMember(rig.user)],
    ['removing who is not there', () => removeMember('b')],
  ])('%s: the version is read for the ETag', async (_, operation) => {
    const rig = await prepared()
    const before = await read(rig, GROUP, rig.group)
    rig.calls.clear()
    const answer = await patch(rig.context, GROUP, askedPatch(rig.group, [operation(rig)]))
    expect(answer.etag).toBe(textIn(before['meta'], 'version'))
    expect([...rig.calls]).toEqual([
      ['memberships.changeMembers', 1],
      ['store.get', 1],
    ])
  })
})

describe('a PATCH that changes nothing', () => {
  test.each<[string, (rig: Prepared) => readonly JsonObject[]]>([
    ['nothing at all', () => []],
    ['the name it has', () => [rename('G')]],
    ['a member who is there', (rig) => [addMember(rig.user)]],
    ['somebody who is no member', () => [removeMember('b')]],
    [
      'the members it has',
      (rig) => [{ op: 'replace', path: 'members', value: [{ value: rig.user }] }],
    ],
    [
      'a display',
      (rig) => [{ op: 'add', path: `members[value eq "${rig.user}"].display`, value: 'A' }],
    ],
    ['an extension that nobody knows', () => [{ op: 'add', path: 'urn:x:y:z', value: 1 }]],
    ['a name there and back', () => [rename('H'), rename('G')]],
  ])('writes no group: %s', async (_, operations) => {
    const rig = await prepared()
    const before = await read(rig, GROUP, rig.group)
    for (const ifMatch of [undefined, textIn(before['meta'], 'version')]) {
      const more = ifMatch === undefined ? {} : { ifMatch }
      const answer = await patch(rig.context, GROUP, askedPatch(rig.group, operations(rig), more))
      expect(answer.status).toBe(204)
    }
    expect(rig.calls.get('store.replace')).toBeUndefined()
    await expect(read(rig, GROUP, rig.group)).resolves.toEqual(before)
  })

  test('writes no user', async () => {
    const rig = await prepared()
    const before = await read(rig, USER, rig.user)
    const answer = await patch(rig.context, USER, askedPatch(rig.user, [title('u'), title('t')]))
    expect(answer.body).toEqual(before)
    expect(rig.calls.get('store.replace')).toBeUndefined()
  })
})

describe('If-Match', () => {
  test.each<[string, (rig: Prepared) => readonly JsonObject[], Record<string, string>]>([
    ['members', () => [addMember('b')], {}],
    [
      'members, all of them',
      () => [{ op: 'replace', path: 'members', value: [{ value: 'b' }] }],
      {},
    ],
    ['members by a filter', () => [{ op: 'remove', path: 'members[type eq "User"]' }], {}],
    ['members and the name it has', () => [rename('G'), addMember('b')], {}],
    ['members with an answer', () => [addMember('b')], { attributes: 'members' }],
    ['the name', () => [rename('H')], {}],
  ])('lets exactly one of eight writers through: %s', async (_, operations, query) => {
    const rig = await prepared()
    const ifMatch = await etagOf(rig, GROUP, rig.group)
    const request = askedPatch(rig.group, operations(rig), { ifMatch, query })
    const outcomes = await outcomesOf(
      Array.from({ length: 8 }, () => patch(rig.context, GROUP, request)),
    )
    expect(outcomes.filter((outcome) => outcome === 'done')).toHaveLength(1)
    expect(outcomes.filter((outcome) => outcome === 'preconditionFailed')).toHaveLength(7)
  })

  test('lets all through who ask for no version', async () => {
    const rig = await prepared()
    const ids = Array.from({ length: 8 }, (_, index) => `m${index}`)
    await Promise.all(
      ids.map((id) =>
        patch(rig.context, GROUP, askedPatch(rig.group, [addMember(id)], { ifMatch: '*' })),
      ),
    )
    expect((await read(rig, GROUP, rig.group))['members']).toHaveLength(9)
  })

  test('that is stale changes neither group nor members', async () => {
    const rig = await prepared()
    const before = await read(rig, GROUP, rig.group)
    const request = askedPatch(rig.group, [addMember('b'), rename('H')], { ifMatch: 'W/"x"' })
    const refused = await refusalOf(() => patch(rig.context, GROUP, request))
    expect(refused.kind).toBe('preconditionFailed')
    await expect(read(rig, GROUP, rig.group)).resolves.toEqual(before)
  })
})

describe('a PATCH that fails', () => {
  test.each<[string, readonly JsonObject[], string, RegExp]>([
    [
      'an unknown attribute',
      [addMember('b'), { op: 'add', path: 'bogus', value: 1 }],
      'invalidPath',
      /2.*bogus/,
    ],
    ['a taken name', [addMember('b'), rename('TAKEN')], 'uniqueness', /displayName/],
    [
      'a name that is needed',
      [removeMember('x'), { op: 'remove', path: 'displayName' }],
      'mutability',
      /displayName/,
    ],
    [
      'a readOnly attribute',
      [addMember('b'), { op: 'replace', path: 'id', value: 'x' }],
      'mutability',
      /id/,
    ],
    [
      'an immutable part',
      [rename('H'), { op: 'replace', path: 'members.value', value: 'x' }],
      'mutability',
      /members\.value/,
    ],
    ['remove without a path', [addMember('b'), { op: 'remove' }], 'noTarget', /path/],
    [
      'a broken filter',
      [rename('H'), { op: 'remove', path: 'members[bogus eq 1]' }],
      'invalidFilter',
      /bogus/,
    ],
  ])('changes nothing: %s', async (_, operations, kind, detail) => {
    const rig = await prepared()
    await rig.add(GROUP, { displayName: 'Taken' })
    const before = await read(rig, GROUP, rig.group)
    const refused = await refusalOf(() =>
      patch(rig.context, GROUP, askedPatch(rig.group, operations)),
    )
    expect(refused.kind).toBe(kind)
    expect(refused.detail).toMatch(detail)
    await expect(read(rig, GROUP, rig.group)).resolves.toEqual(before)
  })

  test.each<[string, ResourceType, readonly JsonObject[], Record<string, string>]>([
    ['a user', USER, [title('u')], {}],
    ['a group', GROUP, [rename('H')], {}],
    ['a group: nothing', GROUP, [], {}],
    ['a group: adding', GROUP, [addMember('b')], {}],
    ['a group: removing', GROUP, [removeMember('b')], {}],
    ['a group: removing all', GROUP, [{ op: 'remove', path: 'members' }], {}],
    ['a group: replacing', GROUP, [{ op: 'replace', path: 'members', value: [] }], {}],
    [
      'a group: a display',
      GROUP,
      [{ op: 'add', path: 'members[value eq "b"].display', value: 'B' }],
      {},
    ],
    ['a group with an answer', GROUP, [addMember('b')], { attributes: 'id' }],
  ])('finds no such resource: %s', async (_, resourceType, operations, query) => {
    const rig = await prepared()
    for (const ifMatch of [undefined, '*']) {
      const more = ifMatch === undefined ? { query } : { query, ifMatch }
      const request = askedPatch('nope', operations, more)
      const refused = await refusalOf(() => patch(rig.context, resourceType, request))
      expect(refused.kind).toBe('notFound')
    }
  })
})
