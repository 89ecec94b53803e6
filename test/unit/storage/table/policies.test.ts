import { createServer, type RequestListener, type Server } from 'node:http'
import { TableClient, type TableServiceClientOptions } from '@azure/data-tables'
import { afterEach, describe, expect, test } from 'vitest'
import { countCalls } from '../../../../lib/storage/calls.ts'
import { COUNT_CALLS, countRetries, tryTimeout } from '../../../../lib/storage/table/policies.ts'
import { countedBy } from '../../../support/counted.ts'

const servers: Server[] = []

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

/** A table at a service that answers like this. */
async function tableAt(
  listener: RequestListener,
  options: TableServiceClientOptions,
): Promise<TableClient> {
  const server = createServer(listener)
  servers.push(server)
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return new TableClient(`http://127.0.0.1:${port}`, 'users', {
    allowInsecureConnection: true,
    retryOptions: { maxRetries: 2, retryDelayInMs: 1 },
    ...options,
  })
}

function answering(status: number): RequestListener {
  return (_, response) => {
    response.writeHead(status).end()
  }
}

describe('tryTimeout', () => {
  test('sends a request again that is not answered', async () => {
    let requests = 0
    const listener: RequestListener = (_, response) => {
      requests += 1
      if (requests > 1) response.setHeader('content-type', 'application/json').end('{"a":1}')
    }
    const table = await tableAt(listener, { additionalPolicies: [tryTimeout(300)] })
    expect(await table.getEntity('p', 'r')).toMatchObject({ a: 1 })
    expect(requests).toBe(2)
  })

  test('gives up at last', async () => {
    const table = await tableAt(() => undefined, { additionalPolicies: [tryTimeout(20)] })
    const { result, calls } = await countCalls(() =>
      table.getEntity('p', 'r').catch((error: unknown) => error),
    )
    expect(result).toMatchObject({ name: 'RestError', code: 'ETIMEDOUT' })
    expect(calls).toBe(0)
  })

  test('leaves it to the caller to break off', async () => {
    const table = await tableAt(() => undefined, { additionalPolicies: [tryTimeout(5000)] })
    const abortSignal = AbortSignal.timeout(20)
    await expect(table.getEntity('p', 'r', { abortSignal })).rejects.toMatchObject({
      name: 'AbortError',
    })
  })
})

describe('COUNT_CALLS', () => {
  test('counts each repetition', async () => {
    const table = await tableAt(answering(503), { additionalPolicies: [COUNT_CALLS] })
    const counted = await countCalls(() => table.getEntity('p', 'r').catch(() => undefined))
    expect(counted).toMatchObject({ calls: 3, roundTrips: 3 })
  })

  test('counts a transaction once, whatever its rows', async () => {
    const table = await tableAt(answering(413), { additionalPolicies: [COUNT_CALLS] })
    const rows = ['a', 'b', 'c'].map((rowKey) => ({ partitionKey: 'p', rowKey }))
    const counted = await countCalls(() =>
      table.submitTransaction(rows.map((row) => ['create', row])).catch(() => undefined),
    )
    expect(counted.calls).toBe(1)
  })
})

/** What is counted while a row is read from a service that answers so, one after the other. */
async function readFrom(listener: RequestListener): Promise<readonly string[]> {
  const additionalPolicies = [countRetries(), tryTimeout(300)]
  const table = await tableAt(listener, { additionalPolicies })
  return countedBy(() => table.getEntity('p', 'r').catch(() => undefined))
}

/** As a partition that is too slow. */
const slow: RequestListener = (_, response) => {
  response.writeHead(500, { 'content-type': 'application/json' })
  response.end('{"odata.error":{"code":"OperationTimedOut"}}')
}

describe('countRetries', () => {
  test('counts the requests that are throttled, and those that are made again for it', async () => {
    expect(await readFrom(answering(503))).toEqual([
      'storage.throttles: busy',
      'storage.retries: busy',
      'storage.throttles: busy',
      'storage.retries: busy',
      'storage.throttles: busy',
    ])
  })

  test('knows a partition that is too slow by the code in the answer', async () => {
    const all = await readFrom(slow)
    expect(all.slice(0, 2)).toEqual(['storage.throttles: timed out', 'storage.retries: failed'])
  })

  test('counts failures and silence only when they are made good for', async () => {
    expect(await readFrom(answering(500))).toEqual([
      'storage.retries: failed',
      'storage.retries: failed',
    ])
    expect(await readFrom(() => undefined)).toEqual([
      'storage.retries: unanswered',
      'storage.retries: unanswered',
    ])
  })

  test('counts nothing of what is answered at once, be it that there is no such row', async () => {
    expect(await readFrom(answering(404))).toEqual([])
    expect(await readFrom(answering(412))).toEqual([])
  })
})
