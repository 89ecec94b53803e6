import { ScimError } from '../scim/errors.ts'
import { isCredentialId, type NewCredential } from '../storage/tenant-port.ts'
import { claimText, entraTenantIdOf, federationOf } from './credential-values.ts'
import { dateTimeText, printableText } from './naming.ts'
import { LABEL_MAX_LENGTH, NAMES } from './new-credential.ts'

/**
 * A credential that was kept elsewhere, as it may be kept here.
 * @throws ScimError `invalidValue` that names what cannot be.
 */
export function keptCredential(given: NewCredential): NewCredential {
  const what = NAMES[given.kind]
  if (!isCredentialId(given.id)) {
    throw new ScimError('invalidValue', `the id of a ${what} must have 12 characters a-z 0-9`)
  }
  const { expires } = given
  const facts = {
    id: given.id,
    label: printableText(`label of the ${what}`, given.label, LABEL_MAX_LENGTH),
    created: dateTimeText(`creation of the ${what}`, new Date(given.created)),
    ...(expires === undefined
      ? {}
      : { expires: dateTimeText(`expiry of the ${what}`, new Date(expires)) }),
  }
  if (given.kind === 'federated') {
    return { kind: given.kind, ...facts, ...federationOf(given, undefined) }
  }
  if (given.kind === 'entra') {
    const entraTenantId = entraTenantIdOf(given.entraTenantId)
    const audience = claimText('audience', given.audience)
    return { kind: given.kind, ...facts, entraTenantId, audience }
  }
  return { kind: given.kind, ...facts, secretHash: given.secretHash }
}
