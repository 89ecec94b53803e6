/** The path and query of a request line, as the host sees them. */
export interface RequestTarget {
  /** Decoded once, all but `%2F`; dot segments are resolved. */
  readonly path: string
  /** The path encoded again, as functions see it in `request.url`. */
  readonly encodedPath: string
  /** As it came, with its `?`, or empty. */
  readonly rawQuery: string
  /** Names merged without case under their first spelling, values joined by commas. */
  readonly query: Readonly<Record<string, string>>
}

/**
 * Takes the request line apart as Kestrel does.
 * @returns undefined for what Kestrel refuses with 400: no path, or a NUL in it.
 */
export function parseRequestTarget(target: string): RequestTarget | undefined {
  const withoutOrigin = target.replace(/^https?:\/\/[^/?#]*/i, '')
  const mark = withoutOrigin.indexOf('?')
  // A `#` in the path is a character as any other.
  const rawPath = mark < 0 ? withoutOrigin : withoutOrigin.slice(0, mark)
  const [rawQuery = ''] = mark < 0 ? [] : withoutOrigin.slice(mark).split('#')
  const decoded = decodePath(rawPath)
  if (!decoded.startsWith('/') || decoded.includes('\0')) return undefined
  const path = removeDotSegments(decoded)
  return { path, encodedPath: encodePath(path), rawQuery, query: mergeQuery(rawQuery) }
}

/** Percent sequences that are no UTF-8, and `%2F`, stay as they are. */
function decodePath(raw: string): string {
  return raw.replace(/(?:%[0-9a-f]{2})+/gi, (sequence) =>
    sequence
      .split(/(%2f)/i)
      .map((part) => (/^%2f$/i.test(part) ? part : decodeOrKeep(part)))
      .join(''),
  )
}

function decodeOrKeep(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** RFC 3986 §5.2.4. */
function removeDotSegments(path: string): string {
  if (!/\/\.{1,2}(?:\/|$)/.test(path)) return path
  const kept: string[] = []
  const segments = path.split('/').slice(1)
  for (const [index, segment] of segments.entries()) {
    if (segment === '..') kept.pop()
    if (segment !== '.' && segment !== '..') kept.push(segment)
    else if (index === segments.length - 1) kept.push('')
  }
  return `/${kept.join('/')}`
}

/** ASP.NET Core `PathString.ToUriComponent`: `:` and other legal characters stay, and so does an encoded `%2F`. */
function encodePath(path: string): string {
  return path.replace(/%(?![0-9a-f]{2})|[^A-Za-z0-9\-._~!$&'()*+,;=:@/%]+/gi, (text) =>
    encodeURIComponent(text),
  )
}

function mergeQuery(rawQuery: string): Record<string, string> {
  const merged = new Map<string, { readonly name: string; readonly values: string[] }>()
  for (const [name, value] of new URLSearchParams(rawQuery)) {
    const before = merged.get(name.toLowerCase())
    if (before === undefined) merged.set(name.toLowerCase(), { name, values: [value] })
    else before.values.push(value)
  }
  return Object.fromEntries(
    [...merged.values()].map(({ name, values }) => [name, values.join(',')]),
  )
}
