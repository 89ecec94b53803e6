import { isArray, own, type JsonObject, type JsonValue } from '../../../lib/scim/json.ts'
import { MESSAGE, URN } from '../../../lib/scim/urn.ts'
import { textOf } from './copy.ts'
import { below, oneOf, weighted, type Random } from './random.ts'
import { instanceOf, manage, scim, type ManageRequest, type ScimRequest } from './requests.ts'
import type { VirtualTime } from './virtual-time.ts'
import type { World } from './world.ts'

/** A person as the identity provider knows one. */
interface Account {
  readonly id: string
  readonly number: number
}

interface Group {
  readonly id: string
  readonly members: Set<string>
}

const LEVELS = ['Junior', 'Senior', 'Lead', 'Principal'] as const
const FIRST_TEAMS = 20
const HAND_MADE_TEAMS = 3
/** Of the people so many, at first, are somebody's managers. */
const MANAGERS = 40
/** Members of a group that come in one request. */
const MEMBERS_AT_ONCE = 50
/** Milliseconds: the changes take ten times as long as one may be late. */
const LONGEST_PAUSE = 12_000
/** Until what was not answered is sent again. */
const RETRY_MILLISECONDS = 1000

const { enterpriseUser, peopleUser } = URN

/**
 * An identity provider that sends what changes in its directory, until each change is answered, and somebody at the
 * application who changes people and teams by hand. Each change of a person's own gives the person another position: a record
 * that is the same is of the same version.
 */
export class Sync {
  /** Changes that were made, and answers that left open whether they were. */
  made = 0
  unknown = 0
  readonly #world: World
  readonly #time: VirtualTime
  readonly #accounts: Account[] = []
  readonly #deleted: Account[] = []
  readonly #groups: Group[] = []
  readonly #teams: string[] = []
  #number = 0
  #turn = 0

  constructor(world: World, time: VirtualTime) {
    this.#world = world
    this.#time = time
  }

  /** So many people, in groups, with managers and levels. */
  async fill(people: number, workers: number, random: Random): Promise<void> {
    for (let made = 0; made < FIRST_TEAMS; made += 1) await this.#found()
    for (let made = 0; made < HAND_MADE_TEAMS; made += 1) await this.#makeTeam()
    let left = people
    await inParallel(workers, async () => {
      while (left > 0) {
        left -= 1
        await this.#hire(random)
      }
    })
    for (const [at, { id }] of this.#groups.entries()) {
      const members = this.#accounts.filter((_, place) => place % FIRST_TEAMS === at)
      for (let from = 0; from < members.length; from += MEMBERS_AT_ONCE) {
        await this.#join(id, members.slice(from, from + MEMBERS_AT_ONCE))
      }
    }
  }

  /** So many changes and, of those under way, the others; those of `fill` are not among them. */
  async change(changes: number, workers: number, random: Random): Promise<void> {
    this.made = 0
    await inParallel(workers, async () => {
      while (this.made < changes) {
        await this.#act(random)
        await this.#time.pause(below(random, LONGEST_PAUSE))
      }
    })
  }

