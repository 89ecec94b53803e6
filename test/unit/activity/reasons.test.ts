import { expect, test } from 'vitest'
import { isAboutCredential, isReason, REASONS } from '../../../lib/activity/reasons.ts'
import { KINDS } from '../../../lib/scim/errors.ts'

test('every error that is the request’s own fault is a reason, and none of ours is', () => {
  for (const [kind, { status }] of Object.entries(KINDS)) {
    expect([kind, isReason(kind)]).toEqual([kind, status >= 400 && status < 500])
  }
})

test('the list has each reason once, and is closed', () => {
  expect(new Set(REASONS).size).toBe(REASONS.length)
  const others = REASONS.filter((reason) => !Object.hasOwn(KINDS, reason))
  expect(others).toEqual([
    'done',
    'attributesIgnored',
    'managerUnresolved',
    'credentialExpired',
    'credentialRevoked',
    'tenantDisabled',
    'emailDomain',
    'more',
  ])
  for (const text of ['', 'constructor', 'internal', 'Done']) expect(isReason(text)).toBe(false)
})

test('which refusals are the credential’s', () => {
  expect(REASONS.filter(isAboutCredential).toSorted()).toEqual([
    'credentialExpired',
    'credentialRevoked',
    'tenantDisabled',
  ])
})
