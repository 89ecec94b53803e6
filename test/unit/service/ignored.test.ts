import { expect, test } from 'vitest'
import { GROUP, USER } from '../../../lib/scim/default-resource-types.ts'
import { MESSAGE, URN } from '../../../lib/scim/urn.ts'
import { bulk } from '../../../lib/service/bulk.ts'
import type { ServiceContext } from '../../../lib/service/context.ts'
import { create } from '../../../lib/service/create.ts'
import { get } from '../../../lib/service/get.ts'
import { list } from '../../../lib/service/list.ts'
import { patch } from '../../../lib/service/patch.ts'
import { replace } from '../../../lib/service/replace.ts'
import { listAll, searchAll } from '../../../lib/service/root.ts'
import { refusalOf } from '../../support/refusal.ts'
import { asked, askedPatch, serviceRig } from '../../support/service-rig.ts'

const ADA = { schemas: [URN.user], userName: 'ada' }

/** What a verb notes of a request to the user who is there, whose name is `ada`. */
async function notedBy(
  run: (context: ServiceContext, id: string) => Promise<unknown>,
): Promise<readonly string[]> {
  const rig = serviceRig()
  const id = await rig.add(USER, ADA)
  expect(rig.ignored.list()).toEqual([])
  await run(rig.context, id)
  return rig.ignored.list()
}

const post = (context: ServiceContext, body: unknown): Promise<unknown> =>
  create(context, USER, asked({ body }))

test.each<[string, (context: ServiceContext, id: string) => Promise<unknown>, string[]]>([
  [
    'POST',
    async (context) => post(context, { ...ADA, userName: 'bob', departmnt: 'x' }),
    ['departmnt (department?)'],
  ],
  [
    'PUT',
    async (context, id) =>
      replace(context, USER, asked({ id, body: { ...ADA, 'urn:foo:bar': {} } })),
    ['urn:foo:bar'],
  ],
  [
    'PATCH',
    async (context, id) =>
      patch(
        context,
        USER,
        askedPatch(id, [
          { op: 'add', path: 'urn:foo:bar', value: 'x' },
          { op: 'add', value: { titel: 'x' } },
        ]),
      ),
    ['urn:foo:bar', 'titel (title?)'],
  ],
  [
    'PATCH of a group',
    async (context) => {
      const id = (await create(context, GROUP, asked({ body: { displayName: 'x' } }))).id ?? ''
      await patch(context, GROUP, askedPatch(id, [{ op: 'add', value: { member: [] } }]))
    },
    ['member (members?)'],
  ],
  [
    'BulkRequest',
    async (context) => {
      const data = { ...ADA, userName: 'bob', departmnt: 'x' }
      const operations = ['POST', 'POST'].map((method, i) => ({
        method,
        path: '/Users',
        bulkId: `b${i}`,
        data: { ...data, userName: `bob${i}`, [`salary${i}`]: 'x' },
      }))
      await bulk(
        context,
        asked({ body: { schemas: [MESSAGE.bulkRequest], Operations: operations } }),
      )
    },
    ['departmnt (department?)', 'salary0', 'salary1'],
  ],
  [
    'attributes of a GET',
    async (context, id) =>
      get(context, USER, asked({ id, query: { attributes: 'titel,userName' } })),
    ['titel (title?)'],
  ],
  [
    'excludedAttributes of a list',
    async (context) =>
      list(
        context,
        USER,
        asked({ query: { excludedattributes: `members,${URN.enterpriseUser}` } }),
      ),
    ['members'],
  ],
  [
    'attributes of a list of all types',
    async (context) => listAll(context, asked({ query: { attributes: 'members,nickname,foo' } })),
    ['foo'],
  ],
  [
    'attributes of a SearchRequest',
    async (context) =>
      searchAll(
        context,
        asked({ body: { schemas: [MESSAGE.searchRequest], attributes: [URN.group, 'foo'] } }),
      ),
    ['foo'],
  ],
])('%s notes what it ignores', async (_, run, ignored) => {
  expect(await notedBy(run)).toEqual(ignored)
})

test('of a body that is refused nothing was ignored', async () => {
  const noted = await notedBy(async (context) => {
    await refusalOf(() => post(context, { ...ADA, active: 'x', departmnt: 'x' }))
    const operation = { op: 'add', value: { departmnt: 'x', active: 'x' } }
    await refusalOf(() => patch(context, USER, askedPatch('x', [operation, { op: 'bad' }])))
  })
  expect(noted).toEqual([])
})
