import { beforeAll, expect, test } from 'vitest'
import { replay, type Endpoint } from './replay.ts'
import { loadVectors } from './vector.ts'

/**
 * One test for each vector, all on one tenant. A pending one must fail, so that it does not stay pending once it
 * could pass.
 *
 * @param open starts the endpoint, once
 */
export function testVectors(open: () => Promise<Endpoint>): void {
  let endpoint: Endpoint
  beforeAll(async () => {
    endpoint = await open()
  })

  const cases = loadVectors().map((vector) => [`${vector.id}: ${vector.title}`, vector] as const)
  test.for(cases)('%s', async ([, vector]) => {
    const outcome = await outcomeOf(replay(endpoint, vector))
    expect(outcome).toMatch(vector.pending === undefined ? PASSED : NOT_PASSED)
  })
}

const PASSED = 'all is as the vector says'
const NOT_PASSED = /^(?!all is as the vector says$)/

async function outcomeOf(replayed: Promise<void>): Promise<string> {
  try {
    await replayed
    return PASSED
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
