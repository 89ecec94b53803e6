import { RefusedCredential } from '../auth/refused-credential.ts'
import type { TenantContext } from '../auth/tenant-context.ts'
import type {
  AuthenticationSchemeName,
  OfferedAuthentication,
} from '../scim/authentication-scheme.ts'
import { ScimError } from '../scim/errors.ts'
import { LIMITS } from '../scim/limits.ts'
import type { ResourceType } from '../scim/resource-type.ts'
import type { PublicOperation, ServiceContext, TenantOperation, Verb } from '../service/context.ts'
import { readSettings } from '../tenants/settings.ts'
import type { Exchange, Steps } from './endpoint.ts'
import { logFailure } from './log.ts'
import { readHead, readRequest } from './read-request.ts'
import { isNaming } from './request-notes.ts'
import { SCIM_PATH } from './routes.ts'

/**
 * The steps of a verb on one of the tenant's resource types, by the type's name.
 * @param bodyBytesOf how many bytes a body may have.
 */
export function verbSteps(verb: Verb, typeName: string, bodyBytesOf = resourceBytes): Steps {
  return async (exchange) => {
    const deadline = exchange.app.service.newDeadline()
    exchange.notes.isAbout(typeName)
    const tenant = await authenticated(exchange)
    exchange.notes.beginWriting()
    const resourceType = tenant.resourceTypes.find(({ name }) => name === typeName)
    if (resourceType === undefined) {
      throw new ScimError('notFound', `This tenant has no resource type ${typeName}.`)
    }
    const request = await readRequest(exchange, bodyBytesOf(resourceType))
    exchange.notes.read(request.body)
    return verb(serviceContext(exchange, tenant, deadline), resourceType, request)
  }
}

/** The steps of what belongs to a tenant and to no single resource type. */
export function tenantSteps(operation: TenantOperation): Steps {
  return async (exchange) => {
    const deadline = exchange.app.service.newDeadline()
    const tenant = await authenticated(exchange)
    exchange.notes.beginWriting()
    const request = await readRequest(exchange, LIMITS.bodyBytes)
    exchange.notes.read(request.body)
    return operation(serviceContext(exchange, tenant, deadline), request)
  }
}

/**
 * The steps of what needs no credential (RFC 7643 §5: authentication schemes can be read without one). A credential that
 * is sent all the same must be good, and shows what its tenant has.
 */
export function publicSteps(operation: PublicOperation): Steps {
  return async (exchange) => {
    const { app, request } = exchange
    const tenant = request.headers.has('authorization') ? await authenticated(exchange) : undefined
    const { resourceTypes } = tenant ?? { resourceTypes: app.defaultResourceTypes }
    const authentication = offeredTo(tenant, app)
    const context = { baseUrl: baseUrlOf(exchange), resourceTypes, authentication }
    return operation(context, readHead(exchange))
  }
}

/** The scheme of the tenant's own credential first; Entra ID's tokens are on for those alone that have such a credential. */
function offeredTo(
  tenant: TenantContext | undefined,
  { oauth, documentationUrl }: Exchange['app'],
): OfferedAuthentication {
  const own = tenant?.scheme
  const schemes = new Set<AuthenticationSchemeName>([
    ...(own === undefined ? [] : [own]),
    'secretToken',
    ...(oauth === undefined ? [] : (['oauth'] as const)),
    ...(tenant?.takesEntraTokens === true ? (['entra'] as const) : []),
  ])
  return { schemes: [...schemes], documentationUri: documentationUrl }
}

/** A group can be sent back as it was answered, with all its members. */
function resourceBytes({ membershipAttribute }: ResourceType): number {
  return membershipAttribute === 'members' ? LIMITS.groupBodyBytes : LIMITS.bodyBytes
}

/** Whose request it is; the log's line says so. It counts for the tenant's rate. */
export async function authenticated(exchange: Exchange): Promise<TenantContext> {
  const { app, request, facts } = exchange
  const tenant = await app.authenticate(request.headers.get('authorization') ?? undefined)
  facts.tenant = tenant.tenantId
  facts.credential = tenant.credentialId
  if (tenant.credentialKind !== undefined) facts.credentialKind = tenant.credentialKind
  exchange.notes.came(tenant)
  app.rates.admit(tenant.partitionKey, app.requestsPerSecond(tenant.settings))
  return tenant
}

function serviceContext(
  exchange: Exchange,
  { partitionKey, signingKey, resourceTypes, settings }: TenantContext,
  deadline: ServiceContext['scope']['deadline'],
): ServiceContext {
  const { app, request, invocation, notes } = exchange
  const authorization = request.headers.get('authorization') ?? undefined
  return {
    ...app.service,
    scope: { partitionKey, deadline },
    resourceTypes,
    settings,
    policies: readSettings(settings),
    baseUrl: baseUrlOf(exchange),
    requestId: invocation.invocationId,
    author: notes.author,
    namesInActivity: isNaming(settings),
    sign: (text) => app.sign(signingKey, text),
    checkCredential: async () => {
      try {
        await app.authenticate(authorization)
      } catch (error) {
        if (error instanceof RefusedCredential) Object.assign(exchange.facts, error.facts)
        throw error
      }
    },
    awaitRate: async (longest) => {
      const perSecond = app.requestsPerSecond(settings)
      const milliseconds = app.rates.reserve(partitionKey, perSecond, longest)
      if (milliseconds > 0) await app.service.pause(milliseconds)
    },
    noteIgnored: (resourceType, names) => {
      if (names.length === 0) return
      notes.ignore(resourceType, names)
      exchange.facts.ignored = notes.ignored
    },
    ignored: () => notes.ignored,
    noteUnchanged: ({ name }, id, ignored) => notes.unchanged(name, id, ignored),
    noteNamed: (resourceType, paths) => notes.name(resourceType, paths),
    noteOperation: (operation) => notes.operation(operation),
    report: (error) => logFailure(invocation, error),
  }
}

/** The Tenant URL: the setting, else the URL that was called. `X-Forwarded-*` can be sent by anyone and is not read. */
function baseUrlOf({ app, url }: Exchange): string {
  return app.publicBaseUrl ?? `${url.origin}${SCIM_PATH}`
}
