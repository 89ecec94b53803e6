import { describe, expect, test } from 'vitest'
import { requireDomains } from '../../../lib/scim/email-domain.ts'
import type { JsonObject } from '../../../lib/scim/json.ts'
import { refusalOf, said } from '../../support/refusal.ts'

const OURS = ['contoso.com', 'Bücher.example', 'xn--mnchen-3ya.example']

const address = (value: string, type?: string): JsonObject => ({
  value,
  ...(type === undefined ? {} : { type }),
})

const refused = async (
  after: JsonObject,
  before: JsonObject = {},
  allowed: readonly string[] = OURS,
): Promise<string> =>
  said(
    await refusalOf(async () => {
      requireDomains(allowed, before, after)
    }),
  )

const check =
  (after: JsonObject, before: JsonObject = {}, allowed = OURS) =>
  (): void => {
    requireDomains(allowed, before, after)
  }

describe('where a tenant has allowed domains', () => {
  test.each([
    ['a userName of such a domain', { userName: 'ada@contoso.com' }],
    ['in any case', { userName: 'Ada@CONTOSO.Com' }],
    ['a domain as it is written', { userName: 'ada@bücher.example' }],
    ['a domain as the DNS has it', { userName: 'ada@xn--bcher-kva.example' }],
    ['the other way round', { userName: 'ada@München.example' }],
    ['a userName that is no address', { userName: 'ada' }],
    ['an e-mail that is no work e-mail', { emails: [address('ada@gmail.example', 'home')] }],
    ['several without a type', { emails: [address('a@x.example'), address('b@y.example')] }],
    ['a work e-mail of such a domain', { emails: [address('ada@contoso.com', 'work')] }],
  ])('%s is taken', (_, attributes) => {
    expect(check({ userName: 'ada', ...attributes })).not.toThrow()
  })

  test.each([
    ['another domain', { userName: 'ada@gmail.example' }, 'userName "ada@gmail.example"'],
    ['a part of one', { userName: 'ada@eu.contoso.com' }, 'userName "ada@eu.contoso.com"'],
    ['one that ends alike', { userName: 'ada@notcontoso.com' }, 'userName "ada@notcontoso.com"'],
    ['what is no host', { userName: 'ada@contoso.com/x' }, 'userName "ada@contoso.com/x"'],
    [
      'a work e-mail',
      { emails: [address('ada@contoso.com', 'home'), address('ada@gmail.example', 'Work')] },
      'emails[type eq "work"].value "ada@gmail.example"',
    ],
    [
      'the only one without a type',
      { emails: [address('x@home.example', 'home'), address('ada@gmail.example')] },
      'emails.value "ada@gmail.example"',
    ],
  ])('%s is refused by name', async (_, attributes, what) => {
    expect(await refused({ userName: 'ada', ...attributes })).toBe(
      `invalidValue: ${what} is outside of the allowed e-mail domains: contoso.com, Bücher.example, xn--mnchen-3ya.example.`,
    )
  })

  test('what was there before stays, in whatever case it is sent again', async () => {
    const before = { userName: 'ada@old.example', emails: [address('ada@old.example', 'work')] }
    expect(check({ ...before, title: 'x' }, before)).not.toThrow()
    expect(check({ ...before, userName: 'ADA@old.example' }, before)).not.toThrow()
    expect(await refused({ ...before, userName: 'bob@old.example' }, before)).toContain('bob@')
    expect(await refused({ ...before, emails: [address('bob@old.example', 'work')] }, before)).toBe(
      'invalidValue: emails[type eq "work"].value "bob@old.example" is outside of the allowed e-mail domains: contoso.com, Bücher.example, xn--mnchen-3ya.example.',
    )
  })

  test('an address that was there before is no other one for its type or place', () => {
    const [one, other] = [address('a@old.example'), address('b@old.example')]
    expect(check({ emails: [one] }, { emails: [one, other] })).not.toThrow()
    expect(check({ emails: [address('A@old.example', 'work')] }, { emails: [one] })).not.toThrow()
    const home = { emails: [address('a@old.example', 'home')] }
    expect(check({ emails: [address('a@old.example', 'work')] }, home)).not.toThrow()
    expect(check({ userName: 'a@old.example' }, home)).not.toThrow()
    expect(check({ emails: [one] }, { userName: 'a@old.example' })).not.toThrow()
  })

  test.each([
    'ada',
    'ada@con%74oso.com',
    '@contoso.com',
    ' @contoso.com',
    'a@x.example@contoso.com',
  ])('the work e-mail "%s" is outside', async (value) => {
    expect(await refused({ emails: [address(value, 'work')] })).toContain('is outside of')
    expect(await refused({ emails: [address(value)] })).toContain('is outside of')
  })

  test('of many domains the first are named', async () => {
    const many = Array.from({ length: 7 }, (_, n) => `d${n}.example`)
    expect(await refused({ userName: 'a@b.example' }, {}, many)).toContain(
      ': d0.example, d1.example, d2.example, d3.example, d4.example and 2 more.',
    )
  })

  test('the address is no log’s business, and the activity has a reason of its own', async () => {
    const error = await refusalOf(async () => {
      requireDomains(OURS, {}, { userName: 'ada@gmail.example' })
    })
    expect(error.loggedDetail).not.toContain('gmail')
    expect([error.kind, error.reason]).toEqual(['invalidValue', 'emailDomain'])
    expect(error.prefixed('Operation 2: ').reason).toBe('emailDomain')
  })
})

test('where a tenant has none, any domain is taken', () => {
  expect(check({ userName: 'ada@gmail.example' }, {}, [])).not.toThrow()
})
