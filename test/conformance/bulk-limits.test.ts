import { beforeAll, describe, expect, test } from 'vitest'
import type { JsonObject } from '../../lib/scim/json.ts'
import { MESSAGE, URN } from '../../lib/scim/urn.ts'
import { errorAnswer, memoryApp, type SendAs } from '../support/memory-app.ts'

/** RFC 7644 §3.7.4, checklist 372 to 374: bodies too large to be written down as data. */

let send: SendAs
beforeAll(async () => {
  const { tenant } = await memoryApp()
  send = (await tenant('bulk-limits')).send
})

function creations(count: number, slug: string): JsonObject {
  const Operations = Array.from({ length: count }, (_, index) => ({
    method: 'POST',
    path: '/Users',
    bulkId: String(index),
    data: { schemas: [URN.user], userName: `${slug}.${index}@example.com` },
  }))
  return { schemas: [MESSAGE.bulkRequest], Operations }
}

async function totalOf(slug: string): Promise<unknown> {
  const filter = encodeURIComponent(`userName sw "${slug}."`)
  const { json } = await send('GET', `/Users?filter=${filter}&count=0`)
  return json['totalResults']
}

describe('limits of bulk requests', () => {
  test('1000 operations are done', async () => {
    const { status, json } = await send('POST', '/Bulk', { body: creations(1000, 'most') })
    expect(status).toBe(200)
    expect(json['Operations']).toHaveLength(1000)
    await expect(totalOf('most')).resolves.toBe(1000)
  })

  test('1001 operations are 413, and none is done', async () => {
    expect(errorAnswer(await send('POST', '/Bulk', { body: creations(1001, 'too-many') }))).toMatch(
      /^413: .*maxOperations.*\b1000\b/,
    )
    await expect(totalOf('too-many')).resolves.toBe(0)
  })

  test('a body above maxPayloadSize is 413, and nothing is done', async () => {
    const body = { ...creations(1, 'too-large'), unknown: 'x'.repeat(1_048_576) }
    expect(errorAnswer(await send('POST', '/Bulk', { body }))).toMatch(
      /^413: .*maxPayloadSize.*\b1048576\b/,
    )
    await expect(totalOf('too-large')).resolves.toBe(0)
  })

  test('a body of exactly maxPayloadSize is taken', async () => {
    const empty = JSON.stringify({ ...creations(1, 'exact'), unknown: '' })
    const body = { ...creations(1, 'exact'), unknown: 'x'.repeat(1_048_576 - empty.length) }
    const { status } = await send('POST', '/Bulk', { body })
    expect(status).toBe(200)
    await expect(totalOf('exact')).resolves.toBe(1)
  })

  test('the published limits are these', async () => {
    const { json } = await send('GET', '/ServiceProviderConfig')
    expect(json['bulk']).toEqual({
      supported: true,
      maxOperations: 1000,
      maxPayloadSize: 1_048_576,
    })
  })
})
