import { expect, test } from 'vitest'
import { MAINTENANCE_REPORT } from '../../lib/manage/answers.ts'
import type { JsonObject } from '../../lib/scim/json.ts'
import { MESSAGE, URN } from '../../lib/scim/urn.ts'
import { tableStores } from '../../lib/storage/table/stores.ts'
import { createTables, openTables, type Tables } from '../../lib/storage/table/tables.ts'
import { ENTRA, openScene } from '../support/activity-scene.ts'
import { textOf } from '../support/memory-app.ts'
import { ROW_FAMILIES, useEverything } from '../support/row-families.ts'
import { tableService } from '../support/table-service/service.ts'

const MINUTE = 60_000

async function openTablesInMemory(): Promise<Tables> {
  const { connectionString, sendRequest } = tableService()
  const tables = await openTables(
    { kind: 'connectionString', connectionString },
    { httpClient: { sendRequest } },
  )
  await createTables(tables)
  return tables
}

/** Every row of every table, as JSON. */
async function allRows({ tenants, users, groups }: Tables): Promise<readonly string[]> {
  const rows: string[] = []
  for (const table of [tenants, users, groups]) {
    for await (const row of table.listEntities()) rows.push(JSON.stringify(row))
  }
  return rows
}

function aUser(userName: string): JsonObject {
  return { schemas: [URN.user], userName }
}

test('a tenant that is deleted leaves no row in any table: neither journal, refusals, counts nor its line in the list', async () => {
  const tables = await openTablesInMemory()
  const stores = tableStores(tables)
  const scene = await openScene(stores, '2026-11-27T12:00:00.000Z')
  const kept = await scene.client('fabrikam', 'Entra ID', ENTRA)
  await kept('POST', '/Users', aUser('kept@fabrikam.example'))
  const others = (await allRows(tables)).length
  const gone = await scene.client('contoso', 'Entra ID', ENTRA)
  for (const name of ['ada', 'bob', 'ada']) {
    scene.at = new Date(scene.at.getTime() + 2 * MINUTE)
    await gone('POST', '/Users', aUser(`${name}@contoso.example`))
  }
  const group = { schemas: [URN.group], displayName: 'Berlin' }
  const id = textOf(await gone('POST', '/Groups', group), 'id')
  const add = { op: 'add', path: 'members', value: [{ value: 'somebody' }] }
  await gone('PATCH', `/Groups/${id}`, { schemas: [MESSAGE.patchOp], Operations: [add] })
  await useEverything(
    {
      scim: async (...request) => (await gone(...request)).json,
      manage: async (method, path, body) =>
        (await scene.manage(method, `tenants/contoso${path}`, body)).json,
      settle: async () => {
        scene.at = new Date(scene.at.getTime() + MINUTE)
      },
    },
    'a password',
  )
  await scene.manage('PATCH', 'tenants/contoso', { name: 'Contoso', reference: 'C-1042' })
  await scene.manage('POST', 'maintenance')
  const { partitionKey = '' } = (await stores.tenants.get('contoso')) ?? {}
  const about = (rows: readonly string[]): readonly string[] =>
    rows.filter((row) => row.includes('contoso') || row.includes(partitionKey))
  const its = await allRows(tables)
  for (const [family, { of, tables: where }] of Object.entries(ROW_FAMILIES)) {
    if (of === 'work' || where.includes('tenants')) continue
    expect(about(its).join('\n')).toContain(`"${family}:`)
  }
  for (const family of ['journal:', '-r', 'stats:', 'day:', 'people:', '_tenants']) {
    expect(about(await allRows(tables)).join('\n')).toContain(family)
  }

  expect((await scene.manage('DELETE', 'tenants/contoso')).status).toBe(202)
  const deleted: string[] = []
  // For a day it is looked whether something has come late.
  for (let run = 0; run < 26; run += 1) {
    scene.at = new Date(scene.at.getTime() + 60 * MINUTE)
    const { json } = await scene.manage('POST', 'maintenance')
    deleted.push(...MAINTENANCE_REPORT.parse(json).deleted)
  }
  expect(deleted).toEqual(['contoso'])
  expect(about(await allRows(tables))).toEqual([])
  expect((await allRows(tables)).length).toBeGreaterThanOrEqual(others)
  expect((await scene.activity('fabrikam/activity')).items).not.toEqual([])
})
