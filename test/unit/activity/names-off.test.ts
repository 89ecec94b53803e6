import { expect, test } from 'vitest'
import { URN } from '../../../lib/scim/urn.ts'
import { memoryStores } from '../../../lib/storage/memory/stores.ts'
import { ENTRA, openScene, type Scene } from '../../support/activity-scene.ts'
import { textOf } from '../../support/memory-app.ts'

const JANE = { schemas: [URN.user], userName: 'jane@contoso.example', externalId: 'jane-7' }
const NAMES = /jane|janitors/i

async function history(scene: Scene, send: Awaited<ReturnType<Scene['client']>>): Promise<void> {
  const id = textOf(await send('POST', '/Users', JANE), 'id')
  await send('POST', '/Users', JANE)
  const members = [{ value: id }]
  const group = { schemas: [URN.group], displayName: 'Janitors', externalId: 'janitors', members }
  await send('POST', '/Groups', group)
  await send('DELETE', '/Users/jane@contoso.example')
  await send('PUT', `/Users/${id}`, { ...JANE, externalId: 7 })
  await send('DELETE', `/Users/${id}`)
  scene.at = new Date(scene.at.getTime() + 60_000)
}

test('with names switched off no answer has one, of what was kept before either', async () => {
  const stores = memoryStores()
  const scene = await openScene(stores, '2026-11-27T10:00:00.000Z')
  const send = await scene.client('contoso', 'Entra ID', ENTRA)
  await history(scene, send)
  const path = 'contoso/activity?count=200'
  const before = (await scene.activity(path)).items
  expect(JSON.stringify(before)).toMatch(NAMES)
  await scene.manage('PATCH', 'tenants/contoso', { settings: { namesInActivity: false } })
  const after = (await scene.activity(path)).items
  expect(after).toHaveLength(before.length + 1)
  expect(JSON.stringify(after)).not.toMatch(NAMES)
  expect((await scene.cli('activity', 'contoso')).join('\n')).not.toMatch(NAMES)
  // Of the tenant itself and its credentials there are no people’s names.
  expect(after.map(({ resource }) => resource?.name)).toContain('Entra ID')
})

test('with names switched off nothing is kept that has one', async () => {
  const stores = memoryStores()
  const scene = await openScene(stores, '2026-11-27T10:00:00.000Z')
  const send = await scene.client('contoso', 'Entra ID', ENTRA)
  await scene.manage('PATCH', 'tenants/contoso', { settings: { namesInActivity: false } })
  await history(scene, send)
  await scene.manage('PATCH', 'tenants/contoso', { settings: { namesInActivity: true } })
  const { items } = await scene.activity('contoso/activity?count=200')
  expect(items.filter(({ outcome }) => outcome === 'refused')).toHaveLength(3)
  expect(items.filter(({ action }) => action.endsWith(' user')).length).toBeGreaterThan(3)
  // The group is still there, and is told by its name of now.
  const told = items.filter(({ resource }) => resource?.type !== 'Group')
  expect(JSON.stringify(told)).not.toMatch(NAMES)
  const { partitionKey = '' } = (await stores.tenants.get('contoso')) ?? {}
  const [users, groups] = (['users', 'groups'] as const).map((table) =>
    Array.from(stores.state.journal(partitionKey, { table }).entries.values()),
  )
  const refusals = Array.from(stores.state.activity(partitionKey).refusals.values())
  expect(JSON.stringify([users, groups, refusals])).not.toMatch(NAMES)
})
