import { beginsWithUrn, urnSpellings } from './clients/urn.ts'

/** With its product before the version, `:2.0:`, and the resource after it, as Entra ID asks for it. */
const EXTENSION_URN =
  /^urn:[a-z0-9][a-z0-9-]{1,31}(?::[\w-]+)*:extension:[\w-]+(?::[\w-]+)*:\d+\.\d+:User$/i

/** Longer URNs leave no room for the name behind them. */
const LONGEST_URN = 120

/**
 * What is wrong with the URN of an extension for users: it, "must be …", and this are a sentence.
 * @param others the URNs of other schemas: none may be this one in any spelling, or begin as it does.
 */
export function extensionUrnProblem(urn: string, others: readonly string[]): string | undefined {
  if (urn.length > LONGEST_URN || !EXTENSION_URN.test(urn)) {
    return `must be the URN of an extension, urn:ietf:params:scim:schemas:extension:<product>:2.0:User, of at most ${LONGEST_URN} characters`
  }
  const other = others.find((each) => areConfused(urn, each))
  return other === undefined ? undefined : `must not be read as the URN of another schema, ${other}`
}

function areConfused(one: string, other: string): boolean {
  const [ofOne, ofOther] = [urnSpellings(one), urnSpellings(other)]
  return ofOne.some((a) => ofOther.some((b) => beginsWithUrn(a, b) || beginsWithUrn(b, a)))
}
