import { describe } from 'vitest'
import { memoryStores } from '../../lib/storage/memory/stores.ts'
import { memoryJournal } from '../support/journal.ts'
import { journalContract } from './journal-store.ts'

describe('changes in memory', () => {
  const { resources, memberships, state } = memoryStores()
  journalContract(() => ({ resources, memberships, journal: memoryJournal(state) }))
})
