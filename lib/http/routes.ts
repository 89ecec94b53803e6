import { detail, sent } from '../scim/detail.ts'
import { ScimError } from '../scim/errors.ts'

/** The prefix of all routes on the Functions host (host.json `extensions.http.routePrefix`). */
export const ROUTE_PREFIX = 'api'

/** Where the Tenant URL points to. */
export const SCIM_PATH: string = `/${ROUTE_PREFIX}/scim`

/** Where tokens are to be had. */
export const OAUTH_PATH: string = `/${ROUTE_PREFIX}/oauth`

/** One function: its name, route template (without the prefix) and methods. */
export interface Route {
  readonly name: string
  readonly route: string
  readonly methods: readonly ('GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE')[]
}

/**
 * Every SCIM route. The files in functions/ register exactly these (held by a test); `unmatched` answers from them, since
 * the host itself says nothing of methods: 404 without a body for all that no function takes.
 */
export const ROUTES: readonly Route[] = [
  { name: 'users-create', route: 'scim/Users', methods: ['POST'] },
  { name: 'users-list', route: 'scim/Users', methods: ['GET', 'HEAD'] },
  { name: 'users-search', route: 'scim/Users/.search', methods: ['POST'] },
  { name: 'users-get', route: 'scim/Users/{id}', methods: ['GET', 'HEAD'] },
  { name: 'users-replace', route: 'scim/Users/{id}', methods: ['PUT'] },
  { name: 'users-patch', route: 'scim/Users/{id}', methods: ['PATCH'] },
  { name: 'users-delete', route: 'scim/Users/{id}', methods: ['DELETE'] },
  { name: 'groups-create', route: 'scim/Groups', methods: ['POST'] },
  { name: 'groups-list', route: 'scim/Groups', methods: ['GET', 'HEAD'] },
  { name: 'groups-search', route: 'scim/Groups/.search', methods: ['POST'] },
  { name: 'groups-get', route: 'scim/Groups/{id}', methods: ['GET', 'HEAD'] },
  { name: 'groups-replace', route: 'scim/Groups/{id}', methods: ['PUT'] },
  { name: 'groups-patch', route: 'scim/Groups/{id}', methods: ['PATCH'] },
  { name: 'groups-delete', route: 'scim/Groups/{id}', methods: ['DELETE'] },
  {
    name: 'service-provider-config',
    route: 'scim/ServiceProviderConfig',
    methods: ['GET', 'HEAD'],
  },
  { name: 'resource-types-list', route: 'scim/ResourceTypes', methods: ['GET', 'HEAD'] },
  { name: 'resource-types-get', route: 'scim/ResourceTypes/{id}', methods: ['GET', 'HEAD'] },
  { name: 'schemas-list', route: 'scim/Schemas', methods: ['GET', 'HEAD'] },
  { name: 'schemas-get', route: 'scim/Schemas/{id}', methods: ['GET', 'HEAD'] },
  { name: 'root-list', route: 'scim', methods: ['GET', 'HEAD'] },
  { name: 'root-search', route: 'scim/.search', methods: ['POST'] },
  { name: 'bulk', route: 'scim/Bulk', methods: ['POST'] },
  { name: 'me', route: 'scim/Me', methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] },
]

/** Every route of OAuth; the files in functions/oauth register exactly these. */
export const OAUTH_ROUTES: readonly Route[] = [
  { name: 'oauth-token', route: 'oauth/token', methods: ['POST'] },
  { name: 'oauth-jwks', route: 'oauth/jwks', methods: ['GET', 'HEAD'] },
  {
    name: 'oauth-authorization-server',
    route: 'oauth/.well-known/oauth-authorization-server',
    methods: ['GET', 'HEAD'],
  },
  {
    name: 'oauth-protected-resource',
    route: 'oauth/.well-known/oauth-protected-resource',
    methods: ['GET', 'HEAD'],
  },
]

/** The route template of a function, with the prefix; undefined for one that serves whatever is left. */
export function routeOf(
  functionName: string,
  routes: readonly Route[] = [...ROUTES, ...OAUTH_ROUTES],
): string | undefined {
  const found = routes.find(({ name }) => name === functionName)
  return found === undefined ? undefined : `/${ROUTE_PREFIX}/${found.route}`
}

/**
 * Refuses a method that no function on the path takes. The host answers 404 to most such requests, and takes the
 * `.search` of `GET /Users/.search` for an id.
 * @throws ScimError `methodNotAllowed` with `Allow`; nothing for a path that no route has.
 */
export function checkMethod(method: string, path: string): void {
  const allowed = allowedMethods(path)
  if (allowed.length === 0 || allowed.includes(method)) return
  throw new ScimError(
    'methodNotAllowed',
    detail`${sent(method)} is not allowed on this path; allowed are ${allowed.join(', ')}.`,
    { headers: { allow: allowed.join(', ') } },
  )
}

/** The function that serves a path, and the id in it; undefined when none does. */
export function functionOf(
  method: string,
  path: string,
): { readonly name: string; readonly id: string | undefined } | undefined {
  const segments = path.replace(/\/$/, '').split('/').slice(1)
  const folded = segmentsOf(path)
  const matching = TEMPLATES.filter(
    (template) => template.methods.includes(method) && matches(template.segments, folded),
  )
  const found = matching.find(({ segments: each }) => !each.includes(undefined)) ?? matching[0]
  if (found === undefined) return undefined
  const at = found.segments.indexOf(undefined)
  // The host decodes all but the slash.
  const id = (segments[at] ?? '').split(/%2f/i).map(decoded).join('%2F')
  return { name: found.name, id: at === -1 ? undefined : id }
}

/** A route by the lower-case segments of its path; undefined stands for `{id}`. */
interface Template {
  readonly name: string
  readonly methods: readonly string[]
  readonly segments: readonly (string | undefined)[]
}

const TEMPLATES: readonly Template[] = ROUTES.map(templateOf)

function templateOf({ name, route, methods }: Route): Template {
  const segments = `${ROUTE_PREFIX}/${route}`.split('/')
  return {
    name,
    methods,
    segments: segments.map((each) => (each.startsWith('{') ? undefined : each.toLowerCase())),
  }
}

/** The methods that a path takes; empty when no route has it. */
export function allowedMethods(path: string, routes?: readonly Route[]): readonly string[] {
  const segments = segmentsOf(path)
  const templates = routes?.map(templateOf) ?? TEMPLATES
  const matching = templates.filter((template) => matches(template.segments, segments))
  // RFC 7644 §3.4.3: `.search` is a word of the protocol, no id.
  const literal = matching.filter((template) => !template.segments.includes(undefined))
  return [...new Set((literal.length > 0 ? literal : matching).flatMap(({ methods }) => methods))]
}

/** Literals compare without case and a trailing slash is ignored, as on the Functions host. */
function segmentsOf(path: string): readonly string[] {
  const [, ...segments] = path.replace(/\/$/, '').split('/')
  return segments.map((segment) => decoded(segment).toLowerCase())
}

function matches(template: readonly (string | undefined)[], segments: readonly string[]): boolean {
  return (
    template.length === segments.length &&
    template.every((literal, at) =>
      literal === undefined ? segments[at] !== '' : literal === segments[at],
    )
  )
}

function decoded(segment: string): string {
  if (!segment.includes('%')) return segment
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}
