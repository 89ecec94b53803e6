import { urlParameters } from './parameters.ts'
import type { PreferredReturn, ScimRequest } from './context.ts'

/**
 * The preference that an answer keeps to (RFC 7240 §4.2). `attributes` and `excludedAttributes` say more exactly what is
 * wanted, so beside them it is ignored, and not named as applied.
 */
export function appliedPreference(request: ScimRequest): PreferredReturn | undefined {
  const { attributes, excludedAttributes } = urlParameters(request)
  const isProjected = attributes !== undefined || excludedAttributes !== undefined
  return isProjected ? undefined : request.prefer
}
