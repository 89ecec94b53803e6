import { describe } from 'vitest'
import { memoryStores } from '../../lib/storage/memory/stores.ts'
import { LAYOUTS } from '../support/device.ts'
import { thirdTypeContract } from './third-type-store.ts'

describe('a third resource type in memory', () => {
  const stores = memoryStores({ layouts: LAYOUTS })
  thirdTypeContract(() => stores)
})
