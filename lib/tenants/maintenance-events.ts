import type { CredentialKind } from '../storage/tenant-port.ts'

/** What the maintenance has to tell: ids and numbers for the log, no secret and no personal data. */
export type MaintenanceEvent =
  | {
      readonly event: 'credential expires'
      readonly tenant: string
      readonly credential: string
      readonly kind: CredentialKind
      readonly expires: string
      /** So many days ahead, or fewer, it is. */
      readonly days: number
    }
  | { readonly event: 'tenant deleted'; readonly tenant: string; readonly rows: number }
  | {
      readonly event: 'orphan found'
      /** The PartitionKey in users and groups. */
      readonly partition: string
      /** When it was first found. */
      readonly found: string
    }
  | {
      readonly event: 'activity purged'
      readonly tenant: string
      /** Rows that were too old, and rows that have lost the names of whom was deleted. */
      readonly rows: number
      readonly names: number
    }
  | {
      readonly event: 'attributes purged'
      readonly tenant: string
      readonly attributes: readonly string[]
      /** How many users had some of them. */
      readonly users: number
    }
  | {
      readonly event: 'indexes filled'
      readonly tenant: string
      /** Whose indexes these are, and those of them that something is in the way of. */
      readonly attributes: readonly string[]
      readonly clashing: readonly string[]
      /** How many users were written. */
      readonly users: number
    }
  | {
      readonly event: 'maintenance failed'
      readonly step: 'deletion' | 'repair' | 'warning' | 'retention' | 'purge' | 'indexes'
      readonly tenant: string
      /** For a log that leaves messages of others out. */
      readonly error: unknown
    }

export type Tell = (event: MaintenanceEvent) => void
