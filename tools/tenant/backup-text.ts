import type { Counts, EndRecord } from '../../lib/backup/format.ts'
import type { Done } from '../../lib/backup/backup-parts.ts'
import type { Imported } from '../../lib/backup/import.ts'
import { counted } from './counted.ts'
import { printable } from './text.ts'

/** How far an export or import is. */
export function doneText({ users, groups, members, pass }: Done): string {
  const counts = [
    counted(users, 'user'),
    counted(groups, 'group or team', 'groups and teams'),
    counted(members, 'member'),
  ]
  return [...counts, ...(pass === undefined ? [] : [`what has changed, pass ${pass}`])].join(', ')
}

/** What there is of each kind. */
export function countsText(counts: Omit<Counts, 'removed'>): string {
  const { users, hidden, groups, teams, members, membersByHand, credentials } = counts
  return [
    counted(users, 'user'),
    counted(hidden, 'hidden account'),
    `${counted(groups, 'group')} with ${counted(members, 'member')}`,
    counted(teams, 'team made by hand', 'teams made by hand'),
    counted(membersByHand, 'membership made by hand', 'memberships made by hand'),
    counted(credentials, 'credential'),
  ].join(', ')
}

export function exportText(id: string, file: string, { counts, whole, passes }: EndRecord): string {
  const more = counted(passes, 'further pass', 'further passes')
  return [
    `tenant ${id} is exported to ${file}: ${countsText(counts)}`,
    ...(passes === 0
      ? []
      : [`what has changed meanwhile was written again in ${more}, and counts each time`]),
    ...(whole ? [] : [`it kept changing: what has changed behind the last of ${more} is missing`]),
  ].join('\n')
}

/** How many tenants are in files, and which are not. */
export function allText(exported: number, folder: string, failed: readonly string[]): string {
  const done = `${counted(exported, 'tenant is', 'tenants are')} exported to ${folder}`
  if (failed.length === 0) return done
  return `${done}, ${counted(failed.length, 'is', 'are')} not: ${failed.join(', ')}`
}

export function importText(id: string, imported: Imported, dryRun: boolean): string {
  const { from, brought, there, whole, unknownSettings } = imported
  const verb = dryRun ? 'would be imported' : 'is imported'
  const lines = [
    `the tenant ${from.id} (${from.name}) as of ${from.exported} ${verb} into ${id}: ${countsText(brought)}`,
    ...(there === 0 ? [] : [`${counted(there, 'was', 'were')} there already`]),
    ...(whole ? [] : ['it kept changing while it was exported: what changed last is missing']),
    ...unknownSettings.map((name) => `the setting ${name} is not known here, and is left out`),
    ...leftLines(imported),
  ]
  return lines.map(printable).join('\n')
}

/** What of a file is not in the tenant. */
export type LeftOut = Pick<Imported, 'left' | 'leftMemberships'>

/** What is left out, in lines; none where all of the file is in the tenant. */
export function leftLines({ left, leftMemberships }: LeftOut): readonly string[] {
  const { ofLeftOut, ofNobody, takenOut } = leftMemberships
  return [
    ...(left.count === 0 ? [] : [`${counted(left.count, 'is', 'are')} left out:`]),
    ...left.first.map((each) => `  ${each}`),
    ...(ofLeftOut === 0
      ? []
      : [`${counted(ofLeftOut, 'membership is', 'memberships are')} left out with them`]),
    ...(ofNobody === 0
      ? []
      : [
          `${counted(ofNobody, 'membership made by hand is', 'memberships made by hand are')} left out: the tenant does not have the person`,
        ]),
    ...(takenOut === 0
      ? []
      : [
          `${counted(takenOut, 'membership made by hand is', 'memberships made by hand are')} left out: somebody has taken the person out since`,
        ]),
  ]
}

/** Whether all of the file is in the tenant. */
export function isComplete({ left, leftMemberships }: LeftOut): boolean {
  const { ofLeftOut, ofNobody, takenOut } = leftMemberships
  return left.count + ofLeftOut + ofNobody + takenOut === 0
}
