import { beforeEach, expect, test } from 'vitest'
import { URN } from '../../../lib/scim/urn.ts'
import { tableStores } from '../../../lib/storage/table/stores.ts'
import type { Tables } from '../../../lib/storage/table/tables.ts'
import { openScene, type Scene } from '../../support/activity-scene.ts'
import { textOf } from '../../support/memory-app.ts'
import { madeTables } from '../../support/table-service/tables.ts'

const VALUE = 'ada@rows.example'

let tables: Tables
let scene: Scene
let scim: Awaited<ReturnType<Scene['client']>>
let id: string

beforeEach(async () => {
  tables = await madeTables()
  scene = await openScene(tableStores(tables), '2026-11-27T14:00:00.000Z')
  scim = await scene.client('acme', 'Entra')
  id = textOf(await scim('POST', '/Users', { schemas: [URN.user], userName: VALUE }), 'id')
  for await (const { partitionKey = '', rowKey = '' } of tables.users.listEntities()) {
    if (rowKey !== `user:${id}`) continue
    await tables.users.updateEntity({ partitionKey, rowKey, json0: `{"userName":"${VALUE}` })
  }
})

const REQUESTS = [
  ['a read', (): string => `Users/${id}`],
  ['a list', (): string => 'Users'],
  ['a filter', (): string => `Users?filter=userName%20eq%20%22${VALUE}%22`],
] as const

test.each(REQUESTS)(
  '%s that meets a row that nobody can read is a 500 without anything of it',
  async (_, path) => {
    const before = scene.log.length
    const { status, json } = await scim('GET', `/${path()}`)
    expect(status).toBe(500)
    expect(json['detail']).toMatch(/^Something failed on our side. The log has it under [\w-]+\.$/)
    expect(JSON.stringify(json)).not.toMatch(/json0|rows\.example|lib\//)
    const log = scene.log.slice(before).join('\n')
    expect(log).toContain(`"name":"UnreadableRow","detail":"the row user ${id} of acme`)
    expect(log).toContain('has no JSON in its column json0')
    expect(log).not.toContain(VALUE)
  },
)

test('so is a change, and one that the application asks for', async () => {
  const body = { schemas: [URN.user], userName: 'other@rows.example' }
  expect((await scim('PUT', `/Users/${id}`, body)).status).toBe(500)
  expect((await scim('DELETE', `/Users/${id}`)).status).toBe(500)
  const { status, json } = await scene.manage('GET', `tenants/acme/people/${id}`)
  expect(status).toBe(500)
  expect(JSON.stringify(json)).not.toMatch(/json0|rows\.example|lib\//)
  const failures = scene.log.filter((line) => line.includes('UnreadableRow'))
  expect(failures).toHaveLength(3)
  for (const line of failures) expect(line).toContain(`the row user ${id} of acme`)
  expect(failures.join('\n')).not.toContain('rows.example')
})
