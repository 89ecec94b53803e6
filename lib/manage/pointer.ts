/** A place in the body, as the fragment of a URI (RFC 6901 §6). */
export function pointerTo(path: readonly PropertyKey[]): string {
  const tokens = path.map((name) =>
    encodeURIComponent(
      String(name)
        .slice(0, 100)
        // Half a pair has no UTF-8 form; the cut may make one.
        .replaceAll(/\p{Surrogate}/gu, '\uFFFD')
        .replaceAll('~', '~0')
        .replaceAll('/', '~1'),
    ),
  )
  return tokens.length === 0 ? '#' : `#/${tokens.join('/')}`
}
