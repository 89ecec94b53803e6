import { expect, describe, test } from 'vitest'
import { OAuthError } from '../../../lib/oauth/oauth-error.ts'
import { JWT_BEARER, readTokenRequest } from '../../../lib/oauth/token-request.ts'

const FORM = 'application/x-www-form-urlencoded'
const GRANT = 'grant_type=client_credentials'
const BASIC = `Basic ${Buffer.from('scim_acme:scims_x').toString('base64')}`
const TYPE = `client_assertion_type=${encodeURIComponent(JWT_BEARER)}`

function read(
  body: string,
  more: { authorization?: string; contentType?: string; query?: string } = {},
): ReturnType<typeof readTokenRequest> {
  const { authorization, contentType = FORM, query = '' } = more
  return readTokenRequest({ authorization, contentType, query: new URLSearchParams(query), body })
}

function refusal(...request: Parameters<typeof read>): string {
  try {
    read(...request)
  } catch (error) {
    if (error instanceof OAuthError) {
      return `${error.status} ${error.code}: ${error.message}`
    }
    throw error
  }
  throw new Error('Nothing was refused.')
}

describe('who it is from', () => {
  const secret = { clientId: 'scim_acme', secret: 'scims_x' }

  test.each([
    ['in the body', `${GRANT}&client_id=scim_acme&client_secret=scims_x&scope=scim`, {}],
    ['in the header', GRANT, { authorization: BASIC }],
    ['in the header, in lower case', GRANT, { authorization: BASIC.replace('Basic', 'basic') }],
    ['in the header, named in the body', `${GRANT}&client_id=scim_acme`, { authorization: BASIC }],
    [
      'with a parameter that nobody knows, and one without a value',
      `${GRANT}&client_id=scim_acme&client_secret=scims_x&resource=y&client_assertion=`,
      {},
    ],
    [
      'with the character set of the form',
      `${GRANT}&client_id=scim_acme&client_secret=scims_x`,
      { contentType: `${FORM}; charset=UTF-8` },
    ],
  ])('%s', (_case, body, more) => {
    expect(read(body, more)).toEqual(secret)
  })

  test('by an assertion', () => {
    expect(read(`${GRANT}&client_id=scim_acme&${TYPE}&client_assertion=eyJ&scope=scim`)).toEqual({
      clientId: 'scim_acme',
      assertion: 'eyJ',
    })
  })

  test('form-encoded within the header (RFC 6749 §2.3.1)', () => {
    const authorization = `Basic ${Buffer.from('a%3Ab+c:d%25').toString('base64')}`
    expect(read(GRANT, { authorization })).toEqual({ clientId: 'a:b c', secret: 'd%' })
  })
})

describe('refused', () => {
  const ID = 'client_id=scim_acme'
  test.each<[string, ...Parameters<typeof read>]>([
    ['400 invalid_request: grant_type is missing; it must be client_credentials.', ID],
    [
      '400 unsupported_grant_type: grant_type must be client_credentials.',
      `grant_type=password&${ID}`,
    ],
    ['400 invalid_request: client_id is missing.', `${GRANT}&client_secret=x`],
    [
      '401 invalid_client: The client must authenticate: with client_secret, a Basic header or client_assertion.',
      `${GRANT}&${ID}`,
    ],
    [
      '400 invalid_request: The client must authenticate in one way only: Basic, client_secret or client_assertion.',
      `${GRANT}&${ID}&client_secret=x`,
      { authorization: BASIC },
    ],
    [
      '400 invalid_request: The client must authenticate in one way only: Basic, client_secret or client_assertion.',
      `${GRANT}&${ID}&client_secret=x&${TYPE}&client_assertion=eyJ`,
    ],
    [
      '400 invalid_request: client_id is another one than that of the Authorization header.',
      `${GRANT}&client_id=scim_demo`,
      { authorization: BASIC },
    ],
    [
      `400 invalid_request: client_assertion_type must be ${JWT_BEARER}.`,
      `${GRANT}&${ID}&client_assertion=eyJ`,
    ],
    ['400 invalid_request: client_assertion is missing.', `${GRANT}&${ID}&${TYPE}`],
    [
      '400 invalid_request: client_secret is given twice.',
      `${GRANT}&${ID}&client_secret=x&client_secret=x`,
    ],
    ['400 invalid_request: A parameter is given twice.', `${GRANT}&${ID}&x=1&x=1`],
    [
      '400 invalid_request: There are more than 50 parameters.',
      `${GRANT}${Array.from({ length: 50 }, (_, n) => `&p${n}=`).join('')}`,
    ],
    [
      '400 invalid_request: client_secret belongs into the body, not into the URL, which is in logs.',
      GRANT,
      { query: 'client_secret=x' },
    ],
    [
      `400 invalid_request: Content-Type must be ${FORM}.`,
      '{"grant_type":"client_credentials"}',
      { contentType: 'application/json' },
    ],
    [
      '401 invalid_client: The scheme of the Authorization header must be Basic.',
      GRANT,
      { authorization: 'Bearer eyJ' },
    ],
    ...['Basic', 'Basic !', 'Basic OnNlY3JldA==', `Basic ${btoa('a:%zz')}`].map(
      (authorization): [string, string, { authorization: string }] => [
        '401 invalid_client: The Authorization header must be Basic with base64 of client_id, a colon and client_secret.',
        GRANT,
        { authorization },
      ],
    ),
  ])('%s', (expected, ...request) => {
    expect(refusal(...request)).toBe(expected)
    // RFC 6749 §5.2.
    expect(expected).toMatch(/^[\x20-\x21\x23-\x5B\x5D-\x7E]+$/)
  })
})
