import { columns } from '../tenant/text.ts'
import type { Person } from './application.ts'
import type { Sent } from './entra.ts'

const HEADINGS = [
  'PERSON',
  'E-MAIL',
  'POSITION',
  'LEVEL',
  'MANAGER',
  'CONTRACT',
  'HOURS',
  'FIRST AID',
  'TEAMS',
  'STATUS',
] as const

/** People as a table, in the order of their employee numbers. */
export function peopleTable(people: readonly Person[]): string {
  const sorted = people.toSorted((a, b) => (a.externalId < b.externalId ? -1 : 1))
  return columns([HEADINGS, ...sorted.map(rowOf)])
}

function rowOf(person: Person): readonly string[] {
  const { firstName, lastName, email, position, level, contract, status, manager, teams } = person
  return [
    `${firstName} ${lastName}`,
    email,
    position,
    level,
    manager === undefined ? '' : (manager.name ?? 'nobody who is there'),
    contract,
    String(person.weeklyHours),
    person.firstAider ? 'yes' : 'no',
    teams
      .map(({ name }) => name)
      .toSorted()
      .join(', '),
    status,
  ]
}

/** What a run has sent but for its first look-up, a line each. */
export function sentLines(sent: readonly Sent[]): readonly string[] {
  const [, ...others] = sent
  if (others.length === 0) return ['   nothing is sent']
  return others.map(({ method, path, operations, status }) => {
    const what = operations.length === 0 ? '' : ` ${operations.join(', ')}`
    return `   ${method} ${path.replace(/(\/[\da-f]{4})[\da-f-]{32}/, '$1…')}${what} -> ${status}`
  })
}

/** How many requests of each kind a run has sent. */
export function countsOf(sent: readonly Sent[]): string {
  const counts = new Map<string, number>()
  for (const { method } of sent) counts.set(method, (counts.get(method) ?? 0) + 1)
  return [...counts].map(([method, count]) => `${count} ${method}`).join(', ')
}
