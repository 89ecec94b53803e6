import { randomUUID } from 'node:crypto'
import { SCIM_PATH } from '../../lib/http/routes.ts'
import { isObject, type JsonObject } from '../../lib/scim/json.ts'
import { MESSAGE, URN } from '../../lib/scim/urn.ts'
import type { HttpTriggerData } from '../local-host/functions-core.ts'
import type { LoadedBuild } from './builds.ts'
import { STORED_USER } from './engine-inputs.ts'

const ORIGIN = 'https://scim.example'

/** What the tenant has whose resources are read. */
const USERS = 200
const GROUPS = 30
const MEMBERS = 5
/** Which of them are asked for: a user who is in a group, and a group with members. */
const KNOWN = 7

/** A request that can be repeated. */
export interface RepeatedRequest {
  readonly name: string
  /** Of the function that answers it. */
  readonly function: string
  readonly status: number
  /** The request, as the host hands it to the worker: another one each time where that makes a difference. */
  readonly next: () => HttpTriggerData
}

/** Sends a request by the name of its function; resolves to the answer's JSON. */
type Send = (name: string, status: number, http: HttpTriggerData) => Promise<JsonObject>

/**
 * The ten commonest requests. What they need is created: a tenant whose resources are only read and changed, and one
 * that is filled, so that each reading finds the same again.
 */
export async function commonestRequests(build: LoadedBuild): Promise<readonly RepeatedRequest[]> {
  const send: Send = async (name, status, http) => toJson(await answerOf(build, name, status, http))
  const read = await createTenant(build)
  const users = await createUsers(send, read)
  const groups = await createGroups(send, read, users)
  const filled = await createTenant(build)
  const body = groupNamed('Filled')
  const created = await send('groups-create', 201, filled('POST', '/Groups', { body }))
  return [
    ...requestsOfUsers(read, filled, users[KNOWN] ?? ''),
    ...requestsOfGroups(read, filled, groups[KNOWN] ?? '', textOf(created, 'id')),
    {
      name: 'GET /ServiceProviderConfig',
      ...always('service-provider-config', read('GET', '/ServiceProviderConfig')),
    },
  ]
}

function requestsOfUsers(read: Requests, filled: Requests, id: string): RepeatedRequest[] {
  return [
    {
      name: 'GET /Users?filter=userName eq, no hit',
      ...always('users-list', read('GET', `/Users${filter('userName eq "no@scim.example"')}`)),
    },
    {
      name: 'GET /Users?filter=userName eq, a hit',
      ...always('users-list', read('GET', `/Users${filter(`userName eq "${nameOf(KNOWN)}"`)}`)),
    },
    { name: 'GET /Users/{id}', ...always('users-get', read('GET', `/Users/${id}`, { id })) },
    {
      name: 'GET /Users?count=100',
      ...always('users-list', read('GET', '/Users?startIndex=1&count=100')),
    },
    {
      name: 'POST /Users',
      function: 'users-create',
      status: 201,
      next: () => filled('POST', '/Users', { body: userNamed(`${randomUUID()}@scim.example`) }),
    },
    {
      name: 'PATCH /Users/{id}, two operations',
      function: 'users-patch',
      status: 200,
      next: () => read('PATCH', `/Users/${id}`, { id, body: userChange() }),
    },
  ]
}

function requestsOfGroups(
  read: Requests,
  filled: Requests,
  id: string,
  filledId: string,
): RepeatedRequest[] {
  const byName = filter(`displayName eq "${groupNameOf(KNOWN)}"`)
  const lean = 'excludedAttributes=members'
  return [
    {
      name: 'GET /Groups?filter=displayName eq',
      ...always('groups-list', read('GET', `/Groups${byName}&${lean}`)),
    },
    {
      name: 'GET /Groups/{id} without members',
      ...always('groups-get', read('GET', `/Groups/${id}?${lean}`, { id })),
    },
    {
      name: 'PATCH /Groups/{id}, add a member',
      function: 'groups-patch',
      status: 204,
      next: () => filled('PATCH', `/Groups/${filledId}`, { id: filledId, body: addMember() }),
    },
  ]
}

