import fc from 'fast-check'
import { expect } from 'vitest'
import type { JsonObject } from '../../lib/scim/json.ts'
import { MESSAGE, URN } from '../../lib/scim/urn.ts'
import { textOf } from './memory-app.ts'
import { objectsIn, type SideAnswer, type Sides } from './two-sides.ts'

/**
 * What an identity provider and a vendor do to teams, their members and levels, each as the requests that they send; what
 * each of them has said last; and whether it is so.
 */

const NAME = fc.constantFrom('Sales', 'sales', 'Choir')
/** The place of a person among those who were hired, or of a team among those that the side knows. */
const PLACE = fc.nat({ max: 3 })
const LEVEL = fc.constantFrom('Senior', 'SENIOR', 'Junior', null)

const PROVIDER_STEP = fc.oneof(
  fc.record({ does: fc.constant('found' as const), name: NAME, person: PLACE }),
  fc.record({ does: fc.constant('disband' as const), team: PLACE }),
  fc.record({
    does: fc.constantFrom('add', 'remove', 'replace', 'put'),
    team: PLACE,
    person: PLACE,
  }),
  fc.record({ does: fc.constant('level' as const), person: PLACE, level: LEVEL }),
  fc.record({ does: fc.constant('dismiss' as const), person: PLACE }),
)

const VENDOR_STEP = fc.oneof(
  fc.record({ does: fc.constant('found' as const), name: NAME }),
  fc.record({ does: fc.constant('rename' as const), team: PLACE, name: NAME }),
  fc.record({ does: fc.constant('disband' as const), team: PLACE }),
  fc.record({ does: fc.constantFrom('add', 'remove'), team: PLACE, person: PLACE }),
  fc.record({ does: fc.constant('level' as const), person: PLACE, level: LEVEL }),
  fc.record({ does: fc.constant('forget' as const), level: LEVEL }),
  fc.record({ does: fc.constant('dismiss' as const), person: PLACE }),
)

type StepOf<Of> = Of extends fc.Arbitrary<infer Step> ? Step : never
type ProviderStep = StepOf<typeof PROVIDER_STEP>
type VendorStep = StepOf<typeof VENDOR_STEP>

/** One after the other, in any order. */
export const STEPS = fc.array(
  fc.oneof(
    PROVIDER_STEP.map((provider) => ({ provider })),
    VENDOR_STEP.map((vendor) => ({ vendor })),
  ),
  { maxLength: 16 },
)

/** Of two who act at the same time. */
export const BOTH_STEPS = fc.tuple(
  fc.array(PROVIDER_STEP, { minLength: 1, maxLength: 6 }),
  fc.array(VENDOR_STEP, { minLength: 1, maxLength: 6 }),
)

/** Who is in what, as one side said last: by the id of the team or group. */
type Said = Map<string, Set<string>>

/** What has been said; `gone` are those whom somebody is dismissing, or has. */
export interface History {
  readonly people: readonly string[]
  readonly provider: Said
  readonly vendor: Said
  readonly gone: Set<string>
}

/** Three are hired, and each side has a team. */
export async function begin({ scim, manage }: Sides): Promise<History> {
  const people: string[] = []
  for (const userName of ['ann', 'bob', 'cat']) {
    const body = { schemas: [URN.user], userName, [URN.peopleUser]: { level: 'Junior' } }
    people.push(textOf(await scim('POST', '/Users', body), 'id'))
  }
  const group = await scim('POST', '/Groups', { schemas: [URN.group], displayName: 'Board' })
  await manage('POST', 'teams', { name: 'Choir' })
  const provider: Said = new Map([[textOf(group, 'id'), new Set()]])
  return { people, provider, vendor: new Map(), gone: new Set() }
}

function placed<Item>(items: readonly Item[], place: number): Item | undefined {
  return items[place % Math.max(items.length, 1)]
}

function present({ people, gone }: History, place: number): string | undefined {
  const person = placed(people, place)
  return person === undefined || gone.has(person) ? undefined : person
}

/** Whoever is dismissed at that moment may be named in a group or not: SCIM takes those whom nobody knows. */
function say(
  { gone }: History,
  said: Said,
  {
    team,
    person,
    isMember,
  }: { readonly team: string; readonly person: string; readonly isMember: boolean },
): void {
  const members = said.get(team) ?? new Set()
  said.set(team, members)
  if (isMember && !gone.has(person)) members.add(person)
  else members.delete(person)
}

