import { expect, test } from 'vitest'
import { USER } from '../../../lib/scim/default-resource-types.ts'
import { URN } from '../../../lib/scim/urn.ts'
import { requireTenant } from '../../../lib/tenants/tenants.ts'
import { newResource } from '../../contract/resource-store.ts'
import { aChange, scopeOf } from '../../support/changes.ts'
import { aDesk } from './tenant-terminal.ts'

test('levels are listed, and deleted', async () => {
  const desk = aDesk()
  await desk.run('create', 'acme')
  expect((await desk.run('level', 'list', 'acme', '--json')).out).toContain('"levels": []')
  const { partitionKey } = await requireTenant(desk.store, 'acme')
  const resource = newResource({ userName: 'ann', [URN.peopleUser]: { level: 'Senior' } })
  await desk.resources.create(scopeOf(partitionKey), USER, resource, aChange('create'))
  expect((await desk.run('level', 'list', 'acme')).out).toMatch(/^LEVEL +PEOPLE\nSenior +1/)
  const refused = await desk.run('level', 'delete', 'acme', 'Senior')
  expect([refused.code, refused.err]).toEqual([1, expect.stringContaining('this level: 1')])
  const [stored] = await desk.resources.getAll(scopeOf(partitionKey), USER, [resource.id])
  if (stored === undefined) throw new Error('There is no such user.')
  await desk.resources.delete(scopeOf(partitionKey), USER, stored, aChange('delete'))
  expect((await desk.run('level', 'delete', 'acme', 'Senior')).out).toContain('is deleted')
})
