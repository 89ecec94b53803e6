import type { HttpRequest } from '@azure/functions'
import { clientOf, isProbe, type ClientName, type Signs } from '../activity/client.ts'
import {
  ignoredFactsOf,
  refusalFactsOf,
  type RefusedRequest,
  type Refusals,
} from '../activity/refusals.ts'
import type { Caller } from '../activity/use-counts.ts'
import type { EndedRequest, Uses } from '../activity/uses.ts'
import { RefusedCredential, type RefusalReason } from '../auth/refused-credential.ts'
import type { TenantContext } from '../auth/tenant-context.ts'
import { ScimError } from '../scim/errors.ts'
import { IgnoredNames, type NamedAttribute } from '../scim/ignored-names.ts'
import type { ResourceType } from '../scim/resource-type.ts'
import type { NotedOperation, ServiceContext } from '../service/context.ts'

/** What the app notes of the requests of its tenants. */
export interface Activity {
  readonly uses: Uses
  readonly refusals: Refusals
}

/** Refused credentials that are the tenant's to know of: their bearer has the secret. */
const CREDENTIAL_REASONS: Readonly<Partial<Record<RefusalReason, string>>> = {
  expired: 'credentialExpired',
  revoked: 'credentialRevoked',
  'tenant disabled': 'tenantDisabled',
}

const LOOK_UPS: ReadonlySet<string> = new Set(['GET', 'HEAD'])
const WRITES: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH', 'DELETE'])

const SEARCH = /\/\.search\/?(?:\?|$)/i

const BULK = /\/bulk\/?(?:\?|$)/i

const NONE: readonly string[] = []
const NO_ATTRIBUTES: readonly NamedAttribute[] = []

type RefusedTenant = NonNullable<RefusedCredential['tenant']>
type RefusalFacts = NonNullable<ReturnType<typeof refusalFactsOf>>

/** What one request leaves in the activity of its tenant, gathered while it is answered. */
export class RequestNotes {
  readonly #request: HttpRequest
  readonly #requestId: string
  readonly #activity: Activity | undefined
  readonly #signs: Signs
  readonly #isProbe: boolean
  readonly #isLookUp: boolean
  #ignored: IgnoredNames | undefined
  #named: Map<string, NamedAttribute> | undefined
  #operations: NotedOperation[] | undefined
  #unchanged: RefusalFacts[] | undefined
  #tenant: TenantContext | undefined
  #type: string | undefined
  #isAstray = false
  #body: unknown
  #client: ClientName | undefined
  #writing: Promise<unknown> | undefined

  /** @param activity absent: nothing is noted, and who sends the request is told all the same. */
  constructor(activity: Activity | undefined, request: HttpRequest, requestId: string) {
    this.#activity = activity
    this.#request = request
    this.#requestId = requestId
    const { method, url } = request
    this.#signs = signsOf(request)
    this.#isProbe = isProbe({ url })
    this.#isLookUp = LOOK_UPS.has(method) || (method === 'POST' && SEARCH.test(url))
  }

  /** Who sends the request, as far as what was read of it tells. */
  get client(): ClientName {
    this.#client ??= clientOf({ ...this.#signs, body: this.#body })
    return this.#client
  }

  /** Names that were ignored, as they may be shown. */
  get ignored(): readonly string[] {
    return this.#ignored?.list() ?? NONE
  }

  get author(): ServiceContext['author'] {
    return this.#authorOf(this.#tenant?.credentialId)
  }

  /** Whose request it is. */
  came(tenant: TenantContext): void {
    this.#tenant = tenant
    this.#activity?.uses.began(identityOf(tenant), this.#callerOf(tenant.credentialId))
  }

