import type { TransactionAction } from '@azure/data-tables'
import { resourceKey } from '../../keys.ts'
import { teamKey, teamNameKey } from '../../team-keys.ts'
import { teamFold } from '../../team-names.ts'
import type { Team } from '../../team-port.ts'
import type { ResourcePartition } from '../partition.ts'
import { text, type Row } from '../row.ts'
import { textIn } from './families.ts'
import { freeName, holdName, type NameRow } from '../team-rows.ts'
import { deletionMarks } from './look-resource.ts'
import { asRead, writing } from './mending.ts'
import { teamIn } from './readable.ts'
import { steadily } from './steady.ts'
import type { Ground, Look, Suspect } from './suspect.ts'

const TYPE = 'Team'

/** A name, the team that should have it, and the one that has it where that is another. */
export async function lookAtTeamName(
  partition: ResourcePartition,
  { key, ids: [id = ''] }: Suspect,
): Promise<Look> {
  const looked = await steadily(async (reads) => {
    const [row, own] = await Promise.all([
      reads.row(partition, key),
      reads.row(partition, teamKey(id)),
    ])
    const [holder] = row === undefined ? [] : textIn(row, 'team')
    const other =
      holder === undefined || holder === id
        ? undefined
        : await reads.row(partition, teamKey(holder))
    return { row, own, holder, other }
  })
  if (looked === 'moving') return looked
  const { row, own, holder, other } = looked.seen
  const name = nameRow(key, row)
  if (own === undefined || nameKeyOf(own) !== key) {
    if (holder !== id) return undefined
    const mend = writing(partition, freeName(partition, name))
    return { problem: 'team name stray', type: TYPE, about: id, mend }
  }
  if (other !== undefined && nameKeyOf(other) === key) {
    return { problem: 'team name twice', type: TYPE, about: `${id}, ${holder ?? ''}` }
  }
  const team = teamIn(own)
  if (row !== undefined && isHeldBy(row, team)) return undefined
  const anchor = asRead(partition, teamKey(id), text(own, 'etag'))
  const mend = writing(partition, anchor, holdName(partition, name, team))
  return { problem: 'team name lost', type: TYPE, about: id, mend }
}

function nameKeyOf(row: Row): string {
  return teamNameKey(teamFold(teamIn(row).name))
}

function nameRow(rowKey: string, row: Row | undefined): NameRow {
  return row === undefined ? { rowKey } : { rowKey, etag: text(row, 'etag') }
}

function isHeldBy(row: Row, { id, name, version, adopted }: Team): boolean {
  const isSame = row['team'] === id && row['name'] === name && row['version'] === version
  return isSame && (row['adopted'] === true) === adopted
}

/** A team, and the group that it is while it is adopted. */
export async function lookAtTeam(
  partition: ResourcePartition,
  ground: Ground,
  { key, ids: [id = ''] }: Suspect,
): Promise<Look> {
  const looked = await steadily(async (reads) => {
    const [row, group, marks] = await Promise.all([
      reads.row(partition, key),
      reads.resource(partition, id),
      deletionMarks(reads, ground, id),
    ])
    const nameKey = row && nameKeyOf(row)
    const name = nameKey === undefined ? undefined : await reads.row(partition, nameKey)
    return { row, group, marks, name }
  })
  if (looked === 'moving') return looked
  const { row, group, marks, name } = looked.seen
  if (row === undefined || marks.length > 0) return undefined
  const team = teamIn(row)
  const adopted = group !== undefined
  if (team.adopted === adopted) return undefined
  const { partitionKey, layout } = partition
  const changed: TransactionAction = [
    'update',
    { partitionKey, rowKey: key, adopted },
    'Merge',
    { etag: text(row, 'etag') },
  ]
  const rows = [
    changed,
    ...(group === undefined ? [] : [asRead(partition, resourceKey(layout, id), group.revision)]),
    ...(name?.['team'] === id
      ? [holdName(partition, nameRow(text(name, 'rowKey'), name), { ...team, adopted })]
      : []),
  ]
  const detail = adopted ? 'the group is there' : 'there is no group'
  return {
    problem: 'adoption wrong',
    type: TYPE,
    about: id,
    detail,
    mend: writing(partition, ...rows),
  }
}
