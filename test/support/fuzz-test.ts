import { expect, test } from 'vitest'
import { KINDS } from '../../lib/scim/errors.ts'
import { fuzz } from './fuzz-run.ts'

/** What only a failing or overloaded storage brings about, or nothing that is served. */
const OUT_OF_REACH = new Set(['tooMany', 'tooManyRequests', 'internal', 'unavailable', 'forbidden'])

/**
 * Sends more than 5,000 requests, those of two seeds more than 10,000, and expects every kind of answer among theirs.
 * @param seed A fixed one, so that a red build means a change of the code; `npm run fuzz` takes other ones. A failure names
 *   seed and path: `npm run fuzz -- --seed <seed> --path <path>` repeats it.
 */
export function testGeneratedRequests(seed: number): void {
  test(
    'whatever is sent, the answer is one of SCIM and tells no secret',
    { timeout: 120_000 },
    async () => {
      const report = await fuzz({ seed, runs: 105 })
      expect(report.requests).toBeGreaterThan(5000)
      const successes = [200, 201, 204].map((status) => report.statuses.get(status) ?? 0)
      expect(Math.min(...successes)).toBeGreaterThan(50)
      const kinds = Object.entries(KINDS).filter(([kind]) => !OUT_OF_REACH.has(kind))
      const unseen = kinds.filter(([, { status, ...type }]) => {
        const seen =
          'scimType' in type ? report.scimTypes.get(type.scimType) : report.statuses.get(status)
        return seen === undefined
      })
      expect(unseen).toEqual([])
    },
  )
}
