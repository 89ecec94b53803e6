import { randomUUID } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import { isArray, own, type JsonObject, type JsonValue } from '../../lib/scim/json.ts'
import { MESSAGE, URN } from '../../lib/scim/urn.ts'
import { memoryApp, textOf, type MemoryAnswer, type SendAs } from '../support/memory-app.ts'

const { enterpriseUser: ENTERPRISE } = URN
const MANAGER = `${ENTERPRISE}:manager`

let send: SendAs

beforeAll(async () => {
  send = (await (await memoryApp()).tenant('contoso')).send
})

async function person(others: JsonObject = {}): Promise<string> {
  const body = { schemas: [URN.user], userName: randomUUID(), ...others }
  const answer = await send('POST', '/Users', { body })
  expect(answer.status).toBe(201)
  return textOf(answer, 'id')
}

const reportTo = (value: string): JsonObject => ({ [ENTERPRISE]: { manager: { value } } })

function patch(id: string, ...Operations: readonly JsonObject[]): Promise<MemoryAnswer> {
  return send('PATCH', `/Users/${id}`, { body: { schemas: [MESSAGE.patchOp], Operations } })
}

async function managerOf(id: string, more = ''): Promise<JsonValue | undefined> {
  const answer = await send('GET', `/Users/${id}${more}`)
  expect(answer.status).toBe(200)
  return own(own(answer.json, ENTERPRISE), 'manager')
}

async function reportsOf(filter: string): Promise<readonly (JsonValue | undefined)[]> {
  const answer = await send('GET', `/Users?filter=${encodeURIComponent(filter)}`)
  const found = own(answer.json, 'Resources')
  return isArray(found) ? found.map((each) => own(each, 'id')) : []
}

describe('a manager', () => {
  test('may come after the reports, who are found by it in every form', async () => {
    const id = randomUUID()
    const reports = [await person(reportTo(id)), await person(reportTo(id))].toSorted()
    for (const path of ['manager', 'manager.value', MANAGER, `${MANAGER}.value`]) {
      expect(await reportsOf(`${path} eq "${id}"`)).toEqual(reports)
    }
    expect(await reportsOf(`manager.$ref eq "https://example.com/scim/Users/${id}"`)).toEqual(
      reports,
    )
    expect(await reportsOf(`${MANAGER}[value eq "${id}"]`)).toEqual(reports)
    await patch(reports[0] ?? '', { op: 'replace', path: MANAGER, value: 'another' })
    expect(await reportsOf(`manager eq "${id}"`)).toEqual(reports.slice(1))
  })

  test('that is deleted stays the manager', async () => {
    const manager = await person({ displayName: 'Ada' })
    const report = await person(reportTo(manager))
    expect((await send('DELETE', `/Users/${manager}`)).status).toBe(204)
    expect(await managerOf(report)).toMatchObject({ value: manager })
    expect(await managerOf(report, `?attributes=${MANAGER}.displayName`)).toBeUndefined()
    expect(await reportsOf(`manager eq "${manager}"`)).toEqual([report])
  })

  test('may report to a report, or to nobody else', async () => {
    const one = await person({ displayName: 'One' })
    const other = await person({ displayName: 'Other', ...reportTo(one) })
    await patch(one, { op: 'add', path: MANAGER, value: { value: other } })
    const alone = await person({ displayName: 'Alone' })
    await patch(alone, { op: 'add', path: `${MANAGER}.value`, value: alone })
    const names = await Promise.all(
      [one, other, alone].map((id) => managerOf(id, `?attributes=${MANAGER}.displayName`)),
    )
    expect(names).toEqual([
      { displayName: 'Other' },
      { displayName: 'One' },
      { displayName: 'Alone' },
    ])
  })

  test('has a name where that is asked for, and nowhere else', async () => {
    const manager = await person({ displayName: 'Ada Lovelace' })
    const report = await person(reportTo(manager))
    const whole = await managerOf(report)
    expect(whole).toMatchObject({ value: manager })
    expect(whole).not.toHaveProperty('displayName')
    expect(await managerOf(report, `?attributes=${MANAGER}`)).toEqual(whole)
    const both = `?attributes=${MANAGER}.displayName,${MANAGER}.value`
    expect(await managerOf(report, both)).toEqual({ value: manager, displayName: 'Ada Lovelace' })
    const query = `filter=${encodeURIComponent(`manager eq "${manager}"`)}`
    const list = await send('GET', `/Users?${query}&attributes=manager.displayName`)
    expect(list.json).toMatchObject({
      Resources: [{ id: report, [ENTERPRISE]: { manager: { displayName: 'Ada Lovelace' } } }],
    })
    const renamed = { op: 'replace', path: 'displayName', value: 'Countess' }
    await patch(manager, renamed)
    expect(await managerOf(report, both)).toMatchObject({ displayName: 'Countess' })
    const nameless = await person(reportTo(await person()))
    expect(await managerOf(nameless, both)).not.toHaveProperty('displayName')
  })

  test.each([
    'manager.displayName eq "Ada"',
    `${MANAGER}.displayName sw "A" and active eq true`,
    'not (manager.displayName pr)',
    'manager[displayName eq "Ada"]',
  ])('is not found by its name: %s', async (filter) => {
    const { status, json } = await send('GET', `/Users?filter=${encodeURIComponent(filter)}`)
    expect([status, json['scimType'], json['detail']]).toEqual([
      400,
      'invalidFilter',
      `${MANAGER}.displayName is not stored with the report: find the manager by displayName, and filter by manager eq "<id>".`,
    ])
  })

  test.each<[string, JsonObject]>([
    ['removed', { op: 'remove', path: MANAGER }],
    ['removed by Entra', { op: 'Remove', path: 'manager' }],
    ['removed by its value', { op: 'remove', path: `${MANAGER}.value` }],
    ['replaced by an empty text', { op: 'replace', path: MANAGER, value: '' }],
    ['replaced by an empty value', { op: 'Replace', path: MANAGER, value: { value: '' } }],
    ['replaced by null', { op: 'replace', path: MANAGER, value: null }],
    ['replaced by a null', { op: 'replace', path: MANAGER, value: { value: null } }],
    ['without a path', { op: 'replace', value: { [MANAGER]: null } }],
    ['in the extension', { op: 'replace', value: { [ENTERPRISE]: { manager: null } } }],
    ['added as an empty text', { op: 'Add', path: MANAGER, value: '' }],
  ])('is cleared when %s', async (_, operation) => {
    const manager = randomUUID()
    const report = await person({ [ENTERPRISE]: { manager: { value: manager }, costCenter: '1' } })
    expect((await patch(report, operation)).status).toBe(200)
    expect(await managerOf(report)).toBeUndefined()
    expect(await reportsOf(`manager eq "${manager}"`)).toEqual([])
  })

  test('is cleared by a PUT without it', async () => {
    const manager = randomUUID()
    const report = await person(reportTo(manager))
    const body = { schemas: [URN.user], userName: randomUUID() }
    expect((await send('PUT', `/Users/${report}`, { body })).status).toBe(200)
    expect(await reportsOf(`manager eq "${manager}"`)).toEqual([])
  })
})
