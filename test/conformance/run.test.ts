import { describe } from 'vitest'
import { BASE_URL, memoryApp } from '../support/memory-app.ts'
import { testVectors } from './test-vectors.ts'

describe('exchanges over stores in memory', () => {
  testVectors(async () => {
    const { send, tenant } = await memoryApp()
    const { secretToken } = await tenant('conformance')
    return { baseUrl: BASE_URL, token: secretToken, send }
  })
})
