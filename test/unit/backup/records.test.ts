import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { groupRecord, membersIn, userRecord } from '../../../lib/backup/records.ts'
import { GROUP, USER } from '../../../lib/scim/default-resource-types.ts'
import { idOf } from '../../../lib/scim/resource-id.ts'

const now = new Date().toISOString()
const stamp = { version: 'v', created: now, lastModified: now }

test('a team is told as adopted where its group is told, whichever of the two was read later', () => {
  const id = idOf(GROUP, randomUUID())
  const group = { id, ...stamp, attributes: { displayName: 'Sales' } }
  const team = { id, ...stamp, name: 'Sales' }
  const early = groupRecord(GROUP, id, group, { ...team, adopted: false })
  const late = groupRecord(GROUP, id, undefined, { ...team, adopted: true })
  expect([early.team?.adopted, late.team?.adopted]).toEqual([true, false])
})

test('names are told in one order, whatever order a change has left', () => {
  const id = randomUUID()
  const name = { familyName: 'B', givenName: 'A' }
  const other = { givenName: 'A', familyName: 'B' }
  const lines = [
    { userName: 'u', active: true, name },
    { name: other, active: true, userName: 'u' },
  ].map((attributes) => JSON.stringify(userRecord(USER, { id, ...stamp, attributes }, false)))
  expect(lines[1]).toBe(lines[0])
})

test('a member who is there twice in a line is one', () => {
  expect(membersIn({ kind: 'members', of: 'g', users: ['a', 'b', 'a'], groups: ['c'] })).toEqual([
    { value: 'a', type: 'User' },
    { value: 'b', type: 'User' },
    { value: 'c', type: 'Group' },
  ])
})
