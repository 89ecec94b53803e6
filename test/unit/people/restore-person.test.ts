import { setTimeout as sleep } from 'node:timers/promises'
import { beforeAll, describe, expect, test } from 'vitest'
import { DEFAULT_RESOURCE_TYPES } from '../../../lib/scim/default-resource-types.ts'
import { isArray, isObject } from '../../../lib/scim/json.ts'
import { MESSAGE, URN } from '../../../lib/scim/urn.ts'
import { tableStores, type TableStores } from '../../../lib/storage/table/stores.ts'
import { createTables } from '../../../lib/storage/table/tables.ts'
import { ENTRA, openScene, type Scene, type SceneAnswer } from '../../support/activity-scene.ts'
import { scopeOf } from '../../support/changes.ts'
import { textOf } from '../../support/memory-app.ts'
import { tableService } from '../../support/table-service/service.ts'
import { tablesOf } from '../../support/table-service/tables.ts'

const ALL = 'tenants/acme/people'
/** Milliseconds from the first moment of a race to the restore; the others come before, with and behind it. */
const RESTORED_AT = 20

let scene: Scene
let stores: TableStores
let scim: Awaited<ReturnType<Scene['client']>>

beforeAll(async () => {
  // Requests of one moment come in any order.
  const tables = await tablesOf(tableService(), async (request, next) => {
    await sleep(Math.random() * 3)
    return next(request)
  })
  await createTables(tables)
  stores = tableStores(tables)
  scene = await openScene(stores, new Date().toISOString())
  scim = await scene.client('acme', 'Entra', ENTRA)
  await scene.manage('PATCH', 'tenants/acme', { settings: { deletionPolicy: 'deactivate' } })
  scene.at = new Date(scene.at.getTime() + 60_000)
})

async function hired(userName: string, externalId: string): Promise<string> {
  const body = { schemas: [URN.user], userName, externalId, active: true }
  return textOf(await scim('POST', '/Users', body), 'id')
}

async function idsIn(team: string): Promise<readonly string[]> {
  const { json } = await scene.manage('GET', `tenants/acme/teams/${team}/members`)
  const items = isArray(json['items']) ? json['items'].filter(isObject) : []
  return items.map(({ id }) => (typeof id === 'string' ? id : ''))
}

async function sweep(): Promise<void> {
  const { partitionKey = '' } = (await stores.tenants.get('acme')) ?? {}
  await stores.resources.sweep(scopeOf(partitionKey), DEFAULT_RESOURCE_TYPES)
}

function isDone({ status }: SceneAnswer): boolean {
  return status >= 200 && status < 300
}

describe('a restore', () => {
  test.each(Array.from({ length: 11 }, (_, at) => at * 4))(
    'loses no member that is put in by either side at %i ms, and leaves none behind',
    async (at) => {
      const userName = `ann${at}@acme.example`
      const old = await hired(userName, `e1-${at}`)
      await scim('DELETE', `/Users/${old}`)
      const returner = await hired(userName, `e2-${at}`)
      const group = { schemas: [URN.group], displayName: `Group ${at}` }
      const sales = textOf(await scim('POST', '/Groups', group), 'id')
      const choir = textOf(
        await scene.manage('POST', 'tenants/acme/teams', { name: `Choir ${at}` }),
        'id',
      )
      const value = [{ value: returner }]
      const Operations = [{ op: 'add', path: 'members', value }]
      const patch = { schemas: [MESSAGE.patchOp], Operations }
      const [restored, byScim, byHand] = await Promise.all([
        sleep(RESTORED_AT).then(() => scene.manage('POST', `${ALL}/${returner}/restore`)),
        sleep(at).then(() => scim('PATCH', `/Groups/${sales}`, patch)),
        sleep(at).then(() =>
          scene.manage('POST', `tenants/acme/teams/${choir}/members`, { personId: returner }),
        ),
      ])
      expect([restored.status, isDone(byScim)]).toEqual([200, true])
      await sweep()
      expect(await idsIn(sales)).toEqual([old])
      // Who is gone is no person who could be put into a team, and the answer says so.
      expect([201, 400]).toContain(byHand.status)
      const inChoir = await idsIn(choir)
      expect(isDone(byHand) ? [[old]] : [[old], []]).toContainEqual(inChoir)
    },
  )
})
