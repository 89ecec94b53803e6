import { expect, test } from 'vitest'
import { USER } from '../../lib/scim/default-resource-types.ts'
import { tableStores } from '../../lib/storage/table/stores.ts'
import { createTables, openTables } from '../../lib/storage/table/tables.ts'
import { creation, scopeOf } from '../support/changes.ts'
import { tableService } from '../support/table-service/service.ts'
import { newUser } from './resource-store.ts'

const PEOPLE = 1100
const PATHS = ['userName', 'emails.value', 'name.familyName', 'name.givenName'] as const

test('more people than one answer of an index has are found once each, and no page reads twice', async () => {
  const { connectionString, sendRequest } = tableService()
  let reads = 0
  const connection = { kind: 'connectionString', connectionString } as const
  const tables = await openTables(connection, {
    httpClient: {
      async sendRequest(request) {
        if (request.method === 'GET') reads += 1
        return sendRequest(request)
      },
    },
  })
  await createTables(tables)
  const { resources: store } = tableStores(tables)
  const scope = scopeOf('many')
  const all = new Set<string>()
  for (let n = 0; n < PEOPLE; n += 1) {
    const name = { givenName: 'Ann', familyName: `Ann${n % 7}` }
    const emails = [{ value: `ann.${n}@acme.example` }]
    const user = newUser(`ann.${n}@acme.example`, { name, emails })
    all.add(user.id)
    await store.create(scope, USER, ...creation(user))
  }
  const found: string[] = []
  let behind: string | undefined
  do {
    const place = behind === undefined ? {} : { behind }
    const query = { paths: PATHS, beginning: 'ann', count: 200, ...place }
    reads = 0
    const { ids, isHere, next } = await store.search(scope, USER, query)
    expect(reads).toBeLessThanOrEqual(PATHS.length)
    expect(ids.length).toBeLessThanOrEqual(200)
    found.push(...(await store.getAll(scope, USER, ids)).filter(isHere).map(({ id }) => id))
    behind = next
  } while (behind !== undefined)
  expect(found).toHaveLength(PEOPLE)
  expect(new Set(found)).toEqual(all)
})
