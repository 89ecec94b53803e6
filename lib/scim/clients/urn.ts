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

/**
 * How many characters of the path are the URN, in one of its spellings and without regard to case; undefined when it
 * does not start with the URN.
 */
export function urnLength(path: string, urn: string): number | undefined {
  return SPELLINGS.flatMap((spelling) => spelling(urn)).find((spelt) => startsWithUrn(path, spelt))
    ?.length
}

/** A dot may stand for the colon after a URN (older Entra applications, ENT-URN-01). */
function startsWithUrn(path: string, urn: string): boolean {
  if (path.length < urn.length) return false
  if (path.slice(0, urn.length).toLowerCase() !== urn.toLowerCase()) return false
  const next = path[urn.length]
  return next === undefined || next === ':' || next === '.'
}
