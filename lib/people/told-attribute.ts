import { wantedIndex, type DefinableType } from '../scim/attribute-definition.ts'
import type { DeclaredAttribute } from '../storage/tenant-port.ts'
import { targets } from './targets.ts'

/** An attribute that a tenant has declared as it is told of, by the manage API and the command line. */
export interface ToldAttribute {
  id: string
  label: string
  description?: string
  type: DefinableType
  multiValued: boolean
  allowedValues: string[]
  unique: boolean
  indexed: boolean
  /** Absent where filters scan, and equal values are allowed. */
  index?: { complete: boolean; clashes: (readonly string[])[] }
  /** The URN of its extension, also where that is the people extension. */
  schema: string
  /** `removed`: what users have of it is hidden; `purging`: it is being taken out. */
  state: 'active' | 'removed' | 'purging'
  created: string
  removed?: string
  targets: { target: string; olderTarget: string; alsoTaken: string[]; restriction?: string }
}

/** @param peopleUrn the URN of the people extension. */
export function toldAttribute(definition: DeclaredAttribute, peopleUrn: string): ToldAttribute {
  const { id, label, description, type, multiValued, allowedValues, unique, indexed } = definition
  const { schema = peopleUrn, created, removed } = definition
  const { target, olderTarget, alsoTaken, restriction } = targets(definition, peopleUrn)
  return {
    id,
    label,
    ...(description === undefined ? {} : { description }),
    type,
    multiValued,
    allowedValues: [...allowedValues],
    unique,
    indexed,
    ...(removed === undefined ? toldIndex(definition) : {}),
    schema,
    state: stateOf(definition),
    created,
    ...(removed === undefined ? {} : { removed }),
    targets: {
      target,
      olderTarget,
      alsoTaken: [...alsoTaken],
      ...(restriction === undefined ? {} : { restriction }),
    },
  }
}

function toldIndex(definition: DeclaredAttribute): Pick<ToldAttribute, 'index'> {
  const { index } = definition
  if (index === undefined || wantedIndex(definition).length === 0) return {}
  const { complete, clashes } = index
  return { index: { complete, clashes: [...clashes] } }
}

function stateOf({ removed, purging }: DeclaredAttribute): ToldAttribute['state'] {
  if (purging === true) return 'purging'
  return removed === undefined ? 'active' : 'removed'
}
