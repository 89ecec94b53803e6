import type { TableClient, TransactionAction } from '@azure/data-tables'
import type {
  ActivityStore,
  DayFacts,
  HourCounts,
  PeopleCount,
  UseNotes,
} from '../activity-port.ts'
import { addedUp } from '../counted.ts'
import { NO_DEADLINE, type Deadline } from '../deadline.ts'
import { countKey, countRange, type CountFamily } from '../keys.ts'
import type { TenantIdentity } from '../tenant-port.ts'
import { callStorage } from './failure.ts'
import { toDayFacts } from './day-facts.ts'
import { jsonColumns, jsonIn } from './json-columns.ts'
import { readAllRows, type RowPartition } from './partition.ts'
import { toRefusalEntity } from './refusal-row.ts'
import { parsedJson, text, type Entity, type Row } from './row.ts'
import type { Tables } from './tables.ts'
import { noteActivity } from './tenants-summaries.ts'
import { submit } from './transaction.ts'

type Notes = Pick<
  ActivityStore,
  'noteRefusals' | 'noteUse' | 'notePeople' | 'hours' | 'days' | 'people'
>

/** What is noted of the use of a tenant: rows of its partition of the table `users`, and its line in the list of tenants. */
export function tableActivityNotes({ users, tenants }: Pick<Tables, 'users' | 'tenants'>): Notes {
  const partitionOf = (
    { partitionKey }: TenantIdentity,
    deadline: Deadline = NO_DEADLINE,
  ): RowPartition => ({ table: users, partitionKey, deadline })
  const counted = async (
    tenant: TenantIdentity,
    family: CountFamily,
    from: string,
    to: string,
  ): Promise<readonly Row[]> =>
    readAllRows(partitionOf(tenant), { range: countRange(family, from, to) })

  return {
    async noteRefusals(tenant, instance, refusals, deadline) {
      const rows = refusals.map((each) => toRefusalEntity(tenant, instance, each))
      await write(partitionOf(tenant, deadline), rows, 'Merge')
    },
    async noteUse(tenant, notes, deadline = NO_DEADLINE) {
      await Promise.all([
        write(partitionOf(tenant, deadline), useRows(tenant, notes), 'Replace'),
        noteActivity(tenants, tenant, notes.activity, deadline),
      ])
    },
    notePeople: (tenant, count) => replaceRow(users, peopleRow(tenant, count)),
    async hours(tenant, from, to) {
      return addedUp((await counted(tenant, 'stats', from, to)).map(toHour))
    },
    async days(tenant, from, to) {
      return (await counted(tenant, 'day', from, to)).map(toDay)
    },
    async people(tenant, from, to) {
      return (await counted(tenant, 'people', from, to)).map(toPeople)
    },
  }
}

async function write(
  partition: RowPartition,
  rows: readonly Entity[],
  mode: 'Merge' | 'Replace',
): Promise<void> {
  if (rows.length === 0) return
  const outcome = await submit(
    partition,
    rows.map((row): TransactionAction => ['upsert', row, mode]),
  )
  if (!outcome.committed) throw outcome.error
}

async function replaceRow(table: TableClient, row: Entity): Promise<void> {
  await callStorage(NO_DEADLINE, (abortSignal) =>
    table.upsertEntity(row, 'Replace', { abortSignal }),
  )
}

function useRows({ partitionKey }: TenantIdentity, notes: UseNotes): readonly Entity[] {
  const { instance, hours, days } = notes
  return [
    ...hours.map((counts): Entity => {
      const rowKey = countKey('stats', counts.hour, instance)
      return Object.assign({ partitionKey, rowKey }, { ...counts })
    }),
    ...days.map((facts): Entity => {
      const rowKey = countKey('day', facts.day, instance)
      return Object.assign({ partitionKey, rowKey }, jsonColumns(JSON.stringify(facts)))
    }),
  ]
}

function toHour(row: Row): HourCounts {
  return {
    hour: text(row, 'hour'),
    requests: numberIn(row, 'requests'),
    served: numberIn(row, 'served'),
    refused: numberIn(row, 'refused'),
    failed: numberIn(row, 'failed'),
    lookups: numberIn(row, 'lookups'),
    writes: numberIn(row, 'writes'),
    writesRefused: numberIn(row, 'writesRefused'),
    writesFailed: numberIn(row, 'writesFailed'),
  }
}

/** What nobody here has counted is 0. */
function numberIn(row: Row, column: string): number {
  const value = row[column]
  return typeof value === 'number' ? value : 0
}

function toDay(row: Row): DayFacts {
  return toDayFacts(parsedJson(row, 'json0', jsonIn(row)))
}

function peopleRow({ partitionKey }: TenantIdentity, count: PeopleCount): Entity {
  return { ...count, partitionKey, rowKey: countKey('people', count.day) }
}

function toPeople(row: Row): PeopleCount {
  return {
    day: text(row, 'day'),
    users: numberIn(row, 'users'),
    groups: numberIn(row, 'groups'),
  }
}
