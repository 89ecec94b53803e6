import { describe } from 'vitest'
import { memoryEndpoint } from './memory-endpoint.ts'
import { testVectors } from './test-vectors.ts'

describe('exchanges over stores in memory', () => {
  testVectors(memoryEndpoint)
})