const patchOf = (operation: JsonObject): JsonObject => ({
  schemas: [MESSAGE.patchOp],
  Operations: [operation],
})

/** Nobody is found whom the other side dismisses at that moment. */
function expectChanged({ status }: SideAnswer, history: History, person: string): void {
  if (status !== 200) expect([status, history.gone.has(person)]).toEqual([404, true])
}

async function dismiss(
  history: History,
  person: string,
  by: () => Promise<SideAnswer>,
): Promise<void> {
  history.gone.add(person)
  const { status } = await by()
  expect([200, 204, 404]).toContain(status)
  for (const said of [history.provider, history.vendor]) {
    for (const members of said.values()) members.delete(person)
  }
}

export async function providerStep(
  { scim }: Sides,
  history: History,
  step: ProviderStep,
): Promise<void> {
  const { provider } = history
  const person = 'person' in step ? present(history, step.person) : undefined
  if (step.does === 'found') return foundByProvider(scim, history, step.name, person)
  if (step.does === 'level') {
    if (person === undefined) return
    const change = { op: 'replace', path: `${URN.peopleUser}:level`, value: step.level }
    const answer = await scim('PATCH', `/Users/${person}`, patchOf(change))
    expectChanged(answer, history, person)
    return
  }
  if (step.does === 'dismiss') {
    if (person !== undefined) {
      await dismiss(history, person, async () => scim('DELETE', `/Users/${person}`))
    }
    return
  }
  const team = placed([...provider.keys()], step.team)
  if (team === undefined) return
  if (step.does === 'disband') {
    expect((await scim('DELETE', `/Groups/${team}`)).status).toBe(204)
    provider.delete(team)
  } else if (person !== undefined) {
    await moveByProvider(scim, history, { ...step, team, person })
  }
}

async function foundByProvider(
  scim: Sides['scim'],
  history: History,
  displayName: string,
  person: string | undefined,
): Promise<void> {
  const { provider } = history
  const members = person === undefined ? [] : [{ value: person }]
  const made = await scim('POST', '/Groups', { schemas: [URN.group], displayName, members })
  expect([201, 409]).toContain(made.status)
  if (made.status === 409) return
  const team = textOf(made, 'id')
  provider.set(team, new Set())
  if (person !== undefined) say(history, provider, { team, person, isMember: true })
}

/** Somebody, a team, and what is done with the two. */
interface Move {
  readonly does: string
  readonly team: string
  readonly person: string
}

async function moveByProvider(
  scim: Sides['scim'],
  history: History,
  { does, team, person }: Move,
): Promise<void> {
  const value = [{ value: person }]
  const path = `/Groups/${team}`
  if (does === 'put') {
    const { json } = await scim('GET', `${path}?excludedAttributes=members`)
    const { displayName = '' } = json
    const body = { schemas: [URN.group], displayName, members: value }
    expect((await scim('PUT', path, body)).status).toBe(200)
  } else {
    const change = { op: does, path: 'members', value }
    expect((await scim('PATCH', path, patchOf(change))).status).toBeLessThan(300)
  }
  if (does === 'put' || does === 'replace') history.provider.set(team, new Set())
  say(history, history.provider, { team, person, isMember: does !== 'remove' })
}

export async function vendorStep(
  { manage }: Sides,
  history: History,
  step: VendorStep,
): Promise<void> {
  if ('team' in step) return vendorStepOfTeam(manage, history, step)
  if (step.does === 'found') {
    const { status } = await manage('POST', 'teams', { name: step.name })
    expect([201, 409]).toContain(status)
    return
  }
  if (step.does === 'forget') {
    const { status } = await manage('DELETE', `levels/${step.level ?? 'none'}`)
    expect([200, 404, 409]).toContain(status)
    return
  }
  const person = present(history, step.person)
  if (person === undefined) return
  const path = `people/${person}`
  if (step.does === 'dismiss') {
    await dismiss(history, person, async () => manage('DELETE', `${path}?force=true`))
  } else {
    expectChanged(await manage('PATCH', path, { level: step.level }), history, person)
  }
}

