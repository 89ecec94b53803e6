import { RestError, type TransactionAction } from '@azure/data-tables'
import { describe, expect, test } from 'vitest'
import { USER } from '../../../../lib/scim/default-resource-types.ts'
import { DEFAULT_LAYOUTS } from '../../../../lib/storage/layout.ts'
import { commitOnce } from '../../../../lib/storage/table/journal.ts'
import { partitionOf, type Partition } from '../../../../lib/storage/table/partition.ts'
import { openTables } from '../../../../lib/storage/table/tables.ts'
import { aChange, scopeOf } from '../../../support/changes.ts'

/** A partition whose every transaction is refused, and the rows of each. */
async function refusing(): Promise<{ partition: Partition; sent: number[] }> {
  const sent: number[] = []
  const tables = await openTables(
    { kind: 'connectionString', connectionString: 'UseDevelopmentStorage=true' },
    {
      httpClient: {
        sendRequest(request) {
          const body = typeof request.body === 'string' ? request.body : ''
          sent.push(body.split('\nPOST ').length - 1)
          return Promise.reject(new RestError('1:taken', { statusCode: 409, request }))
        },
      },
      retryOptions: { maxRetries: 0 },
    },
  )
  return { partition: partitionOf(tables, DEFAULT_LAYOUTS, scopeOf('acme'), USER), sent }
}

const rows = (count: number): TransactionAction[] =>
  Array.from({ length: count }, (_, n) => ['create', { partitionKey: 'acme', rowKey: `row-${n}` }])

const commit = (partition: Partition, count: number): Promise<string> =>
  commitOnce<string>(partition, aChange('put'), {
    rows: () => rows(count),
    committed: 'committed',
    explain: async (refusal) => ({ result: refusal === undefined ? 'nothing' : 'refused' }),
  })

describe('commitOnce', () => {
  test.each([1, 96])('adds one row to %i', async (count) => {
    const { partition, sent } = await refusing()
    expect(await commit(partition, count)).toBe('refused')
    expect(sent).toEqual([count + 1])
  })

  test('leaves room for three rows more', async () => {
    const { partition, sent } = await refusing()
    await expect(commit(partition, 97)).rejects.toThrow('at most 96')
    expect(sent).toEqual([])
  })

  test('writes no entry where nothing is to be written', async () => {
    const { partition, sent } = await refusing()
    expect(await commit(partition, 0)).toBe('nothing')
    expect(sent).toEqual([])
  })
})
