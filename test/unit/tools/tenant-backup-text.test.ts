import { expect, test } from 'vitest'
import {
  allText,
  countsText,
  doneText,
  exportText,
  importText,
} from '../../../tools/tenant/backup-text.ts'
import { counted } from '../../../tools/tenant/counted.ts'

test('one of something is called otherwise than several, and than none', () => {
  expect([0, 1, 2, 12_000].map((count) => counted(count, 'row'))).toEqual([
    '0 rows',
    '1 row',
    '2 rows',
    '12,000 rows',
  ])
  expect([counted(1, 'is', 'are'), counted(2, 'is', 'are')]).toEqual(['1 is', '2 are'])
})

const ONE = {
  users: 1,
  hidden: 1,
  groups: 1,
  teams: 1,
  members: 1,
  membersByHand: 1,
  removed: 0,
  credentials: 1,
}

const EACH_ONCE =
  '1 user, 1 hidden account, 1 group with 1 member, 1 team made by hand, 1 membership made by hand, 1 credential'

test('one of each is told as one', () => {
  expect(countsText(ONE)).toBe(EACH_ONCE)
  expect(doneText({ users: 1, groups: 1, members: 1, pass: 1 })).toBe(
    '1 user, 1 group or team, 1 member, what has changed, pass 1',
  )
  const end = { kind: 'end', lines: 1, sha256: '', counts: ONE, passes: 1, whole: false } as const
  expect(exportText('acme', 'acme.gz', end)).toBe(
    `tenant acme is exported to acme.gz: ${EACH_ONCE}\nwhat has changed meanwhile was written again in 1 further pass, and counts each time\nit kept changing: what has changed behind the last of 1 further pass is missing`,
  )
  expect(allText(1, 'all', ['acme'])).toBe('1 tenant is exported to all, 1 is not: acme')
  const imported = {
    from: { id: 'acme', name: 'Acme', exported: 'today' },
    whole: true,
    brought: ONE,
    there: 1,
    left: { count: 1, first: ['user x: why'] },
    leftMemberships: { ofLeftOut: 1, ofNobody: 1, takenOut: 2 },
    unknownSettings: [],
  }
  expect(importText('copy', imported, true).split('\n')).toEqual([
    `the tenant acme (Acme) as of today would be imported into copy: ${EACH_ONCE}`,
    '1 was there already',
    '1 is left out:',
    '  user x: why',
    '1 membership is left out with them',
    '1 membership made by hand is left out: the tenant does not have the person',
    '2 memberships made by hand are left out: somebody has taken the person out since',
  ])
})
