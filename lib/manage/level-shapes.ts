import * as z from 'zod'

export const LEVEL_LIST = z.strictObject({
  items: z.array(
    z.strictObject({
      name: z.string().describe('As most of its people have it: case is ignored.'),
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
