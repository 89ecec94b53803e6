import type { TransactionAction } from '@azure/data-tables'
import type { StoredResource } from '../../scim/resource.ts'
import type { Brought } from '../bringing-port.ts'
import { entryKey } from '../index-changes.ts'
import { indexedValues, type IndexEntry } from '../index-entries.ts'
import { broughtEntries, isUnfilled } from '../index-limits.ts'
import { hiddenKey, resourceKey } from '../keys.ts'
import type { Change } from '../port.ts'
import { storableJson } from '../stored-size.ts'
import { nameIn, nameTaken, teamFold } from '../team-names.ts'
import type { Team } from '../team-port.ts'
import { countAction, readCounter } from './counters.ts'
import { guardRows } from './create.ts'
import { IDENTITY_COLUMNS } from './entity.ts'
import { keepHidden } from './hidden-rows.ts'
import { holdersOf, refuseTaken } from './index-rows.ts'
import { commitOnce } from './journal.ts'
import { newRows } from './new-rows.ts'
import { levelMove } from './levels.ts'
import { readRow, type Partition, type ResourcePartition } from './partition.ts'
import { holdName, readName, readTeam, toTeamRow, touchName } from './team-rows.ts'

/** Inserts a resource as it was; see `Bringing.bring`. */
export async function bringResource(
  partition: ResourcePartition,
  resource: StoredResource,
  change: Change,
): Promise<Brought> {
  const { layout, resourceType } = partition
  const { id, attributes } = resource
  const json = storableJson(resourceType, resource)
  let entries = broughtEntries(indexedValues(layout, resourceType, attributes))
  return commitOnce<Brought>(partition, change, {
    rows: async () => {
      const [counter, names] = await Promise.all([
        readCounter(partition, id),
        nameRows(partition, entries),
      ])
      return [
        ...newRows(partition, resource, entries, json),
        ...guardRows(partition, id, 'create'),
        ...names,
        countAction(partition, counter, 1, levelMove(partition, undefined, attributes)),
      ]
    },
    committed: 'brought',
    explain: async (refusal) => {
      const [found, holders] = await Promise.all([
        foundAt(partition, resourceKey(layout, id), resource),
        holdersOf(partition, entries),
      ])
      if (found !== undefined) return { result: found }
      const others = holders.filter((each) => each.holder.id !== id)
      refuseTaken(
        partition,
        id,
        others.filter(({ index }) => !isUnfilled(index)),
      )
      const clashing = new Set(others.map((each) => entryKey(id, each)))
      entries = entries.filter((each) => !clashing.has(entryKey(id, each)))
      return { again: refusal?.error }
    },
  })
}

/** What the creation of a group leaves under its name: whoever gives a team the same name sees it. */
async function nameRows(
  partition: ResourcePartition,
  entries: readonly IndexEntry[],
): Promise<readonly TransactionAction[]> {
  if (!partition.layout.guarded) return []
  const folded = nameIn(partition.layout, entries)
  return folded === undefined ? [] : [touchName(partition, await readName(partition, folded))]
}

/** What is there already; undefined: nothing. */
async function foundAt(
  partition: Partition,
  rowKey: string,
  { version }: Pick<StoredResource, 'version'>,
): Promise<Exclude<Brought, 'brought'> | undefined> {
  const row = await readRow(partition, rowKey, IDENTITY_COLUMNS)
  if (row === undefined) return undefined
  return row['version'] === version ? 'there' : 'other'
}

/** Inserts an account that is kept out of sight; see `Bringing.bringHidden`. */
export async function bringHidden(
  partition: ResourcePartition,
  account: StoredResource,
  change: Change,
): Promise<Brought> {
  const { version, lastModified, id } = account
  const asHidden = { ...change, stamp: { version, lastModified } }
  return commitOnce<Brought>(partition, change, {
    rows: () => keepHidden(partition, account, asHidden),
    committed: 'brought',
    explain: async (refusal) => {
      const found = await foundAt(partition, hiddenKey(partition.layout, id), account)
      return found === undefined ? { again: refusal?.error } : { result: found }
    },
  })
}

/** Reads what `bringResource` would meet. */
export async function rehearseResource(
  partition: ResourcePartition,
  resource: StoredResource,
): Promise<Brought> {
  const { layout, resourceType } = partition
  const { id, attributes } = resource
  storableJson(resourceType, resource)
  const entries = broughtEntries(indexedValues(layout, resourceType, attributes))
  const [found, holders] = await Promise.all([
    foundAt(partition, resourceKey(layout, id), resource),
    holdersOf(
      partition,
      entries.filter(({ index }) => !isUnfilled(index)),
    ),
  ])
  if (found !== undefined) return found
  refuseTaken(partition, id, holders)
  return 'brought'
}

/** Reads what `bringHidden` would meet. */
export async function rehearseHidden(
  partition: ResourcePartition,
  account: StoredResource,
): Promise<Brought> {
  const { layout, resourceType } = partition
  storableJson(resourceType, account)
  return (await foundAt(partition, hiddenKey(layout, account.id), account)) ?? 'brought'
}

/** Inserts a team that was made by hand; see `TeamStore.bring`. */
export async function bringTeam(
  partition: Partition,
  team: Team,
  change: Change,
): Promise<Brought> {
  const folded = teamFold(team.name)
  return commitOnce<Brought>(partition, change, {
    rows: async () => {
      const name = await readName(partition, folded)
      if (name.held !== undefined) return []
      return [['create', toTeamRow(partition, team)], holdName(partition, name, team)]
    },
    committed: 'brought',
    explain: async (refusal) => {
      const there = await readTeam(partition, team.id)
      if (there !== undefined) {
        return { result: there.version === team.version ? 'there' : 'other' }
      }
      const { held } = await readName(partition, folded)
      if (held !== undefined) throw nameTaken({ id: held.team, is: 'team' })
      return { again: refusal?.error }
    },
  })
}
