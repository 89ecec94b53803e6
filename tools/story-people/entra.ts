import { randomUUID } from 'node:crypto'
import * as z from 'zod'
import type { JsonObject, JsonValue } from '../../lib/scim/json.ts'
import { MESSAGE, URN } from '../../lib/scim/urn.ts'
import type { ScimAnswer, SendScim } from '../demo-data/client.ts'
import { StartError } from '../local-host/lifetime.ts'
import type { Account, Directory, SourceGroup } from './source.ts'

/** What a run has sent, and what was answered. */
export interface Sent {
  readonly method: string
  readonly path: string
  /** What a PATCH does, an operation each. */
  readonly operations: readonly string[]
  readonly status: number
}

interface Operation extends JsonObject {
  readonly op: 'Add' | 'Replace' | 'Remove'
  readonly path: string
  readonly value: JsonValue
}

const MANAGER = `${URN.enterpriseUser}:manager`

/** Entra puts it beside the core schema of each group. */
const ADSCIM_GROUP = 'http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group'

const RESOURCE = z.object({ id: z.string() })
const LIST = z.object({ totalResults: z.number(), Resources: z.array(RESOURCE).default([]) })

/**
 * A provisioning job as Entra ID runs it: it looks everybody up once, remembers the ids, and sends in each run what has
 * changed in the directory since the run before. Managers follow when both are there; what is empty is not sent.
 */
export class ProvisioningJob {
  /** The ids of accounts and groups in the application, by their `externalId`s. */
  readonly ids = new Map<string, string>()
  readonly #send: SendScim
  readonly #peopleUrn: string
  #done: Directory = { accounts: new Map(), groups: new Map() }
  #sent: Sent[] = []

  /** @param peopleUrn of the extension that has levels and what the tenant has declared. */
  constructor(send: SendScim, peopleUrn: string) {
    this.#send = send
    this.#peopleUrn = peopleUrn
  }

  /** Makes the application as the directory is. @throws StartError at the first answer that is no success. */
  async run(directory: Directory): Promise<readonly Sent[]> {
    this.#sent = []
    await this.#lookUp('Users', 'userName', randomUUID())
    for (const account of directory.accounts.values()) await this.#account(account)
    for (const account of directory.accounts.values()) await this.#manager(account)
    for (const group of directory.groups.values()) await this.#group(group, directory)
    for (const [externalId] of this.#done.accounts) {
      if (!directory.accounts.has(externalId)) await this.#delete(externalId)
    }
    this.#done = directory
    return this.#sent
  }

  async #account(account: Account): Promise<void> {
    const { externalId, address } = account
    const before = this.#done.accounts.get(externalId)
    if (before !== undefined) {
      return this.#patch(`/Users/${this.#idOf(externalId)}`, this.#changes(before, account))
    }
    const found = await this.#lookUp('Users', 'userName', address)
    if (found !== undefined) throw new StartError(`somebody is called ${address} already`)
    this.ids.set(externalId, await this.#create('/Users', this.#userOf(account)))
  }

  #userOf(account: Account): JsonObject {
    const { externalId, address, givenName, familyName, position, department, level } = account
    const { contract, weeklyHours, firstAider, isEnabled } = account
    return {
      schemas: [URN.user, URN.enterpriseUser, this.#peopleUrn],
      externalId,
      userName: address,
      active: isEnabled,
      displayName: `${givenName} ${familyName}`,
      emails: [{ primary: true, type: 'work', value: address }],
      meta: { resourceType: 'User' },
      name: { givenName, familyName },
      title: position,
      [URN.enterpriseUser]: { department },
      [this.#peopleUrn]: { level, contract, weeklyHours, firstAider },
    }
  }

  /** An operation for each target of the mapping whose value is another one. */
  #changes(before: Account, account: Account): readonly Operation[] {
    const old = new Map(this.#targets(before))
    return this.#targets(account)
      .filter(([path, value]) => value !== old.get(path))
      .map(([path, value]) => ({ op: 'Replace', path, value }))
  }

  #targets(account: Account): readonly (readonly [path: string, value: string])[] {
    const { address, givenName, familyName } = account
    return [
      // Not a boolean: as long as nobody puts a flag behind the Tenant URL.
      ['active', account.isEnabled ? 'True' : 'False'],
      ['userName', address],
      ['displayName', `${givenName} ${familyName}`],
      ['emails[type eq "work"].value', address],
      ['name.givenName', givenName],
      ['name.familyName', familyName],
      ['title', account.position],
      [`${URN.enterpriseUser}:department`, account.department],
      [`${this.#peopleUrn}:level`, account.level],
      [`${this.#peopleUrn}:contract`, account.contract],
      [`${this.#peopleUrn}:weeklyHours`, account.weeklyHours],
      [`${this.#peopleUrn}:firstAider`, account.firstAider],
    ]
  }

