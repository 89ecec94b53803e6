import * as z from 'zod'
import { members } from './check.ts'

export const LEVEL_LIST = z.strictObject({
  items: z.array(
    z.strictObject({
      name: z
        .string()
        .describe(
          'As most of its people have it, the smallest of several spellings: case is ignored.',
        ),
      people: z.int().describe('How many people have it, exactly.'),
    }),
  ),
  complete: z
    .boolean()
    .describe(
      'False while not everybody is counted who was there before levels were, or where there are too many levels: the numbers are too low then.',
    ),
})

export const DELETED_LEVEL = z.strictObject({ name: z.string(), deleted: z.literal(true) })

export const LEVEL_PARAMETERS = members({
  name: z
    .string('must be the name of a level')
    .describe('The level’s name, any text, in any case.'),
})
