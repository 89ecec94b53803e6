import { ROUTE_PREFIX, ROUTES } from '../../lib/http/routes.ts'
import { DEFAULT_RESOURCE_TYPES } from '../../lib/scim/default-resource-types.ts'
import { URN } from '../../lib/scim/urn.ts'
import { parseRequestTarget } from './request-target.ts'

const TEMPLATES: readonly (readonly string[])[] = [
  ...new Set(['health', ...ROUTES.map(({ route }) => route)]),
].map((route) => `${ROUTE_PREFIX}/${route}`.split('/'))

/** What may stand for `{id}` and is nobody's name. */
const NAMES = new Set<string>([
  ...Object.values(URN),
  ...DEFAULT_RESOURCE_TYPES.map(({ name }) => name),
])
const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i

/**
 * The path of a request for the log. Clients put names of people where an id belongs, so only what is known is shown as
 * it is: literals of the routes, UUIDs, names of schemas and resource types. Another id is `{id}`, another path `/…`.
 */
export function loggedPath(target: string): string {
  const path = parseRequestTarget(target)?.path ?? ''
  const segments = path.replace(/\/$/, '').split('/').slice(1)
  const shown = TEMPLATES.map((template) => fill(template, segments)).filter(
    (text) => text !== undefined,
  )
  // `.search` is no id.
  return shown.find((text) => !text.endsWith('}')) ?? shown[0] ?? '/…'
}

function fill(template: readonly string[], segments: readonly string[]): string | undefined {
  if (template.length !== segments.length) return undefined
  const shown = template.map((part, at) => {
    const segment = segments[at] ?? ''
    if (segment === '') return undefined
    if (part.startsWith('{')) return UUID.test(segment) || NAMES.has(segment) ? segment : part
    return part.toLowerCase() === segment.toLowerCase() ? part : undefined
  })
  return shown.includes(undefined) ? undefined : `/${shown.join('/')}`
}
