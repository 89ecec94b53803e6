import { ScimError } from '../scim/errors.ts'
import type { BackupRecord } from './format.ts'

/** Milliseconds by which clocks may differ: of instances of the app, and of the machine that imports. */
const CLOCKS_DIFFER = 24 * 60 * 60 * 1000

type Named = readonly [name: string, time: string]

/** When something was made and last changed. */
interface Stamps {
  readonly created: string
  readonly lastModified: string
}

/**
 * Refuses times that no clock has shown: what is changed later moves on from the last time, which must not leave the years that
 * have four digits.
 * @throws ScimError `invalidValue` that names the time.
 */
export function checkTimes(record: BackupRecord, now: Date): void {
  const latest = now.getTime() + CLOCKS_DIFFER
  for (const [name, time] of timesOf(record)) {
    if (Date.parse(time) > latest) {
      throw new ScimError('invalidValue', `${name} must not be in the future; ${time} came`)
    }
  }
  // A group has the time of what has taken its members out, which may have begun before the group was there; a team that of a group.
  if (record.kind === 'user' && record.lastModified < record.created) {
    const { created, lastModified } = record
    throw new ScimError(
      'invalidValue',
      `lastModified must not be before created, ${created}; ${lastModified} came`,
    )
  }
}

function stampsOf(record: BackupRecord): readonly Stamps[] {
  if (record.kind === 'user') return [record]
  return record.kind === 'group' ? [record.group, record.team].filter((each) => !!each) : []
}

function timesOf(record: BackupRecord): readonly Named[] {
  const stamps = stampsOf(record).flatMap(({ created, lastModified }): readonly Named[] => [
    ['created', created],
    ['lastModified', lastModified],
  ])
  if (record.kind === 'tenant') {
    const { exported, definitions } = record
    return [['exported', exported], ...definitions.flatMap(timesOfDefinition)]
  }
  if (record.kind === 'credential') return [['created', record.created]]
  if (record.kind !== 'user' || typeof record.invitation !== 'object') return stamps
  return [...stamps, ['invitation.since', record.invitation.since]]
}

function timesOfDefinition({
  created,
  removed,
}: {
  readonly created: string
  readonly removed?: string | undefined
}): readonly Named[] {
  const made: Named = ['created of an attribute', created]
  return removed === undefined ? [made] : [made, ['removed of an attribute', removed]]
}
