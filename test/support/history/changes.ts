import { HttpRequest } from '@azure/functions'
import type { JsonObject } from '../../../lib/scim/json.ts'
import { MESSAGE } from '../../../lib/scim/urn.ts'
import { bodyOf, METHODS } from './instance.ts'
import type { Operation, TypeName } from './operation.ts'
import { below, oneOf, weighted, type Random } from './random.ts'

/** A change of a user or a group, without its name and its client. */
export type Write = Omit<Operation, 'id' | 'client'>

/** A change of the tenant, or of one of its credentials. */
export interface TenantWrite {
  readonly verb: 'change' | 'issue' | 'relabel' | 'rotate' | 'revoke'
  readonly credential?: string
  readonly ifMatch?: string
}

/** Of those that were met first, somebody is gone: so many are remembered. */
const REMEMBERED = 60

/** What clients know of users, groups and credentials: each with its versions, the last one at the end. */
export class Known {
  readonly #versions: Readonly<Record<TypeName | 'Credential', Map<string, readonly string[]>>> = {
    User: new Map(),
    Group: new Map(),
    Credential: new Map(),
  }
  readonly #names: string[] = []
  readonly #members = new Map<string, Set<string>>()

  ids(type: TypeName | 'Credential'): readonly string[] {
    return [...this.#versions[type].keys()]
  }

  versionsOf(type: TypeName | 'Credential', id: string): readonly string[] {
    return this.#versions[type].get(id) ?? []
  }

  get names(): readonly string[] {
    return this.#names
  }

  meet(type: TypeName | 'Credential', id: string, version: string | undefined): void {
    const all = this.#versions[type]
    const before = all.get(id) ?? []
    all.delete(id)
    all.set(id, version === undefined ? before : [...before, version].slice(-3))
    const [oldest] = all.keys()
    if (all.size > REMEMBERED && oldest !== undefined) all.delete(oldest)
  }

  forget(type: TypeName | 'Credential', id: string): void {
    this.#versions[type].delete(id)
  }

  membersOf(group: string): ReadonlySet<string> {
    return this.#members.get(group) ?? new Set()
  }

  /** What a change of a group that was answered so does to its members. */
  learnMembers(group: string, { verb, members = [], add = [], remove = [] }: Write): void {
    const known = this.#members.get(group)
    const kept =
      verb === 'PATCH' ? [...(known ?? [])].filter((id) => !remove.includes(id)) : members
    this.#members.set(group, new Set([...kept, ...add]))
  }

  learnName(name: string): void {
    this.#names.push(name)
    if (this.#names.length > REMEMBERED) this.#names.shift()
  }
}

/**
 * A change of a user or a group. Most of them change something; some names are taken, and some versions are old.
 * @param fresh a text that was never used.
 */
export function chooseWrite(random: Random, known: Known, fresh: string): Write {
  const verb = weighted<'POST' | 'PUT' | 'PATCH' | 'DELETE'>(random, [
    [18, 'POST'],
    [7, 'PUT'],
    [70, 'PATCH'],
    [5, 'DELETE'],
  ])
  // A user is answered with its groups, which takes several reads: three of four are of groups.
  const type = weighted<TypeName>(random, [
    [verb === 'PATCH' ? 1 : 2, 'User'],
    [verb === 'PATCH' ? 5 : 1, 'Group'],
  ])
  const resource = oneOf(random, known.ids(type))
  if (verb === 'POST' || resource === undefined) {
    return {
      verb: 'POST',
      type,
      ...named(random, known, fresh),
      ...withMembers(random, type, known),
    }
  }
  const target = { verb, type, resource, ...condition(random, known.versionsOf(type, resource)) }
  if (verb === 'DELETE') return target
  if (verb === 'PUT') {
    return { ...target, ...named(random, known, fresh), ...withMembers(random, type, known) }
  }
  const isOfMembers = type === 'Group' && below(random, 4) > 0
  const isOfAttributes = !isOfMembers || below(random, 6) === 0
  return {
    ...target,
    ...(isOfAttributes ? { externalId: fresh } : {}),
    ...(isOfMembers ? movedMembers(random, known, resource) : {}),
  }
}

function named(random: Random, known: Known, fresh: string): Pick<Write, 'name' | 'externalId'> {
  const isTaken = below(random, 12) === 0
  const name = (isTaken ? oneOf(random, known.names) : undefined) ?? `n-${fresh}`
  return { name, externalId: fresh }
}

function withMembers(random: Random, type: TypeName, known: Known): Pick<Write, 'members'> {
  if (type === 'User') return {}
  const members = users(random, known, 3)
  return members.length === 0 ? {} : { members }
}

/** Some come, some go, or both; of each five one is where it is to be already, as far as the clients know. */
function movedMembers(random: Random, known: Known, group: string): Pick<Write, 'add' | 'remove'> {
  const inIt = known.membersOf(group)
  const add = users(random, known, 3).filter((id) => !inIt.has(id) || below(random, 5) === 0)
  const present = oneOf(random, [...inIt])
  const remove = [
    ...new Set([
      ...(present === undefined ? [] : [present]),
      ...(below(random, 5) === 0 ? users(random, known, 1) : []),
    ]),
  ].filter((id) => !add.includes(id))
  const changes = [
    ...(add.length === 0 ? [] : [{ add }]),
    ...(remove.length === 0 ? [] : [{ remove }]),
    ...(add.length === 0 || remove.length === 0 ? [] : [{ add, remove }]),
  ]
  return oneOf(random, changes) ?? { add: users(random, known, 1) }
}

function users(random: Random, known: Known, most: number): readonly string[] {
  const ids = known.ids('User')
  const chosen = Array.from({ length: 1 + below(random, most) }, () => oneOf(random, ids) ?? [])
  return [...new Set(chosen.flat())]
}

/** One in five has a version, and one in four of those another one than the last. */
function condition(random: Random, versions: readonly string[]): Pick<Write, 'ifMatch'> {
  if (below(random, 5) > 0) return {}
  const version = below(random, 4) === 0 ? versions[0] : versions.at(-1)
  return version === undefined ? {} : { ifMatch: version }
}

export function chooseTenantWrite(random: Random, known: Known): TenantWrite {
  const credential = oneOf(random, known.ids('Credential'))
  const verb = weighted<TenantWrite['verb']>(random, [
    [6, 'change'],
    [2, 'issue'],
    [3, 'relabel'],
    [1, 'rotate'],
    [2, 'revoke'],
  ])
  if (verb === 'change' || verb === 'issue') return { verb }
  if (credential === undefined) return { verb: 'issue' }
  return { verb, credential, ...condition(random, known.versionsOf('Credential', credential)) }
}

/** A BulkRequest of these, each of which has the id of its place. */
export function bulkRequest(
  id: string,
  writes: readonly Write[],
  secretToken: string,
): HttpRequest {
  const operations = writes.map((write, index): JsonObject => {
    const { verb, type, resource, ifMatch } = write
    const data = bodyOf({ id, client: 0, ...write })
    return {
      method: METHODS[verb],
      path: `/${type}s${resource === undefined ? '' : `/${resource}`}`,
      ...(verb === 'POST' ? { bulkId: String(index) } : {}),
      ...(ifMatch === undefined ? {} : { version: `W/"${ifMatch}"` }),
      ...(data === undefined ? {} : { data }),
    }
  })
  return new HttpRequest({
    method: 'POST',
    url: 'https://scim.example/api/scim/Bulk',
    headers: {
      authorization: `Bearer ${secretToken}`,
      'content-type': 'application/scim+json',
    },
    body: { string: JSON.stringify({ schemas: [MESSAGE.bulkRequest], Operations: operations }) },
  })
}

const MANAGED = {
  change: ['manage-tenants-change', 'PATCH', ''],
  issue: ['manage-credentials-create', 'POST', '/credentials'],
  relabel: ['manage-credentials-change', 'PATCH', '/credentials/'],
  rotate: ['manage-credentials-rotate', 'POST', '/credentials/'],
  revoke: ['manage-credentials-revoke', 'DELETE', '/credentials/'],
} as const

/** The operation of the manage API that makes a change, and its request. */
export function manageRequest(
  tenantId: string,
  { verb, credential, ifMatch }: TenantWrite,
  fresh: string,
): { readonly name: string; readonly request: HttpRequest } {
  const [name, method, path] = MANAGED[verb]
  const body: JsonObject | undefined = {
    change: { name: `n ${fresh}`, reference: fresh },
    issue: { kind: 'token', label: fresh },
    relabel: { label: fresh },
    rotate: {},
    revoke: undefined,
  }[verb]
  const request = new HttpRequest({
    method,
    url: `https://localhost/api/manage/tenants/${tenantId}${path}${credential ?? ''}`,
    headers: {
      host: 'localhost',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(ifMatch === undefined ? {} : { 'if-match': ifMatch }),
    },
    params: { id: tenantId, ...(credential === undefined ? {} : { credentialId: credential }) },
    ...(body === undefined ? {} : { body: { string: JSON.stringify(body) } }),
  })
  return { name, request }
}
