import { expect, test } from 'vitest'
import { PEOPLE, TEAMS } from '../../../../tools/demo-data/people.ts'

const accounts = PEOPLE.map(({ account }) => account)

/** From a person up to who has no manager. */
function managersOf(account: string): string[] {
  const manager = PEOPLE.find((person) => person.account === account)?.manager
  if (manager === undefined) return []
  if (account === manager) throw new Error(`${account} manages themselves`)
  return [manager, ...managersOf(manager)]
}

test('12 people in 4 teams, everybody and everything once', () => {
  expect([new Set(accounts).size, TEAMS.length]).toEqual([12, 4])
  for (const values of [
    PEOPLE.map(({ employeeNumber }) => employeeNumber),
    TEAMS.map(({ externalId }) => externalId),
    TEAMS.map(({ displayName }) => displayName),
    ...TEAMS.map(({ members }) => members),
  ]) {
    expect(new Set(values).size).toBe(values.length)
  }
})

test('managers and members are people of the table; all but one have a manager, up to that one', () => {
  expect(accounts).toEqual(expect.arrayContaining(TEAMS.flatMap(({ members }) => members)))
  const chains = accounts.map(managersOf)
  expect(chains.filter((chain) => chain.length === 0)).toHaveLength(1)
  expect(new Set(chains.map((chain) => chain.at(-1)))).toEqual(new Set([undefined, 'amara.okoye']))
  expect(Math.max(...chains.map((chain) => chain.length))).toBe(3)
})

test('some stand before their manager, some behind', () => {
  const before = PEOPLE.filter(
    ({ manager }, at) => manager !== undefined && accounts.indexOf(manager) > at,
  )
  expect(before.map(({ account }) => account)).toEqual(['diego.salazar', 'zofia.wojcik'])
})

test('one account is inactive', () => {
  expect(PEOPLE.filter(({ active }) => !active)).toHaveLength(1)
})

test('telephone numbers are those kept free for fiction', () => {
  const numbers = PEOPLE.flatMap(({ phone, mobile }) => [phone, mobile]).filter(
    (number) => number !== undefined,
  )
  expect(numbers.length).toBeGreaterThan(10)
  for (const number of numbers) {
    expect(number).toMatch(
      /^\+(?:1 202 555 01\d\d|44 20 7946 0\d{3}|44 7700 900\d{3}|33 1 99 00 \d\d \d\d|49 30 23125 \d{3})$/,
    )
  }
})
