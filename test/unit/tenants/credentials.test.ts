import { describe, expect, test } from 'vitest'
import type { Credential } from '../../../lib/storage/tenant-port.ts'
import { credentialStatus } from '../../../lib/tenants/credentials.ts'

const NOW = new Date('2026-11-22T08:00:00.000Z')
const LATER = new Date('2026-11-22T09:00:00.000Z')

describe('credentialStatus', () => {
  const at = NOW.toISOString()

  test.each<readonly [string, Partial<Credential>, Date, string]>([
    ['without an expiry', {}, LATER, 'active'],
    ['before its expiry', { expires: LATER.toISOString() }, NOW, 'active'],
    ['at its expiry', { expires: at }, NOW, 'expired'],
    ['after its expiry', { expires: at }, LATER, 'expired'],
    ['with an expiry that cannot be read', { expires: 'soon' }, NOW, 'expired'],
    ['revoked', { revoked: at }, NOW, 'revoked'],
    ['revoked and expired', { revoked: at, expires: at }, LATER, 'revoked'],
  ])('%s', (_, change, now, status) => {
    expect(credentialStatus(change, now)).toBe(status)
  })
})
