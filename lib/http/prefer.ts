import type { PreferredReturn } from '../service/context.ts'

/** One preference (RFC 7240 §2): a name, perhaps a value as a token or in quotes, perhaps parameters. */
const PREFERENCE =
  /^([!#$%&'*+.^_`|~\w-]+)\s*(?:=\s*(?:"([^"\\]*)"|([!#$%&'*+.^_`|~\w-]*)))?\s*(?:;.*)?$/s

/**
 * What a `Prefer` header says of the answer's body (RFC 7240 §4.2); undefined when it says nothing that is known. Of a
 * preference that is given twice the first counts (§2); all others are ignored.
 */
export function preferredReturn(header: string | null): PreferredReturn | undefined {
  for (const text of (header ?? '').slice(0, LONGEST_HEADER).split(',')) {
    const [, name, quoted, token] = PREFERENCE.exec(text.trim()) ?? []
    if (name?.toLowerCase() !== 'return') continue
    const value = (quoted ?? token ?? '').toLowerCase()
    return value === 'minimal' || value === 'representation' ? value : undefined
  }
  return undefined
}

const LONGEST_HEADER = 8192
