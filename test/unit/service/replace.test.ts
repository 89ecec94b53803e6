import { expect, test } from 'vitest'
import type { JsonObject } from '../../../lib/scim/json.ts'
import { USER } from '../../../lib/scim/default-resource-types.ts'
import { patch } from '../../../lib/service/patch.ts'
import { replace } from '../../../lib/service/replace.ts'
import { refusalOf, said } from '../../support/refusal.ts'
import { asked, askedPatch, serviceRig } from '../../support/service-rig.ts'

const emails = (count: number, domain = 'x'): readonly JsonObject[] =>
  Array.from({ length: count }, (_, n) => ({ value: `${String(n)}@${domain}` }))

test('a user with more e-mails than may be set is replaced, and changed, as long as they are as before', async () => {
  const rig = serviceRig()
  const before = { ...USER, valueLimits: {} }
  const id = await rig.add(before, { userName: 'a', emails: emails(40) })
  const put = (body: JsonObject) =>
    replace(rig.context, USER, asked({ id, body: { userName: 'a', ...body } }))
  const active = { op: 'replace', path: 'active', value: false }
  expect(await patch(rig.context, USER, askedPatch(id, [active]))).toMatchObject({ status: 200 })
  expect(await put({ emails: emails(40), title: 't' })).toMatchObject({ status: 200 })
  expect(said(await refusalOf(() => put({ emails: emails(31, 'y') })))).toContain(
    'emails may have at most 30 values, 31 came',
  )
  const other = askedPatch(id, [{ op: 'add', path: 'emails', value: [{ value: 'new@x' }] }])
  expect(said(await refusalOf(() => patch(rig.context, USER, other)))).toContain('41 came')
  expect(await put({ emails: emails(39) })).toMatchObject({ status: 200 })
})
