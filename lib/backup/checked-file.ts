import type { ResourceType } from '../scim/resource-type.ts'
import type { TenantTypes } from '../people/tenant-types.ts'
import { compareIds } from '../storage/keys.ts'
import { checkLine } from './checked-line.ts'
import {
  parseRecord,
  type BackupRecord,
  type EndRecord,
  type RecordOf,
  type TenantRecord,
} from './format.ts'
import { linesOf } from './lines.ts'
import { liveDefinitions } from './records.ts'
import { Sum } from './sealed.ts'
import { inLine, wrongFile } from './wrong-file.ts'

/** Opens the file from its begin, not compressed. */
export type OpenFile = () => AsyncIterable<Uint8Array>

/** A file that is whole, and that an export has written or could have. */
export interface CheckedFile {
  /** The last of its records of the tenant. */
  readonly tenant: TenantRecord
  readonly end: EndRecord
  /** Whether the line is the last about what its record is about. */
  readonly isLast: (record: BackupRecord, line: number) => boolean
}

/** Of what a file has changed meanwhile: more cannot be held in memory. */
const MOST_CHANGED = 2_000_000

/** Of a file: they are written at its end. */
const MOST_CREDENTIALS = 10_000

/**
 * Reads a file to its end without keeping it. Memory holds nothing of what stands before the first pass, which is in order and so
 * has each id once, and of what is behind it an id and a number each.
 * @param now by which a time is in the future.
 * @throws ScimError `invalidValue` in one line that says what is wrong.
 */
export async function checkFile(
  open: OpenFile,
  typesOf: TenantTypes,
  now = new Date(),
): Promise<CheckedFile> {
  const check = new Check(typesOf, now)
  for await (const line of linesOf(open())) {
    const record = parseRecord(line)
    check.add(record, line.number)
    if (record.kind !== 'end') check.sum.add(line.bytes, record)
  }
  return check.result()
}

class Check {
  readonly sum = new Sum()
  readonly #typesOf: TenantTypes
  readonly #base: readonly ResourceType[]
  readonly #now: Date
  readonly #last = new Map<string, number>()
  readonly #reached = { user: '', group: '' }
  readonly #credentials = new Set<string>()
  #types: readonly ResourceType[]
  #tenant: TenantRecord | undefined
  #end: EndRecord | undefined
  #group: string | undefined
  #passes = 0

  constructor(typesOf: TenantTypes, now: Date) {
    this.#typesOf = typesOf
    this.#now = now
    this.#base = typesOf([], [])
    this.#types = this.#base
  }

  add(record: BackupRecord, line: number): void {
    if (this.#end !== undefined) throw wrongFile('stands behind the last one', line)
    if ((line === 1) !== (this.#tenant === undefined)) throw wrongFile('is out of place', line)
    if (line === 1 && record.kind !== 'tenant') throw wrongFile('is no tenant’s first line', line)
    if (this.#credentials.size > 0 && record.kind !== 'credential' && record.kind !== 'end') {
      throw wrongFile('is out of place', line)
    }
    this.#follow(record, line)
    this.#place(record, line)
    const how = { base: this.#base, types: this.#types, now: this.#now }
    inLine(line, () => checkLine(how, record))
    this.#take(record, line)
  }

  result(): CheckedFile {
    const [tenant, end] = [this.#tenant, this.#end]
    if (tenant === undefined) throw wrongFile('is empty')
    if (end === undefined) throw wrongFile('is cut off: its last line is missing')
    const { lines, sha256, counts } = this.sum.tally()
    const isSame =
      lines === end.lines &&
      sha256 === end.sha256 &&
      this.#passes === end.passes &&
      JSON.stringify(counts) === JSON.stringify(end.counts)
    if (!isSame) throw wrongFile('was changed: its lines are not what its last line says')
    const last = this.#last
    return {
      tenant,
      end,
      isLast: (record, line) => {
        const key = keyOf(record)
        return key === undefined || (last.get(key) ?? line) === line
      },
    }
  }

  #take(record: BackupRecord, line: number): void {
    switch (record.kind) {
      case 'tenant':
        this.#tenant = record
        this.#types = this.#typesOf(liveDefinitions(record), [])
        break
      case 'pass':
        this.#passes += 1
        if (record.pass !== this.#passes) throw wrongFile('is out of place', line)
        break
      case 'credential':
        this.#takeCredential(record, line)
        break
      case 'end':
        this.#end = record
        break
      case 'user':
      case 'group':
      case 'removed':
      case 'members':
    }
  }

  #takeCredential({ id }: RecordOf<'credential'>, line: number): void {
    if (this.#credentials.has(id)) throw wrongFile('has the id of another credential', line)
    this.#credentials.add(id)
    if (this.#credentials.size > MOST_CREDENTIALS) throw wrongFile('has too many credentials', line)
  }

  #open({ id, group, team }: RecordOf<'group'>, line: number): void {
    if (group === undefined && team === undefined) {
      throw wrongFile('has neither a group nor a team', line)
    }
    this.#group = id
  }

  /** Members stand behind their group or team, with nothing else in between. */
  #follow(record: BackupRecord, line: number): void {
    if (record.kind === 'group') this.#open(record, line)
    else if (record.kind !== 'members') this.#group = undefined
    else if (record.of !== this.#group) throw wrongFile('is not behind its group', line)
  }

  #place(record: BackupRecord, line: number): void {
    const key = keyOf(record)
    if (key === undefined) return
    if (this.#passes > 0) {
      this.#last.set(key, line)
      if (this.#last.size > MOST_CHANGED) throw wrongFile('has too many changes', line)
      return
    }
    if (record.kind !== 'user' && record.kind !== 'group') throw wrongFile('is out of place', line)
    const isLate = record.kind === 'user' && this.#reached.group !== ''
    const before = this.#reached[record.kind]
    if (isLate || (before !== '' && compareIds(before, record.id) >= 0)) {
      throw wrongFile('is out of order', line)
    }
    this.#reached[record.kind] = record.id
  }
}

/** What a record is about. */
function keyOf(record: BackupRecord): string | undefined {
  if (record.kind === 'removed') return `${record.of} ${record.id}`
  return record.kind === 'user' || record.kind === 'group'
    ? `${record.kind} ${record.id}`
    : undefined
}