  #act(random: Random): Promise<void> {
    const act = weighted(random, [
      [25, () => this.#promote(random)],
      [12, () => this.#giveManager(random)],
      [6, () => this.#rename(random)],
      [10, () => this.#setActive(random)],
      [25, () => this.#move(random)],
      [5, () => this.#delete(random)],
      [4, () => this.#hire(random)],
      [4, () => this.#comeAgain(random)],
      [2, () => this.#renameGroup(random)],
      [1, () => this.#found()],
      [1, () => this.#disband(random)],
      [3, () => this.#changeByHand(random)],
      [4, () => this.#joinByHand(random)],
    ])
    return act()
  }

  async #hire(random: Random): Promise<void> {
    const number = this.#next()
    const id = await this.#create('User', this.#userOf(number, random), number)
    this.#accounts.push({ id, number })
  }

  /** Whoever leaves makes room for the next. */
  #managers(): readonly Account[] {
    return this.#accounts.slice(0, MANAGERS)
  }

  #userOf(number: number, random: Random): JsonObject {
    const manager = oneOf(random, this.#managers())
    const name = { givenName: `Given${number}`, familyName: `Family${number}` }
    const userName = `person${number}@contoso.example`
    return {
      schemas: [URN.user, enterpriseUser, peopleUser],
      externalId: externalIdOf(number),
      userName,
      active: true,
      displayName: `${name.givenName} ${name.familyName}`,
      name,
      emails: [{ primary: true, type: 'work', value: userName }],
      title: `Position ${this.#next()}`,
      [peopleUser]: { level: LEVELS[below(random, LEVELS.length)] ?? '' },
      ...(manager === undefined ? {} : { [enterpriseUser]: { manager: { value: manager.id } } }),
    }
  }

  async #promote(random: Random): Promise<void> {
    const level = LEVELS[below(random, LEVELS.length)] ?? ''
    await this.#patchUser(random, [`${peopleUser}:level`, level])
  }

  async #giveManager(random: Random): Promise<void> {
    const manager = oneOf(random, this.#managers())
    if (manager !== undefined)
      await this.#patchUser(random, [`${enterpriseUser}:manager`, manager.id])
  }

  /** As the manager's name it is in the records of others. */
  async #rename(random: Random): Promise<void> {
    const number = this.#next()
    await this.#patchUser(
      random,
      ['name.givenName', `Given${number}`],
      ['name.familyName', `Family${number}`],
      ['displayName', `Given${number} Family${number}`],
    )
  }

  async #setActive(random: Random): Promise<void> {
    await this.#patchUser(random, ['active', below(random, 3) === 0 ? 'True' : 'False'])
  }

  async #patchUser(
    random: Random,
    ...values: readonly (readonly [path: string, value: string])[]
  ): Promise<void> {
    const account = oneOf(random, this.#accounts)
    if (account === undefined) return
    const all = [...values, ['title', `Position ${this.#next()}`] as const]
    const operations = all.map(([path, value]) => ({ op: 'Replace', path, value }))
    await this.#patch('User', account.id, operations)
  }

  /** From one group to another. */
  async #move(random: Random): Promise<void> {
    const [from, to] = [oneOf(random, this.#groups), oneOf(random, this.#groups)]
    const leaving = oneOf(random, [...(from?.members ?? [])])
    if (from === undefined || to === undefined || leaving === undefined) return
    from.members.delete(leaving)
    const value = [{ $ref: null, value: leaving }]
    await this.#patch('Group', from.id, [{ op: 'Remove', path: 'members', value }])
    await this.#join(to.id, [{ id: leaving }])
  }

  async #join(groupId: string, accounts: readonly Pick<Account, 'id'>[]): Promise<void> {
    const group = this.#groups.find(({ id }) => id === groupId)
    for (const { id } of accounts) group?.members.add(id)
    const value = accounts.map(({ id }) => ({ $ref: null, value: id }))
    await this.#patch('Group', groupId, [{ op: 'Add', path: 'members', value }])
  }

  async #delete(random: Random): Promise<void> {
    const [account] = this.#accounts.splice(below(random, this.#accounts.length), 1)
    if (account === undefined) return
    await this.#scim({ method: 'DELETE', type: 'User', id: account.id })
    this.#deleted.push(account)
  }

  async #comeAgain(random: Random): Promise<void> {
    const [account] = this.#deleted.splice(below(random, this.#deleted.length), 1)
    if (account === undefined) return this.#hire(random)
    const { number } = account
    const id = await this.#create('User', this.#userOf(number, random), number)
    this.#accounts.push({ id, number })
  }

  async #found(): Promise<void> {
    const number = this.#next()
    const body = {
      schemas: [URN.group],
      externalId: externalIdOf(number),
      displayName: `Group ${number}`,
    }
    this.#groups.push({ id: await this.#create('Group', body, number), members: new Set() })
  }

  async #renameGroup(random: Random): Promise<void> {
    const group = oneOf(random, this.#groups)
    if (group === undefined) return
    const value = `Group ${this.#next()}`
    await this.#patch('Group', group.id, [{ op: 'Replace', path: 'displayName', value }])
  }

  async #disband(random: Random): Promise<void> {
    const [group] = this.#groups.splice(below(random, this.#groups.length), 1)
    if (group !== undefined) await this.#scim({ method: 'DELETE', type: 'Group', id: group.id })
  }

  async #changeByHand(random: Random): Promise<void> {
    const account = oneOf(random, this.#accounts)
    if (account === undefined) return
    await this.#manage({
      name: 'manage-people-change',
      method: 'PATCH',
      path: `people/${account.id}`,
      params: { personId: account.id },
      body: { position: `Position ${this.#next()}`, manager: null },
    })
  }

