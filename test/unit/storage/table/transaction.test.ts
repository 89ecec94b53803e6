import { RestError, type TransactionAction } from '@azure/data-tables'
import { describe, expect, test } from 'vitest'
import { ScimError } from '../../../../lib/scim/errors.ts'
import { USER } from '../../../../lib/scim/default-resource-types.ts'
import { partitionOf, type Partition } from '../../../../lib/storage/table/partition.ts'
import { openTables } from '../../../../lib/storage/table/tables.ts'
import { submit, untilDecided } from '../../../../lib/storage/table/transaction.ts'

/** A partition of tables whose service fails in this way. */
async function failing(failure: { statusCode?: number; code?: string }): Promise<Partition> {
  const tables = await openTables(
    { kind: 'connectionString', connectionString: 'UseDevelopmentStorage=true' },
    {
      httpClient: {
        sendRequest: (request) => Promise.reject(new RestError('failed', { ...failure, request })),
      },
      retryOptions: { maxRetries: 0 },
    },
  )
  return partitionOf(tables, 'acme', USER)
}

const rows = (count: number): TransactionAction[] =>
  Array.from({ length: count }, (_, n) => ['create', { partitionKey: 'acme', rowKey: `row-${n}` }])

describe('submit', () => {
  test.each([409, 412, 404])(
    'leaves it to the caller what a refusal means: %i',
    async (statusCode) => {
      const outcome = await submit(await failing({ statusCode }), rows(1))
      expect(outcome).toMatchObject({ committed: false, error: { statusCode } })
    },
  )

  test.each([{ statusCode: 503 }, { statusCode: 500 }, { statusCode: 429 }, { code: 'EPIPE' }])(
    'does not know what became of it: %j',
    async (failure) => {
      const outcome = await submit(await failing(failure), rows(1))
      expect(outcome).toMatchObject({ committed: false, error: { kind: 'unavailable' } })
    },
  )

  test.each([400, 403, 413])(
    'throws what trying again would not change: %i',
    async (statusCode) => {
      await expect(submit(await failing({ statusCode }), rows(1))).rejects.toMatchObject({
        statusCode,
      })
    },
  )

  test('refuses more rows than Azure takes, before it sends them', async () => {
    await expect(submit(await failing({ statusCode: 409 }), rows(101))).rejects.toThrow('101 rows')
    expect(await submit(await failing({ statusCode: 409 }), rows(100))).toMatchObject({
      committed: false,
    })
  })
})

describe('untilDecided', () => {
  test('tries again until there is a result', async () => {
    let tries = 0
    const attempt = async (): Promise<{ result: number } | { again: unknown }> => {
      tries += 1
      return tries < 4 ? { again: 'lost' } : { result: tries }
    }
    expect(await untilDecided(attempt, 10_000)).toBe(4)
  })

  test('takes undefined for a result', async () => {
    expect(await untilDecided(async () => ({ result: undefined }), 0)).toBeUndefined()
  })

  test('is unavailable when patience ends', async () => {
    const reason = new Error('lost again')
    const started = Date.now()
    const deciding = untilDecided(async () => ({ again: reason }), 50)
    await expect(deciding).rejects.toMatchObject({ kind: 'unavailable', cause: reason })
    await expect(deciding).rejects.toBeInstanceOf(ScimError)
    expect(Date.now() - started).toBeGreaterThanOrEqual(45)
  })

  test('throws what an attempt throws', async () => {
    const deciding = untilDecided(() => Promise.reject(new Error('broken')), 10_000)
    await expect(deciding).rejects.toThrow('broken')
  })
})
