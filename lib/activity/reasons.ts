import type { ErrorKind, KINDS, OwnRule } from '../scim/errors.ts'

/** Kinds of errors that are the request's own fault: the others are ours, and no refusal. */
export type RefusedKind = {
  readonly [Kind in ErrorKind]: (typeof KINDS)[Kind]['status'] extends 500 | 501 | 503
    ? never
    : Kind
}[ErrorKind]

/** The compiler holds it complete. */
const OF_KINDS: Readonly<Record<RefusedKind, true>> = {
  invalidFilter: true,
  tooMany: true,
  mutability: true,
  invalidSyntax: true,
  invalidPath: true,
  noTarget: true,
  invalidValue: true,
  invalidVers: true,
  invalidCursor: true,
  expiredCursor: true,
  invalidCount: true,
  unauthorized: true,
  forbidden: true,
  notFound: true,
  methodNotAllowed: true,
  uniqueness: true,
  lengthRequired: true,
  preconditionFailed: true,
  payloadTooLarge: true,
  unsupportedMediaType: true,
  tooManyRequests: true,
}

/** The compiler holds this one complete, too. */
const OF_RULES: Readonly<Record<OwnRule, true>> = { emailDomain: true }

/** A credential that is right and opens nothing: everything comes to a stand. */
const OF_CREDENTIALS = ['credentialExpired', 'credentialRevoked', 'tenantDisabled'] as const

const OF_CHANGES = ['done', 'attributesIgnored', 'managerUnresolved'] as const

/** Why an entry of the activity is as it is: docs/operations.md has words for each, and what to do. */
export type Reason =
  RefusedKind | OwnRule | (typeof OF_CREDENTIALS)[number] | (typeof OF_CHANGES)[number] | 'more'

/** The closed list. */
export const REASONS: readonly Reason[] = [
  ...OF_CHANGES,
  ...OF_CREDENTIALS,
  ...namesOf(OF_KINDS),
  ...namesOf(OF_RULES),
  'more',
]

const KNOWN: ReadonlySet<string> = new Set(REASONS)

/** What was kept, by this version or another. */
export function isReason(text: string): text is Reason {
  return KNOWN.has(text)
}

const CREDENTIAL_REASONS: ReadonlySet<string> = new Set(OF_CREDENTIALS)

/** Whether a refusal is about the credential, so that the next request fares no better: `forbidden` is about the request. */
export function isAboutCredential(reason: string): boolean {
  return CREDENTIAL_REASONS.has(reason)
}

function namesOf<Name extends string>(names: Readonly<Record<Name, true>>): readonly Name[] {
  const isName = (name: string): name is Name => Object.hasOwn(names, name)
  return Object.keys(names).filter(isName)
}
