import type { SeededFault } from './seeded-faults.ts'

/** Small wrong changes of what keeps accounts that are deleted, each of which `npm run history -- --returns` must notice. */
export const RETURN_FAULTS: readonly SeededFault[] = [
  {
    name: 'what is left of a deletion is cleared away whoever has returned',
    file: 'hide.ts',
    changes: [
      ["text(row, 'etag'))", "'*')"],
      ["return row?.['position'] === change.position ? row : undefined", 'return row'],
    ],
  },
  {
    name: 'an account that has returned is kept all the same',
    file: 'arrive.ts',
    changes: [['    ...forgetHidden(partition, hidden),\n', '']],
  },
  {
    name: 'an account that returns is not counted',
    file: 'arrive.ts',
    changes: [
      [
        '    countAction(partition, counter, 1, levelMove(partition, undefined, stored.attributes)),\n    ...forgetHidden(partition, hidden),\n',
        '    ...forgetHidden(partition, hidden),\n',
      ],
    ],
  },
]
