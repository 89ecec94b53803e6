import { randomUUID } from 'node:crypto'
import { beforeEach, expect, test } from 'vitest'
import { GROUP, USER } from '../../../lib/scim/default-resource-types.ts'
import type { JsonObject } from '../../../lib/scim/json.ts'
import { idOf } from '../../../lib/scim/resource-id.ts'
import type { ResourceType } from '../../../lib/scim/resource-type.ts'
import { URN } from '../../../lib/scim/urn.ts'
import { directoryOf } from '../../../lib/service/directory.ts'
import { memoryStores, type MemoryStores } from '../../../lib/storage/memory/stores.ts'
import { aChange, scopeOf } from '../../support/changes.ts'

let stores: MemoryStores
let directory: ReturnType<typeof directoryOf>

beforeEach(() => {
  stores = memoryStores()
  directory = directoryOf(stores.resources, [USER, GROUP])
})

async function add(
  type: ResourceType,
  attributes: JsonObject,
  partitionKey = 'acme_1',
): Promise<string> {
  const id = idOf(type, randomUUID())
  const stamp = { version: 'v', lastModified: '2026-11-27T14:00:00.000Z' }
  const resource = { id, created: stamp.lastModified, attributes }
  await stores.resources.create(scopeOf(partitionKey), type, resource, aChange('create', stamp))
  return id
}

async function idsOf(name: string): Promise<readonly string[]> {
  return (await directory.named('acme_1', name)).map(({ id }) => id)
}

test('users and groups are found by their names and by what the client calls them', async () => {
  const ada = await add(USER, { userName: 'Ada@acme.example', externalId: 'oid-1' })
  const engineering = await add(GROUP, { displayName: 'Engineering' })
  await add(USER, { userName: 'ada@acme.example' }, 'contoso_1')
  expect(await idsOf('ada@ACME.example')).toEqual([ada])
  expect(await idsOf('oid-1')).toEqual([ada])
  expect(await idsOf('engineering')).toEqual([engineering])
  expect(await idsOf('nobody" or "')).toEqual([])
})

test('ids are told with the name, and the manager of whom has one', async () => {
  const ada = await add(USER, {
    userName: 'ada',
    displayName: 'Ada Lovelace',
    [URN.enterpriseUser]: { manager: { value: 'm1' } },
  })
  const bob = await add(USER, { userName: 'bob' })
  const engineering = await add(GROUP, { displayName: 'Engineering' })
  const foreign = await add(USER, { userName: 'eve' }, 'contoso_1')
  const known = await directory.known('acme_1', [ada, bob, engineering, foreign, 'x'])
  expect(known.toSorted((one, other) => (String(one.name) < String(other.name) ? -1 : 1))).toEqual([
    { id: ada, name: 'Ada Lovelace', manager: 'm1' },
    { id: engineering, name: 'Engineering' },
    { id: bob, name: 'bob' },
  ])
})
