import { describe } from 'vitest'
import { memoryStores } from '../../lib/storage/memory/stores.ts'
import { hiddenAccountsContract } from './hidden-accounts.ts'
import { hiddenAttributesContract } from './hidden-attributes.ts'
import { invitationsContract } from './invitations.ts'
import { levelsContract } from './levels.ts'
import { peopleSearchContract } from './people-search.ts'
import { resourceStoreContract } from './resource-store.ts'

describe('resources in memory', () => {
  const { resources: store, memberships } = memoryStores()
  resourceStoreContract(() => ({ store, memberships }))
  hiddenAttributesContract(() => ({ store, memberships }))
  hiddenAccountsContract(() => ({ store, memberships }))
  invitationsContract(() => ({ store, memberships }))
  levelsContract(() => ({ store, memberships }))
  peopleSearchContract(() => ({ store, memberships }))
})