  async #manager({ externalId, manager }: Account): Promise<void> {
    const before = this.#done.accounts.get(externalId)?.manager
    // A manager who is taken away is an empty value.
    if (manager === undefined || manager === before) return
    const op = before === undefined ? 'Add' : 'Replace'
    const value = this.#idOf(manager)
    await this.#patch(`/Users/${this.#idOf(externalId)}`, [{ op, path: MANAGER, value }])
  }

  async #group(
    { externalId, displayName, members }: SourceGroup,
    { accounts }: Directory,
  ): Promise<void> {
    const before = this.#done.groups.get(externalId)
    if (before === undefined) {
      const found = await this.#lookUp('Groups', 'displayName', displayName)
      if (found !== undefined) throw new StartError(`a group is called ${displayName} already`)
      const body = {
        schemas: [URN.group, ADSCIM_GROUP],
        externalId,
        displayName,
        meta: { resourceType: 'Group' },
      }
      this.ids.set(externalId, await this.#create('/Groups', body))
    }
    const path = `/Groups/${this.#idOf(externalId)}`
    if (before !== undefined && before.displayName !== displayName) {
      await this.#patch(path, [{ op: 'Replace', path: 'displayName', value: displayName }])
    }
    const old: ReadonlySet<string> = before?.members ?? new Set()
    const added = [...members].filter((id) => !old.has(id))
    await this.#patch(path, this.#memberOperation('Add', added))
    // Who is deleted is in no group any more.
    const gone = [...old].filter((id) => !members.has(id) && accounts.has(id))
    await this.#patch(path, this.#memberOperation('Remove', gone))
  }

  #memberOperation(op: 'Add' | 'Remove', members: readonly string[]): readonly Operation[] {
    if (members.length === 0) return []
    const value = members.map((each) => ({ $ref: null, value: this.#idOf(each) }))
    return [{ op, path: 'members', value }]
  }

  async #delete(externalId: string): Promise<void> {
    await this.#request('DELETE', `/Users/${this.#idOf(externalId)}`)
    this.ids.delete(externalId)
  }

  #idOf(externalId: string): string {
    const id = this.ids.get(externalId)
    if (id === undefined) throw new TypeError(`nothing was made of ${externalId}`)
    return id
  }

  async #lookUp(
    type: 'Users' | 'Groups',
    name: string,
    value: string,
  ): Promise<string | undefined> {
    const filter = `filter=${name}+eq+${encodeURIComponent(JSON.stringify(value))}`
    const query = type === 'Users' ? filter : `excludedAttributes=members&${filter}`
    const { json } = await this.#request('GET', `/${type}?${query}`)
    return LIST.parse(json).Resources[0]?.id
  }

  async #create(path: string, body: JsonObject): Promise<string> {
    const { json } = await this.#request('POST', path, body)
    return RESOURCE.parse(json).id
  }

  async #patch(path: string, operations: readonly Operation[]): Promise<void> {
    if (operations.length === 0) return
    const body = { schemas: [MESSAGE.patchOp], Operations: operations }
    const told = operations.map((each) => `${each.op} ${each.path.replace(/^urn:.*:/, '')}`)
    await this.#request('PATCH', path, body, told)
  }

  async #request(
    method: string,
    path: string,
    body?: JsonObject,
    operations: readonly string[] = [],
  ): Promise<ScimAnswer> {
    const answer = await this.#send(method, path, body)
    const { status, json } = answer
    this.#sent.push({ method, path, operations, status })
    if (status < 300) return answer
    throw new StartError(`${method} ${path} was answered ${status}: ${JSON.stringify(json)}`)
  }
}
