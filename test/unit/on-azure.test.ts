import { expect, test } from 'vitest'
import { isOnAzure } from '../../lib/on-azure.ts'

test('Azure is told by what it sets, and not by an empty setting', () => {
  expect(isOnAzure({ WEBSITE_INSTANCE_ID: 'a' })).toBe(true)
  expect(isOnAzure({ WEBSITE_SITE_NAME: 'a' })).toBe(true)
  expect(isOnAzure({ WEBSITE_INSTANCE_ID: '', WEBSITE_HOSTNAME: 'localhost:7071' })).toBe(false)
  expect(isOnAzure({})).toBe(false)
})
