import { URN } from '../urn.ts'

/** How a path or a key may write a schema's URN. */
type UrnSpelling = (urn: string) => readonly string[]

/**
 * Without its last colon: a documented request of Entra has `…:extension:enterprise:2.0User` (ENT-NULL-01), and mappings
 * are made after it.
 */
function withoutLastColon(urn: string): readonly string[] {
  const colon = urn.lastIndexOf(':')
  return colon === -1 ? [] : [urn.slice(0, colon) + urn.slice(colon + 1)]
}

/**
 * What SCIM 1.1 and the drafts of SCIM 2.0 called the schemas, the longer name before the one that it begins with. OneLogin
 * still sends them (BR2-01).
 */
const DRAFTS: Readonly<Record<string, readonly string[]>> = {
  [URN.user]: [
    'urn:scim:schemas:core:2.0:User',
    'urn:scim:schemas:core:2.0',
    'urn:scim:schemas:core:1.0',
  ],
  [URN.group]: [
    'urn:scim:schemas:core:2.0:Group',
    'urn:scim:schemas:core:2.0',
    'urn:scim:schemas:core:1.0',
  ],
  [URN.enterpriseUser]: [
    'urn:scim:schemas:extension:enterprise:2.0:User',
    'urn:scim:schemas:extension:enterprise:2.0',
    'urn:scim:schemas:extension:enterprise:1.0',
  ],
}

/** In this order: what the schema itself says comes first. */
const SPELLINGS: readonly UrnSpelling[] = [
  (urn) => [urn],
  withoutLastColon,
  (urn) => DRAFTS[urn] ?? [],
]

/** The spellings of a schema's URN, in lower case: URNs compare without regard to case. */
export function urnSpellings(urn: string): readonly string[] {
  return SPELLINGS.flatMap((spelling) => spelling(urn)).map((spelt) => spelt.toLowerCase())
}

/**
 * Whether a path is a URN, or goes on behind it. A dot may stand for the colon after a URN (older Entra applications,
 * ENT-URN-01).
 * @param path in lower case.
 * @param spelling one of `urnSpellings`.
 */
export function beginsWithUrn(path: string, spelling: string): boolean {
  if (!path.startsWith(spelling)) return false
  const next = path[spelling.length]
  return next === undefined || next === ':' || next === '.'
}