  /**
   * Begins what is due to be written of the requests before, and that this one has come, so that it runs beside the storage
   * calls of this one; `end` waits for it.
   */
  beginWriting(): void {
    if (this.#tenant === undefined || this.#activity === undefined) return
    const tenant = identityOf(this.#tenant)
    const { uses, refusals } = this.#activity
    const caller = this.#callerOf(this.#tenant.credentialId)
    const writing = uses.write(tenant, { caller, isLookUp: this.#isLookUp })
    if (writing !== undefined) this.#writing = Promise.all([writing, refusals.write(tenant)])
  }

  /** What the request is about. */
  isAbout(typeName: string): void {
    this.#type = typeName
  }

  /** There is nothing at its path: the Tenant URL is mistyped, mostly. */
  isAstray(): void {
    this.#isAstray = true
  }

  read(body: unknown): void {
    if (body === undefined) return
    this.#body = body
    this.#client = undefined
  }

  ignore(resourceType: ResourceType, names: readonly string[]): void {
    this.#ignored ??= new IgnoredNames()
    this.#ignored.add(resourceType, names)
  }

  name({ name: type }: ResourceType, paths: Iterable<string>): void {
    this.#named ??= new Map()
    for (const path of paths) this.#named.set(`${type} ${path}`, { type, path })
  }

  /** A resource is as it was before, whatever names came with it. */
  unchanged(type: string, id: string, ignored: readonly string[]): void {
    const verb = this.#request.method === 'PUT' ? 'PUT' : 'PATCH'
    const request = { verb, type, id, author: this.author, requestId: this.#requestId }
    const facts = ignoredFactsOf(request, ignored)
    if (facts === undefined) return
    this.#unchanged ??= []
    this.#unchanged.push(facts)
  }

  operation(operation: NotedOperation): void {
    this.#operations ??= []
    this.#operations.push(operation)
  }

  /**
   * The answer is made: counts the request.
   * @param error what it was refused with.
   * @returns what is being written, which never rejects; undefined when there is nothing to wait for.
   */
  end(status: number, error: unknown): Promise<unknown> | undefined {
    const activity = this.#activity
    if (activity === undefined) return undefined
    if (this.#tenant !== undefined) return this.#endOf(activity, this.#tenant, status, error)
    if (!(error instanceof RefusedCredential) || error.tenant === undefined) return undefined
    return this.#turnedAway(activity, error, error.tenant)
  }

  #endOf(
    { uses, refusals }: Activity,
    tenant: TenantContext,
    status: number,
    error: unknown,
  ): Promise<unknown> | undefined {
    const identity = identityOf(tenant)
    const refused =
      error === undefined ? this.#refusedOperations(tenant) : this.#refusalOf(tenant, error)
    const at = uses.ended(identity, this.#callerOf(tenant.credentialId), {
      ...this.#countsOf(status),
      named: this.#named?.values() ?? NO_ATTRIBUTES,
      ignored: this.#ignored?.shown ?? NO_ATTRIBUTES,
      refusal: refused.at(-1)?.reason,
    })
    const noted = error === undefined ? [...refused, ...(this.#unchanged ?? [])] : refused
    if (noted.length === 0) return this.#writing
    // One moment for all: whoever is asked tells the same.
    for (const facts of noted) refusals.note(identity, facts, at)
    this.#writing ??= uses.write(identity)
    return Promise.all([this.#writing, refusals.write(identity)])
  }

  #countsOf(status: number): Pick<EndedRequest, 'status' | 'isLookUp' | 'writes'> {
    const isLookUp = this.#isLookUp
    const own = WRITES.has(this.#request.method) && !isLookUp ? [status] : []
    return { status, isLookUp, writes: this.#operations?.map((each) => each.status) ?? own }
  }

  /** A request by a credential that is right, and good no more. */
  #turnedAway(
    { uses, refusals }: Activity,
    error: RefusedCredential,
    tenant: RefusedTenant,
  ): Promise<unknown> | undefined {
    const { credential } = error.facts
    const [facts] = this.#refusalOf(tenant, error, credential)
    if (facts === undefined) return undefined
    const at = uses.refused(tenant, this.#callerOf(credential ?? ''), error.status, facts.reason)
    refusals.note(tenant, facts, at)
    return Promise.all([uses.write(tenant), refusals.write(tenant)])
  }

  #refusalOf(
    tenant: Pick<TenantContext, 'settings'>,
    error: unknown,
    credentialId = this.#tenant?.credentialId,
  ): readonly RefusalFacts[] {
    return this.#factsOf(tenant, error, {
      verb: this.#verb(),
      // Who asks where there is nothing looks nobody up.
      isLookUp: this.#isLookUp && !this.#isAstray,
      type: this.#type,
      id: this.#request.params['id'] ?? '',
      body: this.#body,
      author: this.#authorOf(credentialId),
      requestId: this.#requestId,
    })
  }

  /** What POST asks for is not always a creation. */
  #verb(): string {
    const { method, url } = this.#request
    if (method === 'HEAD') return 'GET'
    if (method !== 'POST') return method
    if (SEARCH.test(url)) return 'SEARCH'
    return BULK.test(url) ? 'BULK' : method
  }

  #refusedOperations(tenant: TenantContext): readonly RefusalFacts[] {
    return this.#operations?.flatMap((each) => this.#refusalOfOperation(tenant, each)) ?? []
  }

  #refusalOfOperation(
    tenant: TenantContext,
    { requestId, method: verb, error, resourceType, id = '', body }: NotedOperation,
  ): readonly RefusalFacts[] {
    const type = resourceType?.name
    const { author } = this
    const request = { verb, isLookUp: false, type, id, body, author, requestId }
    return this.#factsOf(tenant, error, request)
  }

  #factsOf(
    { settings }: Pick<TenantContext, 'settings'>,
    error: unknown,
    request: Omit<RefusedRequest, 'namesInActivity'>,
  ): readonly RefusalFacts[] {
    if (!(error instanceof ScimError)) return []
    const isCredential = error instanceof RefusedCredential
    const reason = isCredential ? CREDENTIAL_REASONS[error.facts.reason] : error.reason
    if (reason === undefined) return []
    const namesInActivity = isNaming(settings)
    const facts = refusalFactsOf(error, { ...request, namesInActivity }, reason)
    return facts === undefined ? [] : [facts]
  }

  #callerOf(credentialId: string): Caller {
    return { credentialId, client: this.client, isProbe: this.#isProbe }
  }

  #authorOf(credentialId = 'unknown'): ServiceContext['author'] {
    return { actor: `credential:${credentialId}`, client: this.client }
  }
}

/** What tells who sends a request before its body is read. */
export function signsOf({ url, headers }: HttpRequest): Signs {
  return {
    url,
    userAgent: headers.get('user-agent'),
    hasEntraVersion: headers.has('adscimversion'),
    body: undefined,
  }
}

/** Whether the names of people and groups may be kept in the tenant's activity. */
export function isNaming(settings: TenantContext['settings']): boolean {
  return settings['namesInActivity'] !== false
}

function identityOf({ tenantId, partitionKey }: TenantContext): {
  readonly id: string
  readonly partitionKey: string
} {
  return { id: tenantId, partitionKey }
}
