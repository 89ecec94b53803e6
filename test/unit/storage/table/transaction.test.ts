import { RestError, type TransactionAction } from '@azure/data-tables'
import { describe, expect, test } from 'vitest'
import { ScimError } from '../../../../lib/scim/errors.ts'
import { countCalls } from '../../../../lib/storage/calls.ts'
import { USER } from '../../../../lib/scim/default-resource-types.ts'
import { deadlineIn, NO_DEADLINE, type Deadline } from '../../../../lib/storage/deadline.ts'
import { DEFAULT_LAYOUTS } from '../../../../lib/storage/layout.ts'
import { partitionOf, type Partition } from '../../../../lib/storage/table/partition.ts'
import { openTables } from '../../../../lib/storage/table/tables.ts'
import { submit, untilDecided } from '../../../../lib/storage/table/transaction.ts'
import { countedBy } from '../../../support/counted.ts'
import { PASSED, scopeOf } from '../../../support/changes.ts'

/** A partition of tables whose service fails in this way. */
async function failing(
  failure: { statusCode?: number; code?: string; message?: string },
  deadline: Deadline = NO_DEADLINE,
): Promise<Partition> {
  const tables = await openTables(
    { kind: 'connectionString', connectionString: 'UseDevelopmentStorage=true' },
    {
      httpClient: {
        sendRequest: (request) =>
          Promise.reject(new RestError(failure.message ?? 'failed', { ...failure, request })),
      },
      retryOptions: { maxRetries: 0 },
    },
  )
  return partitionOf(tables, DEFAULT_LAYOUTS, scopeOf('acme', deadline), USER)
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

  test.each([
    [1, 409, '1 row', 'taken'],
    [5, 412, '2-5 rows', 'changed'],
    [20, 404, '6-20 rows', 'gone'],
    [50, 412, '21-50 rows', 'changed'],
    [51, 412, '51-100 rows', 'changed'],
  ])('counts its %i rows, and what a %i means', async (count, statusCode, size, lost) => {
    const partition = await failing({ statusCode })
    expect(await countedBy(() => submit(partition, rows(count)))).toEqual([
      `storage.transactions: ${size}`,
      `storage.lostRaces: ${lost}`,
    ])
  })

  test('an outage is no lost race', async () => {
    const partition = await failing({ statusCode: 503 })
    const counted = await countedBy(() => submit(partition, rows(1)))
    expect(counted.filter((each) => each.startsWith('storage.lostRaces'))).toEqual([])
  })

  test('refuses more rows than Azure takes, before it sends them', async () => {
    await expect(submit(await failing({ statusCode: 409 }), rows(101))).rejects.toThrow('101 rows')
    expect(await submit(await failing({ statusCode: 409 }), rows(100))).toMatchObject({
      committed: false,
    })
  })

  test.each([
    ['0:The specified entity already exists.', 0],
    ['12:The specified resource does not exist.', 12],
    ['The specified entity already exists.', undefined],
    ['2026:', undefined],
  ])('tells which row was in the way: %s', async (message, row) => {
    const outcome = await submit(await failing({ statusCode: 409, message }), rows(1))
    expect(outcome).toMatchObject({ committed: false, row })
  })

  test('is sure of a refusal at the first sending, and of no other', async () => {
    const refused = await submit(await failing({ statusCode: 409 }), rows(1))
    expect(refused).toMatchObject({ isAmbiguous: false })
    const lost = await submit(await failing({ code: 'ECONNRESET' }), rows(1))
    expect(lost).toMatchObject({ isAmbiguous: true })
  })

  test('sends nothing behind its deadline', async () => {
    const { calls, result } = await countCalls(async () =>
      submit(await failing({ statusCode: 403 }, PASSED), rows(1)),
    )
    expect(calls).toBe(0)
    expect(result).toMatchObject({ committed: false, error: { kind: 'unavailable' } })
  })
})

const soon = (milliseconds: number): Deadline => deadlineIn(milliseconds, () => new Date())

describe('untilDecided', () => {
  test('tries again until there is a result', async () => {
    let tries = 0
    const attempt = async (): Promise<{ result: number } | { again: unknown }> => {
      tries += 1
      return tries < 4 ? { again: 'lost' } : { result: tries }
    }
    expect(await untilDecided(soon(10_000), 'a', attempt)).toBe(4)
  })

  test('takes undefined for a result', async () => {
    expect(await untilDecided(soon(0), 'a', async () => ({ result: undefined }))).toBeUndefined()
  })

  test('is unavailable when the deadline has passed', async () => {
    const reason = new Error('lost again')
    const started = Date.now()
    const deciding = untilDecided(soon(50), 'a', async () => ({ again: reason }))
    await expect(deciding).rejects.toMatchObject({
      kind: 'unavailable',
      cause: reason,
      headers: { 'retry-after': '5' },
    })
    await expect(deciding).rejects.toBeInstanceOf(ScimError)
    expect(Date.now() - started).toBeGreaterThanOrEqual(45)
    expect(Date.now() - started).toBeLessThan(1000)
  })

  test('throws what an attempt throws', async () => {
    const deciding = untilDecided(soon(10_000), 'a', () => Promise.reject(new Error('broken')))
    await expect(deciding).rejects.toThrow('broken')
  })
})
