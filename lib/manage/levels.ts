import type * as z from 'zod'
import { deleteLevel, listLevels } from '../people/levels.ts'
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
  { id, levelName }: Input<QuerySchema, z.ZodType>,
): Promise<ManageResult> {
  await deleteLevel(await peopleOf(context, id), levelName)
  return { status: 200, body: { name: levelName, deleted: true } }
}
