import { expect, test } from 'vitest'
import { USER } from '../../lib/scim/default-resource-types.ts'
import { MESSAGE, URN } from '../../lib/scim/urn.ts'
import { memoryStores } from '../../lib/storage/memory/stores.ts'
import { issueToken } from '../../lib/tenants/tokens.ts'
import { memoryApp, textOf, type SendAs } from '../support/memory-app.ts'

const OURS = 'urn:ietf:params:scim:schemas:extension:northwind:2.0:User'

test('the URN of the people extension may change: what was kept under another one is there', async () => {
  const stores = memoryStores()
  const before = await memoryApp({ stores })
  const { send } = await before.tenant('contoso')
  const values = { level: 'Senior', startDate: '2020-01-31' }
  const body = { userName: 'ada', [URN.peopleUser]: values }
  const id = textOf(await send('POST', '/Users', { body }), 'id')

  const after = await memoryApp({ stores, runtime: { peopleUrn: OURS } })
  const { secretToken } = await issueToken(stores.tenants, 'contoso', { now: new Date() })
  const headers = { authorization: `Bearer ${secretToken}` }
  const again: SendAs = async (method, path, options = {}) =>
    send(method, path, { ...options, headers })
  expect((await again('GET', `/Users/${id}`)).json).toMatchObject({
    schemas: [URN.user, OURS],
    [OURS]: values,
  })
  const Operations = [{ op: 'Replace', path: `${OURS}:level`, value: 'Principal' }]
  const patched = await again('PATCH', `/Users/${id}`, {
    body: { schemas: [MESSAGE.patchOp], Operations },
  })
  expect(patched.json).toMatchObject({ [OURS]: { ...values, level: 'Principal' } })

  const { text } = await again('GET', '/ResourceTypes')
  expect(text).toContain(OURS)
  expect(text).not.toContain(URN.peopleUser)
  const { body: open } = await after.send({ method: 'GET', path: `/Schemas/${OURS}`, headers: {} })
  expect(JSON.parse(open)).toMatchObject({ id: OURS, name: 'PeopleUser' })
  expect(USER.extensions.map(({ schema }) => schema.id)).not.toContain(OURS)
})
