/** A small wrong change of the storage layer that the check of histories must notice. */
export interface SeededFault {
  /** What is wrong then. */
  readonly name: string
  /** Of lib/storage/table. */
  readonly file: string
  /** Each text is there once. */
  readonly changes: readonly (readonly [text: string, wrong: string])[]
  /** The seed of a history that shows it, where that is not the first; it is tried before the others. */
  readonly seed?: number
}

export const SEEDED_FAULTS: readonly SeededFault[] = [
  {
    name: 'a lost race is not noticed',
    file: 'replace.ts',
    changes: [['{ etag: revision }', "{ etag: '*' }"]],
  },
  {
    name: 'an unknown outcome passes for a success',
    file: 'transaction.ts',
    changes: [
      [
        'if (!isUnknown && lost === undefined) throw error',
        'if (isUnknown) return { committed: true }\n    if (lost === undefined) throw error',
      ],
    ],
  },
  {
    name: 'a change leaves no row in the journal',
    file: 'journal.ts',
    changes: [["[['create', toJournalEntry(partition, facts)], ...rows]", '[...rows]']],
  },
  {
    name: 'what was refused may arrive late',
    seed: 5,
    file: 'journal.ts',
    changes: [['? await giveUp(partition, change)', '? await decisionOn(partition, change)']],
  },
  {
    name: 'a renamed resource keeps its old name',
    file: 'replace.ts',
    changes: [['...removeRows(partition, removed),', '']],
  },
  {
    name: 'the names of a new resource are written apart from it',
    file: 'create.ts',
    changes: [
      [
        '        ...newRows(partition, stored, entries, json),\n',
        '        ...newRows(partition, stored, entries, json).slice(0, 1),\n',
      ],
      [
        '  await commitOnce(partition, change, {',
        '  const own = { ...resource, ...change.stamp }\n' +
          '  const names = newRows(partition, own, entries, json).slice(1)\n' +
          '  await partition.table.submitTransaction([...names])\n' +
          '  await commitOnce(partition, change, {',
      ],
    ],
  },
  {
    name: 'a name is taken from whoever has it',
    file: 'index-rows.ts',
    changes: [["entry.index.unique ? ['create', row] :", '']],
  },
  {
    name: 'an index is believed without a look at the resource',
    file: 'find.ts',
    changes: [['if (matchesStored(resourceType, filter, stored, await lookingUp)) yield', 'yield']],
  },
  {
    name: 'every second read of a resource is from a cache',
    file: 'get.ts',
    changes: [
      [
        '  const row = await readRow(partition, resourceKey(partition.layout, id))\n',
        '  const cached = CACHE.get(id)\n' +
          '  CACHE.delete(id)\n' +
          '  const row = cached ?? (await readRow(partition, resourceKey(partition.layout, id)))\n' +
          '  if (cached === undefined && row !== undefined) CACHE.set(id, row)\n',
      ],
      ['const READS_AT_ONCE', 'const CACHE = new Map()\nconst READS_AT_ONCE'],
    ],
  },
  {
    name: 'a counter is written over another count',
    seed: 2,
    file: 'counters.ts',
    changes: [["'Replace', { etag }]", "'Replace', { etag: '*' }]"]],
  },
  {
    name: 'the first page of rows passes for all',
    file: 'partition.ts',
    changes: [
      [
        'yield { rows: page.value, more: page.value.continuationToken !== undefined }',
        'yield { rows: page.value, more: false }\n    return',
      ],
    ],
  },
  {
    name: 'members are changed whatever the version of their group',
    seed: 4,
    file: 'membership-change.ts',
    changes: [['group: revision }),', "group: '*' }),"]],
  },
  {
    name: 'a membership is seen from one side only',
    file: 'membership-change.ts',
    changes: [["    ['delete', { ...memberOf }],\n", '']],
  },
  {
    name: 'a deletion is made whatever the version',
    seed: 9,
    file: 'delete.ts',
    changes: [
      [
        "toTombstone(partition, id, change), 'Replace', { etag: revision }",
        "toTombstone(partition, id, change), 'Replace', { etag: '*' }",
      ],
    ],
  },
]

/**
 * The code of a file with a fault in it.
 * @throws Error when the code has changed so that the fault cannot be made any more.
 */
export function faulty(source: string, { name, file, changes }: SeededFault): string {
  let text = source
  for (const [right, wrong] of changes) {
    if (text.split(right).length !== 2) throw new Error(`${name}: ${file} has not once "${right}"`)
    text = text.replace(right, () => wrong)
  }
  return text
}
