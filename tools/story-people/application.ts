import * as z from 'zod'
import type { JsonObject } from '../../lib/scim/json.ts'
import { manage, type ManageApi } from '../smoke/manage-api.ts'
import { CUSTOM_ATTRIBUTES } from './source.ts'

const TEXT = z.string()

const MANAGER = z.object({
  id: TEXT,
  name: TEXT.exactOptional(),
  exists: z.boolean(),
})

/** What the story looks at of a person; all else stays as it came. */
const PERSON = z.looseObject({
  id: TEXT,
  version: TEXT,
  status: TEXT,
  firstName: TEXT,
  lastName: TEXT,
  email: TEXT,
  position: TEXT,
  department: TEXT,
  level: TEXT,
  externalId: TEXT,
  userName: TEXT,
  contract: TEXT,
  weeklyHours: z.number(),
  firstAider: z.boolean(),
  manager: MANAGER.exactOptional(),
  teams: z.array(z.object({ id: TEXT, name: TEXT })),
})

export type Person = z.output<typeof PERSON>

const PAGE = z.object({ items: z.array(PERSON), nextCursor: TEXT.exactOptional(), position: TEXT })

const CHANGED = z.object({
  items: z.array(z.object({ id: TEXT, removed: z.literal(true).exactOptional() })),
  nextCursor: TEXT.exactOptional(),
})

const TEAM = z.object({ id: TEXT, name: TEXT, source: TEXT, externalId: TEXT.exactOptional() })

const MEMBERS = z.object({ items: z.array(z.object({ id: TEXT, source: TEXT })) })

/** Small, so that there are several pages. */
const PEOPLE_OF_A_PAGE = 5

/** The vendor's application, and a customer of its own: all by the manage API. */
export class Application {
  readonly id: string
  readonly #api: ManageApi
  readonly #signal: AbortSignal

  constructor(api: ManageApi, id: string, signal: AbortSignal) {
    this.#api = api
    this.id = id
    this.#signal = signal
  }

  /** Makes the tenant, which keeps who is deleted. */
  async create(): Promise<void> {
    const settings = { deletionPolicy: 'deactivate' }
    await this.#ask('POST', 'tenants', 201, { id: this.id, name: 'People story', settings })
  }

  /** Declares its attributes. @returns its Secret Token, and the URN of the extension that has the attributes. */
  async open(): Promise<{ readonly secretToken: string; readonly peopleUrn: string }> {
    let peopleUrn = ''
    for (const attribute of CUSTOM_ATTRIBUTES) {
      const declared = await this.#own('POST', 'attributes', 201, { ...attribute })
      peopleUrn = z.object({ schema: TEXT }).parse(declared).schema
    }
    const body = { kind: 'token', label: 'People story' }
    const { secret } = z
      .object({ secret: TEXT })
      .parse(await this.#own('POST', 'credentials', 201, body))
    return { secretToken: secret, peopleUrn }
  }

  /** Everybody, and whence changes are read. */
  async people(): Promise<{ readonly people: readonly Person[]; readonly position: string }> {
    const people: Person[] = []
    for (let cursor = ''; ;) {
      const query = `people?count=${PEOPLE_OF_A_PAGE}${cursor}`
      const page = PAGE.parse(await this.#own('GET', query, 200))
      people.push(...page.items)
      if (page.nextCursor === undefined) return { people, position: page.position }
      cursor = `&cursor=${page.nextCursor}`
    }
  }

  /** The ids of who has changed since a position, and of who is removed. */
  async changedSince(
    position: string,
  ): Promise<{ readonly changed: ReadonlySet<string>; readonly removed: ReadonlySet<string> }> {
    const [changed, removed] = [new Set<string>(), new Set<string>()]
    for (let cursor = ''; ;) {
      const query = `people?changedSince=${position}${cursor}`
      const page = CHANGED.parse(await this.#own('GET', query, 200))
      for (const { id, removed: isGone } of page.items) (isGone ? removed : changed).add(id)
      if (page.nextCursor === undefined) return { changed, removed }
      cursor = `&cursor=${page.nextCursor}`
    }
  }

  /** How a person is, a removed one, too. */
  async statusOf(personId: string): Promise<string> {
    const person = await this.#own('GET', `people/${personId}`, 200)
    return z.object({ status: TEXT }).parse(person).status
  }

  /** The id of who signs in so; undefined: nobody. */
  async lookUp(by: 'externalId' | 'email', value: string): Promise<string | undefined> {
    const query = `people/lookup?${by}=${encodeURIComponent(value)}`
    const path = `tenants/${this.id}/${query}`
    const request = { method: 'GET', path, expected: [200, 404] }
    const { status, json } = await manage(this.#api, request, this.#signal)
    return status === 404 ? undefined : z.object({ id: TEXT }).parse(json).id
  }

  async clearManager(personId: string): Promise<void> {
    await this.#own('PATCH', `people/${personId}`, 200, { manager: null })
  }

  /** Makes a team by hand, and puts somebody into it. @returns its id. */
  async makeTeam(name: string, personId: string): Promise<string> {
    const { id } = TEAM.parse(await this.#own('POST', 'teams', 201, { name }))
    await this.#own('POST', `teams/${id}/members`, 201, { personId })
    return id
  }

  async team(id: string): Promise<z.output<typeof TEAM>> {
    return TEAM.parse(await this.#own('GET', `teams/${id}`, 200))
  }

  /** From which side each member of a team is, by ids. */
  async sourcesIn(teamId: string): Promise<ReadonlyMap<string, string>> {
    const { items } = MEMBERS.parse(await this.#own('GET', `teams/${teamId}/members`, 200))
    return new Map(items.map(({ id, source }) => [id, source]))
  }

  #own(method: string, path: string, status: number, body?: JsonObject): Promise<unknown> {
    return this.#ask(method, `tenants/${this.id}/${path}`, status, body)
  }

  async #ask(method: string, path: string, status: number, body?: JsonObject): Promise<unknown> {
    const request = { method, path, expected: [status], ...(body === undefined ? {} : { body }) }
    return (await manage(this.#api, request, this.#signal)).json
  }
}
