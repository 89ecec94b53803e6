import type { HttpHandler } from '@azure/functions'
import { RefusedCredential } from '../auth/refused-credential.ts'
import type { TenantContext } from '../auth/tenant-context.ts'
import { ScimError } from '../scim/errors.ts'
import type { PublicOperation, ServiceContext, TenantOperation, Verb } from '../service/context.ts'
import { endpoint, type Exchange, type RuntimeSource } from './endpoint.ts'
import { logFailure } from './log.ts'
import { readHead, readRequest } from './read-request.ts'
import { SCIM_PATH } from './routes.ts'

/** The pipeline of a verb on one of the tenant's resource types, by the type's name. */
export function scimHandler(runtime: RuntimeSource, verb: Verb, typeName: string): HttpHandler {
  return tenantHandler(runtime, async (context, request) => {
    const resourceType = context.resourceTypes.find(({ name }) => name === typeName)
    if (resourceType === undefined) {
      throw new ScimError('notFound', `This tenant has no resource type ${typeName}.`)
    }
    return verb(context, resourceType, request)
  })
}

/** The pipeline of all that belongs to a tenant. */
export function tenantHandler(runtime: RuntimeSource, operation: TenantOperation): HttpHandler {
  return endpoint(runtime, async (exchange) => {
    const { newDeadline } = exchange.app.service
    const deadline = newDeadline()
    const tenant = await authenticated(exchange)
    const request = await readRequest(exchange.request, exchange.url)
    return operation(serviceContext(exchange, tenant, deadline), request)
  })
}

/**
 * The pipeline of operations that need no credential (RFC 7643 §5: authentication schemes can be read without one). A
 * credential that is sent all the same must be good, and shows what its tenant has.
 */
export function publicHandler(runtime: RuntimeSource, operation: PublicOperation): HttpHandler {
  return endpoint(runtime, async (exchange) => {
    const { app, request, url } = exchange
    const tenant = request.headers.has('authorization') ? await authenticated(exchange) : undefined
    const { resourceTypes } = tenant ?? { resourceTypes: app.defaultResourceTypes }
    return operation({ baseUrl: baseUrlOf(exchange), resourceTypes }, readHead(request, url))
  })
}

/** Whose request it is; the log's line says so. */
export async function authenticated(exchange: Exchange): Promise<TenantContext> {
  const { app, request, facts } = exchange
  const tenant = await app.authenticate(request.headers.get('authorization') ?? undefined)
  facts.tenant = tenant.tenantId
  facts.credential = tenant.credentialId
  return tenant
}

function serviceContext(
  exchange: Exchange,
  { partitionKey, signingKey, resourceTypes, settings }: TenantContext,
  deadline: ServiceContext['scope']['deadline'],
): ServiceContext {
  const { app, request, invocation } = exchange
  const authorization = request.headers.get('authorization') ?? undefined
  return {
    ...app.service,
    scope: { partitionKey, deadline },
    resourceTypes,
    settings,
    baseUrl: baseUrlOf(exchange),
    requestId: invocation.invocationId,
    sign: (text) => app.sign(signingKey, text),
    checkCredential: async () => {
      try {
        await app.authenticate(authorization)
      } catch (error) {
        if (error instanceof RefusedCredential) Object.assign(exchange.facts, error.facts)
        throw error
      }
    },
    report: (error) => logFailure(invocation, error),
  }
}

/** The Tenant URL: the setting, else the URL that was called. `X-Forwarded-*` can be sent by anyone and is not read. */
function baseUrlOf({ app, url }: Exchange): string {
  return app.publicBaseUrl ?? `${url.origin}${SCIM_PATH}`
}