async function vendorStepOfTeam(
  manage: Sides['manage'],
  history: History,
  step: Extract<VendorStep, { readonly team: number }>,
): Promise<void> {
  const teams = objectsIn(await manage('GET', 'teams'), 'items')
  const json = placed(teams, step.team)
  if (json === undefined) return
  const team = textOf({ json }, 'id')
  if ('person' in step) {
    const person = present(history, step.person)
    if (person !== undefined) await moveByVendor(manage, history, { ...step, team, person })
    return
  }
  const path = `teams/${team}`
  const { status } =
    'name' in step ? await manage('PATCH', path, { name: step.name }) : await manage('DELETE', path)
  // 404: somebody was faster; 409: it is a group, or the name is taken.
  expect([200, 404, 409]).toContain(status)
  if (step.does === 'disband' && status === 200) history.vendor.delete(team)
}

async function moveByVendor(
  manage: Sides['manage'],
  history: History,
  { does, team, person }: Move,
): Promise<void> {
  const members = `teams/${team}/members`
  const { status } =
    does === 'add'
      ? await manage('POST', members, { personId: person })
      : await manage('DELETE', `${members}/${person}`)
  // 400: nobody has the id; 404: the team is gone, or the person is not in it; 409: in it by SCIM alone.
  expect([200, 201, 400, 404, 409]).toContain(status)
  if (status < 300) say(history, history.vendor, { team, person, isMember: does === 'add' })
}

/** Fails unless each membership is as both sides said last, seen from either end, and all that is counted is counted right. */
export async function checkHistory({ scim, manage }: Sides, history: History): Promise<void> {
  const { people, provider, vendor, gone } = history
  const listed = objectsIn(await manage('GET', 'people'), 'items')
  const living = people.filter((each) => !gone.has(each))
  expect(listed.map(({ id }) => id)).toEqual(living.toSorted())
  const users = await scim('GET', '/Users?count=0')
  expect(users.json['totalResults']).toBe(living.length)
  const teams = objectsIn(await manage('GET', 'teams'), 'items')
  const groups = teams.filter(({ source }) => source !== 'manual').map(({ id }) => id)
  expect(groups).toEqual([...provider.keys()].toSorted())
  expect((await scim('GET', '/Groups?count=0')).json['totalResults']).toBe(groups.length)
  const names = teams.map(({ name }) => name)
  expect(new Set(names).size).toBe(names.length)
  for (const json of teams) {
    const team = textOf({ json }, 'id')
    const members = objectsIn(await manage('GET', `teams/${team}/members`), 'items')
    const from = (...sources: readonly string[]): readonly unknown[] =>
      members
        .filter(({ id, source }) => sources.some((each) => each === source) && !isGone(history, id))
        .map(({ id }) => id)
    expect(from('scim', 'both')).toEqual([...(provider.get(team) ?? [])].toSorted())
    expect(from('manual', 'both')).toEqual([...(vendor.get(team) ?? [])].toSorted())
    // Of those who are gone nothing is left that was made by hand.
    expect(members.filter(({ id, source }) => source !== 'scim' && isGone(history, id))).toEqual([])
    const having = listed.filter((person) =>
      objectsIn({ status: 200, json: person }, 'teams').some(({ id }) => id === team),
    )
    expect(having.map(({ id }) => id)).toEqual(from('scim', 'both', 'manual'))
  }
  await checkLevels(manage, listed)
}

function isGone({ gone }: History, id: unknown): boolean {
  return typeof id === 'string' && gone.has(id)
}

async function checkLevels(manage: Sides['manage'], listed: readonly JsonObject[]): Promise<void> {
  const answer = await manage('GET', 'levels')
  expect(answer.json['complete']).toBe(true)
  const counts: Record<string, number> = {}
  for (const { level } of listed) {
    const fold = typeof level === 'string' ? level.toLowerCase() : ''
    if (fold !== '') counts[fold] = (counts[fold] ?? 0) + 1
  }
  const told = objectsIn(answer, 'items').flatMap(({ name, people }) =>
    people === 0 || typeof name !== 'string' ? [] : [[name.toLowerCase(), people] as const],
  )
  expect(Object.fromEntries(told)).toEqual(counts)
  expect(told).toHaveLength(Object.keys(counts).length)
}
