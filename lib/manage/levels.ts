import type * as z from 'zod'
import { deleteLevel, listLevels } from '../people/levels.ts'
import { detail, quote } from '../scim/detail.ts'
import { invalidRequest } from './check.ts'
import type { LEVEL_PARAMETERS } from './level-shapes.ts'
import type { Input, ManageContext, ManageResult } from './operation.ts'
import { peopleOf } from './people.ts'
import type { QuerySchema } from './query.ts'

export async function readLevels(
  context: ManageContext,
  { id }: Input<QuerySchema, z.ZodType>,
): Promise<ManageResult> {
  return { status: 200, body: { ...(await listLevels(await peopleOf(context, id))) } }
}

export async function removeLevel(
  context: ManageContext,
  { id, query }: Input<typeof LEVEL_PARAMETERS, z.ZodType>,
): Promise<ManageResult> {
  const name = await deleteLevel(await peopleOf(context, id), query.name)
  return { status: 200, body: { name, deleted: true } }
}

export async function removeLevelInPath(
  context: ManageContext,
  { levelName: name, ...input }: Input<QuerySchema, z.ZodType>,
): Promise<ManageResult> {
  // The host leaves the slash encoded, and decodes all else: nobody can tell `a/b` from `a%2Fb` here.
  if (/%2f/i.test(name)) {
    const what = detail`must be without "/" and "%2F", not ${quote(name)}: a level of such a name is deleted with levels?name=`
    throw invalidRequest([{ path: ['levelName'], what }], 'query')
  }
  return removeLevel(context, { ...input, levelName: name, query: { name } })
}
