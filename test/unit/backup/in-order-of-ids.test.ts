import fc from 'fast-check'
import { expect, test } from 'vitest'
import { inOrderOfIds, type Both } from '../../../lib/backup/in-order-of-ids.ts'
import { compareIds } from '../../../lib/storage/keys.ts'

const IDS = fc.uniqueArray(fc.stringMatching(/^[A-Za-z0-9-]{1,4}$/))

type Item = Readonly<Record<'id', string>>

test('two lists in the order of ids are one, in which each id is there once', async () => {
  await fc.assert(
    fc.asyncProperty(IDS, IDS, async (left, right) => {
      const [ones, others] = [left, right].map((ids) =>
        ids.toSorted(compareIds).map((id): Item => ({ id })),
      )
      const both: Both<Item, Item>[] = []
      for await (const each of inOrderOfIds(ones ?? [], others ?? [])) both.push(each)
      expect(both.map(({ id }) => id)).toEqual(
        [...new Set([...left, ...right])].toSorted(compareIds),
      )
      for (const { id, one, other } of both) {
        expect([one?.id, other?.id]).toEqual([
          left.includes(id) ? id : undefined,
          right.includes(id) ? id : undefined,
        ])
      }
    }),
  )
})
