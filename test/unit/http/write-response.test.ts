import { describe, expect, test } from 'vitest'
import { writeError, writeResult } from '../../../lib/http/write-response.ts'
import { KINDS, ScimError, type ErrorKind } from '../../../lib/scim/errors.ts'
import { Streamed, type Answer } from '../../../lib/service/answer.ts'

async function* batches(...lists: readonly Answer[][]): AsyncGenerator<readonly Answer[]> {
  yield* lists
}

function parse(body: unknown): unknown {
  if (typeof body === 'string') return JSON.parse(body)
  if (body instanceof Uint8Array) return JSON.parse(Buffer.from(body).toString())
  throw new TypeError('no body')
}

describe('a result', () => {
  test('has the SCIM media type, Location and ETag, and is not kept by anyone', async () => {
    const response = await writeResult({
      status: 201,
      body: { id: '1' },
      location: 'https://h/api/scim/Users/1',
      etag: 'W/"v"',
    })
    expect(response).toEqual({
      status: 201,
      headers: {
        'cache-control': 'no-store',
        'content-type': 'application/scim+json; charset=utf-8',
        location: 'https://h/api/scim/Users/1',
        etag: 'W/"v"',
      },
      body: '{"id":"1"}',
    })
  })

  test.each([204, 304])('with %i has no body', async (status) => {
    const response = await writeResult({ status, ...(status === 304 ? { body: { id: '1' } } : {}) })
    expect(response.body).toBeUndefined()
    expect(response.headers).not.toHaveProperty('content-type')
  })

  test('writes streamed lists in the place where they stand', async () => {
    const response = await writeResult({
      status: 200,
      body: {
        a: 1,
        Resources: new Streamed(
          batches(
            [{ id: 'é', members: new Streamed(batches([1, 2], [], [3])) }],
            [{ members: new Streamed(batches()) }, 'x'],
          ),
        ),
        z: [new Streamed(batches([null])), { y: [] }],
      },
    })
    expect(parse(response.body)).toEqual({
      a: 1,
      Resources: [{ id: 'é', members: [1, 2, 3] }, { members: [] }, 'x'],
      z: [[null], { y: [] }],
    })
  })
})

function isKind(name: string): name is ErrorKind {
  return Object.hasOwn(KINDS, name)
}

const ALL_KINDS = Object.keys(KINDS).filter(isKind)

describe('an error', () => {
  test.each(ALL_KINDS)('%s has the SCIM error body', (kind) => {
    const response = writeError(new ScimError(kind, 'why', { headers: { allow: 'GET' } }))
    const { status, ...rest }: { status: number; scimType?: string } = KINDS[kind]
    expect(response.status).toBe(status)
    expect(response.headers).toMatchObject({
      allow: 'GET',
      'content-type': 'application/scim+json; charset=utf-8',
    })
    expect(parse(response.body)).toEqual({
      schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
      status: String(status),
      ...rest,
      detail: 'why',
    })
  })
})
