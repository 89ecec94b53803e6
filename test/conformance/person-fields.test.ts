import { randomUUID } from 'node:crypto'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { PERSON_ATTRIBUTES } from '../../lib/people/mapping.ts'
import { isArray, own, type JsonObject, type JsonValue } from '../../lib/scim/json.ts'
import { MESSAGE, URN } from '../../lib/scim/urn.ts'
import { memoryStores } from '../../lib/storage/memory/stores.ts'
import { ENTRA, openScene, type Scene } from '../support/activity-scene.ts'
import { textOf } from '../support/memory-app.ts'
import { includes } from './matching.ts'
import { CUSTOM, DOCUMENTED_FIELDS, inScim, PERSON_FIELDS } from './person-fields.ts'

/** What the identity provider sends of a person is in the record of the application, and the other way round. */

let scene: Scene
let scim: Awaited<ReturnType<Scene['client']>>

beforeAll(async () => {
  scene = await openScene(memoryStores(), '2026-11-27T14:00:00.000Z')
  scim = await scene.client('acme', 'Entra', ENTRA)
  for (const each of CUSTOM) await scene.manage('POST', 'tenants/acme/attributes', each)
  // What is remembered of the credential is from before.
  scene.at = new Date(scene.at.getTime() + 60_000)
})

const ids: string[] = []

/** Names are of one person at a time. */
afterEach(async () => {
  for (const id of ids.splice(0)) await scim('DELETE', `/Users/${id}`)
})

/** A POST as Entra sends it: of schemas it names those of RFC 7643 only. */
async function posted(attributes: JsonObject): Promise<string> {
  const body = {
    schemas: [URN.user, URN.enterpriseUser],
    externalId: randomUUID(),
    userName: `${randomUUID()}@acme.example`,
    active: true,
    meta: { resourceType: 'User' },
    ...attributes,
  }
  const answer = await scim('POST', '/Users', body)
  expect(answer.status).toBe(201)
  ids.push(textOf(answer, 'id'))
  return textOf(answer, 'id')
}

async function patched(path: string, operation: JsonObject): Promise<void> {
  const body = { schemas: [MESSAGE.patchOp], Operations: [operation] }
  expect((await scim('PATCH', path, body)).status).toBeLessThan(300)
}

async function recordOf(id: string): Promise<JsonObject> {
  const { status, json } = await scene.manage('GET', `tenants/acme/people/${id}`)
  expect(status).toBe(200)
  return json
}

async function teamsOf(id: string): Promise<readonly string[]> {
  const { teams } = await recordOf(id)
  const names = isArray(teams) ? teams.map((each) => own(each, 'name')) : []
  return names.filter((name) => typeof name === 'string').toSorted()
}

async function changed(id: string, change: JsonObject): Promise<void> {
  expect((await scene.manage('PATCH', `tenants/acme/people/${id}`, change)).status).toBe(200)
}

async function userOf(id: string): Promise<JsonObject> {
  const { status, json } = await scim('GET', `/Users/${id}`)
  expect(status).toBe(200)
  return json
}

test('every line of the documentation, and of the mapping, has its own test', () => {
  const tested = new Set([...PERSON_FIELDS.map(({ field }) => field), 'Team'])
  expect([...tested].toSorted()).toEqual([...DOCUMENTED_FIELDS].toSorted())
  const names = new Set([...PERSON_FIELDS.map(({ name }) => name), 'externalId'])
  expect(PERSON_ATTRIBUTES.map(({ name }) => name).filter((name) => !names.has(name))).toEqual([])
})

describe.each(PERSON_FIELDS)('$field, which is $target', (line) => {
  const { target, name, values, isRequired = false } = line
  const { inRecord = (value: JsonValue) => value, inChange = (value: JsonValue) => value } = line
  const [first, second] = values

  test('of a POST is in the record', async () => {
    const id = await posted(inScim(line, first))
    expect((await recordOf(id))[name]).toEqual(inRecord(first))
  })

  test('of a PATCH is in the record, and gone from it when it is removed', async () => {
    const id = await posted({})
    for (const [op, value] of [
      ['Add', first],
      ['Replace', second],
    ] as const) {
      await patched(`/Users/${id}`, { op, path: target, value: sentByPatch(value) })
      expect((await recordOf(id))[name]).toEqual(inRecord(value))
    }
    if (isRequired) return
    await patched(`/Users/${id}`, { op: 'Remove', path: target })
    expect(await recordOf(id)).not.toHaveProperty([name])
  })

  test('of a change of the record is in SCIM, and gone from it when it is cleared', async () => {
    const id = await posted({})
    for (const value of [first, second]) {
      await changed(id, { [name]: inChange(value) })
      expect(includes(await userOf(id), inScim(line, value))).toBe(true)
      expect((await recordOf(id))[name]).toEqual(inRecord(value))
    }
    if (isRequired) return
    await changed(id, { [name]: null })
    expect(includes(await userOf(id), inScim(line, second))).toBe(false)
    expect(await recordOf(id)).not.toHaveProperty([name])
  })
})

/** Entra sends booleans as text unless it is told otherwise. */
function sentByPatch(value: JsonValue): JsonValue {
  if (typeof value !== 'boolean') return value
  return value ? 'True' : 'False'
}

describe('Team, which is a group', () => {
  test('of a POST and a PATCH is in the record', async () => {
    const id = await posted({})
    const body = { schemas: [URN.group], externalId: randomUUID(), displayName: 'Sales' }
    const first = await scim('POST', '/Groups', { ...body, members: [{ value: id }] })
    expect(await teamsOf(id)).toEqual(['Sales'])
    const second = await scim('POST', '/Groups', { ...body, displayName: 'Berlin' })
    const joining = { op: 'Add', path: 'members', value: [{ $ref: null, value: id }] }
    await patched(`/Groups/${textOf(second, 'id')}`, joining)
    expect(await teamsOf(id)).toEqual(['Berlin', 'Sales'])
    const leaving = { op: 'Remove', path: 'members', value: [{ $ref: null, value: id }] }
    await patched(`/Groups/${textOf(first, 'id')}`, leaving)
    expect(await teamsOf(id)).toEqual(['Berlin'])
    await patched(`/Groups/${textOf(second, 'id')}`, {
      op: 'Replace',
      path: 'displayName',
      value: 'Hamburg',
    })
    expect(await teamsOf(id)).toEqual(['Hamburg'])
  })

  test('made by hand is in the record, and in SCIM neither as a group nor as a member', async () => {
    const id = await posted({})
    const made = await scene.manage('POST', 'tenants/acme/teams', { name: 'Choir' })
    const members = `tenants/acme/teams/${textOf(made, 'id')}/members`
    expect((await scene.manage('POST', members, { personId: id })).status).toBe(201)
    expect(await teamsOf(id)).toEqual(['Choir'])
    expect(await userOf(id)).not.toHaveProperty('groups')
    expect((await scim('GET', `/Groups/${textOf(made, 'id')}`)).status).toBe(404)
  })
})