  async #makeTeam(): Promise<void> {
    const name = 'manage-teams-create'
    const body = { name: `Team ${this.#next()}` }
    const json = await this.#manage({ name, method: 'POST', path: 'teams', body })
    this.#teams.push(textOf(json, 'id'))
  }

  async #joinByHand(random: Random): Promise<void> {
    const [teamId, account] = [oneOf(random, this.#teams), oneOf(random, this.#accounts)]
    if (teamId === undefined || account === undefined) return
    await this.#manage({
      name: 'manage-team-members-add',
      method: 'POST',
      path: `teams/${teamId}/members`,
      params: { teamId },
      body: { personId: account.id },
    })
  }

  #patch(
    type: ScimRequest['type'],
    id: string,
    operations: readonly JsonObject[],
  ): Promise<JsonObject> {
    const body = { schemas: [MESSAGE.patchOp], Operations: operations }
    return this.#scim({ method: 'PATCH', type, id, body })
  }

  /** @returns the id, also where the answer of an earlier try was lost. */
  async #create(type: ScimRequest['type'], body: JsonObject, number: number): Promise<string> {
    const { id } = await this.#scim({ method: 'POST', type, body })
    if (typeof id === 'string') return id
    const query = `?filter=externalId+eq+%22${externalIdOf(number)}%22`
    const { Resources } = await this.#scim({ method: 'GET', type, query })
    const found: JsonValue | undefined = isArray(Resources) ? own(Resources[0], 'id') : undefined
    if (typeof found !== 'string') throw new Error(`${externalIdOf(number)} is not there`)
    return found
  }

  /** Sends it until there is an answer; one that refuses it has nothing. */
  async #scim(request: ScimRequest): Promise<JsonObject> {
    return this.#answered(request.method, (instance) =>
      scim(this.#world, instance, `o${this.#next()}`, request),
    )
  }

  async #manage(request: ManageRequest): Promise<JsonObject> {
    const { method = 'GET' } = request
    return this.#answered(method, (instance) => manage(this.#world, instance, request))
  }

  async #answered(
    method: string,
    send: (instance: ReturnType<typeof instanceOf>) => ReturnType<typeof scim>,
  ): Promise<JsonObject> {
    for (;;) {
      this.#turn += 1
      const { status, json } = await send(instanceOf(this.#world, this.#turn))
      if (status < 300 && method !== 'GET') this.made += 1
      if (status < 300) return json
      if (status < 500) return {}
      if (method !== 'GET') this.unknown += 1
      await this.#time.pause(RETRY_MILLISECONDS)
    }
  }

  #next(): number {
    this.#number += 1
    return this.#number
  }
}

function externalIdOf(number: number): string {
  return `source-${number}`
}

async function inParallel(workers: number, work: () => Promise<void>): Promise<void> {
  await Promise.all(Array.from({ length: workers }, work))
}
