import { expect, test } from 'vitest'
import { USER } from '../../../lib/scim/default-resource-types.ts'
import { requireTenant } from '../../../lib/tenants/tenants.ts'
import { newResource } from '../../contract/resource-store.ts'
import { aChange, scopeOf } from '../../support/changes.ts'
import { aDesk, type Desk } from './tenant-terminal.ts'

async function invited(desk: Desk, userName: string): Promise<string> {
  const { partitionKey } = await requireTenant(desk.store, 'acme')
  const resource = newResource({ userName, active: true })
  const change = { ...aChange('create'), invites: true as const }
  await desk.resources.create(scopeOf(partitionKey), USER, resource, change)
  return resource.id
}

test('invitations are listed, and acknowledged', async () => {
  const desk = aDesk()
  await desk.run('create', 'acme')
  expect((await desk.run('invitation', 'list', 'acme')).out).toBe('no invitation is due')
  const ids = [await invited(desk, 'ann'), await invited(desk, 'bob')].toSorted()
  const [first = '', second = ''] = ids
  const { out, err } = await desk.run('invitation', 'list', 'acme', '--count', '1')
  expect(out).toMatch(new RegExp(`^ID +SINCE\n${first} +2026-`))
  expect(out).not.toContain(second)
  expect(err).toMatch(/^the first 1 are listed/)
  const both: unknown = JSON.parse((await desk.run('invitation', 'list', 'acme', '--json')).out)
  expect(both).toMatchObject({ invitations: ids.map((id) => ({ id })), more: false })
  const list = `${first}, nobody`
  const done = await desk.run('invitation', 'acknowledge', 'acme', list)
  expect(done.out).toBe(`acknowledged: ${first}\nno invitation is known of: nobody`)
  const again = await desk.run('invitation', 'acknowledge', 'acme', list, '--json')
  expect(JSON.parse(again.out)).toMatchObject({ acknowledged: [first], unknown: ['nobody'] })
  expect((await desk.run('invitation', 'list', 'acme', '--all')).out).toContain(second)
  expect((await desk.run('invitation', 'acknowledge', 'acme', 'a,,b')).code).toBe(2)
})
