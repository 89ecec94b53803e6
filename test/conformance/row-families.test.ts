import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { DEFAULT_LAYOUTS } from '../../lib/storage/layout.ts'
import { LEASE_KEY, TENANT_KEY } from '../../lib/storage/keys.ts'
import { tableStores } from '../../lib/storage/table/stores.ts'
import { createTables, openTables } from '../../lib/storage/table/tables.ts'
import { ENTRA, openScene } from '../support/activity-scene.ts'
import { familyOf, ROW_FAMILIES, useEverything } from '../support/row-families.ts'
import { tableService } from '../support/table-service/service.ts'
import type { Request } from '../support/tables.ts'

/** The families that the code makes keys of: what stands before the first colon of a key in these files, and in the layouts. */
function familiesInCode(): ReadonlySet<string> {
  const sources = ['keys', 'team-keys'].map((file) =>
    readFileSync(`lib/storage/${file}.ts`, 'utf8').replaceAll(/\/\*.*?\*\/|\/\/[^\n]*/gs, ''),
  )
  const text = sources.join('\n')
  const literal = [...text.matchAll(/(?:['"`]|\$\{prefix\})([A-Za-z]+):/g)].map(([, name]) => name)
  const [, counted = ''] = /type CountFamily = (.*)/.exec(text) ?? []
  const counts = [...counted.matchAll(/'(\w+)'/g)].map(([, name]) => name)
  const own = DEFAULT_LAYOUTS.map(({ family }) => family)
  const indexes = DEFAULT_LAYOUTS.flatMap((layout) => Object.values(layout.indexes))
  const all = [...literal, ...counts, ...own, ...indexes, TENANT_KEY, LEASE_KEY]
  return new Set(all.filter((name) => name !== undefined))
}

test('every family of rows is known: what a new one is of has to be said', () => {
  expect([...familiesInCode()].toSorted()).toEqual(Object.keys(ROW_FAMILIES).toSorted())
})

/** The tables and keys of the rows that a request writes. */
function written({ url, method, body }: Request): readonly string[] {
  if (method === 'GET') return []
  const text = decodeURIComponent(`${method} ${url} ${typeof body === 'string' ? body : ''}`)
  const parts = text.split(/(?=\b(?:POST|PUT|PATCH|MERGE|DELETE) https:)/)
  return parts.flatMap((part) => {
    const [, table = ''] = /\/(tenants|users|groups)\b/.exec(part) ?? []
    const [, key] = /RowKey='([^']*)'/.exec(part) ?? /"RowKey":"([^"]*)"/.exec(part) ?? []
    return key === undefined ? [] : [`${table} ${key}`]
  })
}

/** Whose tokens are taken. */
const ENTRA_TENANT = { kind: 'entra', entraTenantId: 'ce5f061f-abe6-4e40-9615-301f87bcb7f0' }

/** Keys of access tokens: the token endpoint alone writes them. */
const OF_THE_APP = ['key']

/** The row of a tenant in the list of all has its id as key. */
const TENANT_ID = 'acme'

test('whatever a tenant uses writes rows of known families into their tables, and of each family some', async () => {
  const service = tableService()
  const rows = new Set<string>()
  const tables = await openTables(
    { kind: 'connectionString', connectionString: service.connectionString },
    {
      httpClient: {
        sendRequest: async (request) => {
          for (const row of written(request)) rows.add(row)
          return service.sendRequest(request)
        },
      },
    },
  )
  await createTables(tables)
  const scene = await openScene(tableStores(tables), '2026-11-27T14:00:00.000Z')
  const scim = await scene.client('acme', 'Entra', ENTRA)
  const settle = async (): Promise<void> => {
    scene.at = new Date(scene.at.getTime() + 60_000)
  }
  await scene.manage('POST', 'tenants/acme/credentials', ENTRA_TENANT)
  const ways = {
    scim: async (...request: Parameters<typeof scim>) => (await scim(...request)).json,
    manage: async (method: string, path: string, body?: Parameters<typeof scene.manage>[2]) =>
      (await scene.manage(method, `tenants/acme${path}`, body)).json,
    settle,
  }
  await useEverything(ways, 'a password')
  await scim('POST', '/Users', { userName: 1 })
  for (let run = 0; run < 3; run += 1) {
    await settle()
    await scene.manage('POST', 'maintenance')
  }
  const found = [...rows].map((row) => row.split(' ')).filter(([, key = '']) => key !== TENANT_ID)
  const strange = found.filter(([table = '', key = '']) => {
    const { tables: its = [] } = ROW_FAMILIES[familyOf(key)] ?? {}
    return !its.some((each) => each === table)
  })
  expect(strange).toEqual([])
  const seen = new Set(found.map(([, key = '']) => familyOf(key)))
  const unseen = Object.keys(ROW_FAMILIES).filter((family) => !seen.has(family))
  expect(unseen.toSorted()).toEqual(OF_THE_APP)
})
