/** A part of a route between two slashes. */
type Segment =
  | { readonly kind: 'literal'; readonly text: string }
  | {
      readonly kind: 'parameter' | 'catchAll'
      readonly name: string
      readonly constraints: readonly Constraint[]
      readonly optional: boolean
      readonly fallback?: string
    }

type Constraint = (value: string) => boolean

/** A route of ASP.NET Core, as far as this app may use them. */
export type RouteTemplate = readonly Segment[]

/** The constraints without arguments; ASP.NET Core has more, and one that is not here stops the start. */
const CONSTRAINTS: Readonly<Record<string, Constraint>> = {
  alpha: (value) => /^[a-z]*$/i.test(value),
  bool: (value) => /^(true|false)$/i.test(value),
  guid: (value) =>
    /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i.test(value),
  int: (value) => /^-?\d{1,10}$/.test(value) && Math.abs(Number(value)) <= 2_147_483_647,
  long: (value) => /^-?\d{1,18}$/.test(value),
  required: (value) => value !== '',
}

const PARAMETER = /^\{(\*{0,2})([A-Za-z_]\w*)((?::[^:=?{}]+)*)(?:=([^{}]*)|(\?))?\}$/

/**
 * Reads a template such as `api/scim/Users/{id}` or `api/scim/{*path}`.
 * @throws Error for a constraint or a form that is not known here; the real host stops at an unknown constraint too.
 */
export function parseRouteTemplate(template: string): RouteTemplate {
  const texts = template.replace(/^\/|\/$/g, '').split('/')
  return texts.map((text, index) => {
    const segment = parseSegment(text, template)
    if (segment.kind === 'catchAll' && index < texts.length - 1) {
      throw new Error(`route "${template}": a catch-all must be the last segment`)
    }
    return segment
  })
}

function parseSegment(text: string, template: string): Segment {
  if (!/[{}]/.test(text)) {
    if (text === '') throw new Error(`route "${template}": a segment is empty`)
    return { kind: 'literal', text: text.toLowerCase() }
  }
  const found = PARAMETER.exec(text)
  if (found === null) {
    throw new Error(`route "${template}": the local host cannot read the segment "${text}"`)
  }
  const [, stars = '', name = '', constraints = '', fallback, question] = found
  return {
    kind: stars === '' ? 'parameter' : 'catchAll',
    name,
    constraints: constraints
      .split(':')
      .slice(1)
      .map((word) => toConstraint(word, template)),
    optional: question !== undefined || fallback !== undefined || stars !== '',
    ...(fallback !== undefined && { fallback }),
  }
}

function toConstraint(word: string, template: string): Constraint {
  const known = Object.hasOwn(CONSTRAINTS, word) ? CONSTRAINTS[word] : undefined
  if (known === undefined) throw new Error(`route "${template}": unknown constraint "${word}"`)
  return known
}

/**
 * The route parameters if the decoded path matches. Literals compare without case; a trailing slash is ignored, except
 * that a catch-all keeps it; an empty segment is no match (ASP.NET Core `PathTokenizer`, `RoutePatternMatcher`).
 */
export function matchRoute(
  template: RouteTemplate,
  path: string,
): Record<string, string> | undefined {
  const params = new Map<string, string>()
  let rest = path.slice(1)
  for (const segment of template) {
    const slash = segment.kind === 'catchAll' ? -1 : rest.indexOf('/')
    const text = slash < 0 ? rest : rest.slice(0, slash)
    if (rest.startsWith('/') || !accepts(segment, text, params)) return undefined
    rest = slash < 0 ? '' : rest.slice(slash + 1)
  }
  return rest === '' ? Object.fromEntries(params) : undefined
}

/** Whether the segment takes the text; a parameter's value is put into `params`. */
function accepts(segment: Segment, text: string, params: Map<string, string>): boolean {
  if (segment.kind === 'literal') return text.toLowerCase() === segment.text
  const value = text === '' ? segment.fallback : text
  if (value === undefined) return segment.optional
  params.set(segment.name, value)
  return segment.constraints.every((constraint) => constraint(value))
}