/** Runs a request once. @throws Error when another status comes than should. */
export async function run(
  build: LoadedBuild,
  request: Pick<RepeatedRequest, 'function' | 'status'>,
  http: HttpTriggerData,
): Promise<void> {
  await answerOf(build, request.function, request.status, http)
}

function always(name: string, http: HttpTriggerData): Omit<RepeatedRequest, 'name'> {
  return { function: name, status: 200, next: () => http }
}

function filter(text: string): string {
  return `?filter=${encodeURIComponent(text)}`
}

/** Makes requests of a tenant; `path` follows the Tenant URL. */
type Requests = (
  method: string,
  path: string,
  more?: { readonly id?: string; readonly body?: JsonObject },
) => HttpTriggerData

async function createTenant(build: LoadedBuild): Promise<Requests> {
  const secretToken = await build.createCredential(`bench-${randomUUID().slice(0, 8)}`)
  return (method, path, { id, body } = {}) => {
    const url = `${ORIGIN}${SCIM_PATH}${path}`
    const bytes = Buffer.from(body === undefined ? '' : JSON.stringify(body))
    return {
      method,
      url,
      headers: {
        host: 'scim.example',
        authorization: `Bearer ${secretToken}`,
        'content-type': 'application/scim+json',
        'content-length': String(bytes.length),
      },
      query: Object.fromEntries(new URL(url).searchParams),
      params: id === undefined ? {} : { id },
      body: { bytes },
    }
  }
}

async function createUsers(send: Send, requests: Requests): Promise<readonly string[]> {
  const ids: string[] = []
  for (let at = 0; at < USERS; at += 1) {
    const body = userNamed(nameOf(at))
    ids.push(textOf(await send('users-create', 201, requests('POST', '/Users', { body })), 'id'))
  }
  return ids
}

async function createGroups(
  send: Send,
  requests: Requests,
  users: readonly string[],
): Promise<readonly string[]> {
  const ids: string[] = []
  for (let at = 0; at < GROUPS; at += 1) {
    const members = users.slice(at * MEMBERS, (at + 1) * MEMBERS).map((value) => ({ value }))
    const body = { ...groupNamed(groupNameOf(at)), members }
    ids.push(textOf(await send('groups-create', 201, requests('POST', '/Groups', { body })), 'id'))
  }
  return ids
}

function nameOf(at: number): string {
  return `user-${at}@scim.example`
}

function groupNameOf(at: number): string {
  return `Group ${at}`
}

/** A user as Entra sends them, with the attributes of its default mapping. */
function userNamed(userName: string): JsonObject {
  return {
    schemas: [URN.user, URN.enterpriseUser],
    ...STORED_USER,
    externalId: randomUUID(),
    userName,
    emails: [{ value: userName, type: 'work', primary: true }],
  }
}

function groupNamed(displayName: string): JsonObject {
  return { schemas: [URN.group], displayName, externalId: randomUUID() }
}

/** Another value each time: a change that changes nothing is not written. */
function userChange(): JsonObject {
  return {
    schemas: [MESSAGE.patchOp],
    Operations: [
      { op: 'Replace', path: 'displayName', value: randomUUID() },
      { op: 'Replace', path: 'active', value: 'True' },
    ],
  }
}

function addMember(): JsonObject {
  return {
    schemas: [MESSAGE.patchOp],
    Operations: [{ op: 'Add', path: 'members', value: [{ $ref: null, value: randomUUID() }] }],
  }
}

type Returned = Awaited<ReturnType<LoadedBuild['call']>>

async function answerOf(
  build: LoadedBuild,
  name: string,
  status: number,
  http: HttpTriggerData,
): Promise<Returned> {
  const returned = await build.call(name, http)
  if (returned?.statusCode === String(status)) return returned
  throw new Error(`${name}: ${returned?.statusCode ?? 'nothing'} came instead of ${status}`)
}

function toJson(returned: Returned): JsonObject {
  const { bytes = new Uint8Array() } = returned?.body ?? {}
  const parsed: unknown = JSON.parse(Buffer.from(bytes).toString())
  return isObject(parsed) ? parsed : {}
}

function textOf(body: JsonObject, name: string): string {
  const value = body[name]
  if (typeof value !== 'string') throw new Error(`${name} is no text`)
  return value
}
