import { describe, expect, test } from 'vitest'
import { resolveFilter } from '../../../lib/scim/filter/resolve.ts'
import { parseFilter } from '../../../lib/scim/filter/parse.ts'
import { GROUP, USER } from '../../../lib/scim/default-resource-types.ts'
import type { ResourceType } from '../../../lib/scim/resource-type.ts'
import { URN } from '../../../lib/scim/urn.ts'
import { DEFAULT_LAYOUTS, layoutOf } from '../../../lib/storage/layout.ts'
import { planQuery, type Plan } from '../../../lib/storage/query.ts'

function plan(text: string, resourceType: ResourceType = USER): Plan {
  const layout = layoutOf(DEFAULT_LAYOUTS, resourceType)
  return planQuery(layout, resourceType, resolveFilter(resourceType, parseFilter(text)))
}

/** An access as short text. */
function accessOf(text: string, resourceType: ResourceType = USER): string {
  const { access } = plan(text, resourceType)
  if ('index' in access) return `${access.index.name} ${access.kind} ${access.value}`
  return access.kind === 'scan'
    ? 'scan'
    : `${access.kind} ${'id' in access ? access.id : access.value}`
}

describe('access', () => {
  test.each([
    ['id eq "A-1"', 'id A-1'],
    ['userName eq "BJensen"', 'userName equals bjensen'],
    ['userName eq "ＢＪ"', 'userName equals bj'],
    ['externalId eq "BJensen"', 'externalId equals BJensen'],
    ['emails.value eq "B@X"', 'email equals b@x'],
    ['emails eq "b@x"', 'email equals b@x'],
    ['emails[value eq "b@x"]', 'email equals b@x'],
    ['emails[type eq "work" and value eq "b@x"]', 'email equals b@x'],
    ['emails[value sw "b@"]', 'email startsWith b@'],
    [`${URN.enterpriseUser}:employeeNumber eq "7"`, 'employeeNumber equals 7'],
    ['employeeNumber eq "7"', 'employeeNumber equals 7'],
    [`${URN.enterpriseUser}:manager.value eq "1"`, 'manager equals 1'],
    ['manager eq "1"', 'manager equals 1'],
    ['manager.value eq "A"', 'manager equals A'],
    ['manager.$ref eq "https://example.com/scim/Users/1"', 'manager equals 1'],
    ['level eq "L4"', 'level equals l4'],
    [`${URN.peopleUser}:level sw "L"`, 'level startsWith l'],
    ['name.familyName eq "Jensen"', 'familyName equals jensen'],
    ['name.familyName sw "Jen"', 'familyName startsWith jen'],
    ['name[givenName sw "Ba"]', 'givenName startsWith ba'],
    [`${URN.user}:userName eq "a"`, 'userName equals a'],
    ['userName sw "J"', 'userName startsWith j'],
    ['active eq true and userName eq "a"', 'userName equals a'],
    ['(active eq true and (title pr and externalId eq "x"))', 'externalId equals x'],
    // The best one wins, wherever it stands.
    ['userName sw "a" and emails eq "b@x"', 'email equals b@x'],
    ['emails eq "b@x" and userName eq "a"', 'userName equals a'],
    ['emails eq "b@x" and userName eq "a" and id eq "1"', 'id 1'],
    ['groups eq "g" and externalId eq "x"', 'externalId equals x'],
    ['groups.value eq "g" and userName sw "a"', 'membership g'],
    ['groups[value eq "g"]', 'membership g'],
    // Nothing of these can be taken out.
    ['userName eq "a" or title pr', 'scan'],
    ['not (userName eq "a")', 'scan'],
    ['userName ne "a"', 'scan'],
    ['userName co "a"', 'scan'],
    ['userName ew "a"', 'scan'],
    ['userName gt "a"', 'scan'],
    ['userName pr', 'scan'],
    ['externalId eq null', 'scan'],
    ['title eq "a"', 'scan'],
    ['emails.type eq "work"', 'scan'],
    ['emails[value eq "a" or value eq "b"]', 'scan'],
    ['emails[not (value eq "a")]', 'scan'],
    ['id sw "a"', 'scan'],
    ['phoneNumbers.value eq "1"', 'scan'],
    ['groups[value eq "g" or value eq "h"]', 'scan'],
    [`${URN.enterpriseUser}:manager.displayName eq "1"`, 'scan'],
  ])('%s: %s', (text, expected) => {
    expect(accessOf(text)).toBe(expected)
  })

  test.each([
    ['displayName eq "Tour Guides"', 'displayName equals tour guides'],
    ['members eq "m"', 'membership m'],
    ['members[value eq "m"]', 'membership m'],
    ['id eq "g" and members.value eq "m"', 'id g'],
    ['externalId eq "x"', 'externalId equals x'],
    ['members.value eq "m" or displayName eq "x"', 'scan'],
  ])('of groups: %s: %s', (text, expected) => {
    expect(accessOf(text, GROUP)).toBe(expected)
  })
})

const from = (value: string, column = 'created'): object => ({ column, operator: 'ge', value })
const to = (value: string, column = 'created'): object => ({ column, operator: 'le', value })

describe('conditions', () => {
  test.each([
    ['meta.created gt "2026-01-01T00:00:00Z"', [from('2026-01-01T00:00:00.000Z')]],
    ['meta.created ge "2026-01-01T00:00:00.1239Z"', [from('2026-01-01T00:00:00.123Z')]],
    ['meta.created lt "2026-01-01T00:00:00.1239Z"', [to('2026-01-01T00:00:00.123Z')]],
    [
      'meta.lastModified le "2026-01-01T02:00:00+02:00"',
      [to('2026-01-01T00:00:00.000Z', 'lastModified')],
    ],
    [
      'meta.created eq "2026-01-01T00:00:00Z"',
      [from('2026-01-01T00:00:00.000Z'), to('2026-01-01T00:00:00.000Z')],
    ],
    // Without offset it is UTC, whatever the time zone of this process.
    ['meta.created gt "2026-01-01T00:00:00"', [from('2026-01-01T00:00:00.000Z')]],
    ['active eq true', [{ column: 'active', operator: 'eq', value: true }]],
    ['active eq "False"', [{ column: 'active', operator: 'eq', value: false }]],
    [
      'title pr and (active eq true and meta.created gt "2026-01-01T00:00:00Z")',
      [{ column: 'active', operator: 'eq', value: true }, from('2026-01-01T00:00:00.000Z')],
    ],
    // Years that the columns cannot hold.
    ['meta.created lt "9999-12-31T23:59:59-14:00"', []],
    ['meta.created gt "0001-01-01T00:00:00+14:00"', [from('0000-12-31T10:00:00.000Z')]],
    ['meta.created ne "2026-01-01T00:00:00Z"', []],
    ['active ne true', []],
    ['active eq null', []],
    ['not (active eq true)', []],
    ['active eq true or title pr', []],
    ['emails[primary eq true]', []],
  ])('%s', (text, expected) => {
    expect(plan(text).conditions).toEqual(expected)
  })
})

test.each([
  ['members eq "a" and members.value eq "b" or not (members eq "a")', ['a', 'b']],
  ['members[value eq "a" or value eq "c"]', ['a', 'c']],
  ['displayName eq "members"', []],
])('ids that memberships are compared with: %s', (text, expected) => {
  expect(plan(text, GROUP).comparedIds).toEqual(expected)
})
