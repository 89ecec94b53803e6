import { isObject } from '../../lib/scim/json.ts'
import { StartError } from './lifetime.ts'

/** The host's setting for the bytes of a request body; what is longer it answers itself, with a bare 500. */
export const BODY_LIMIT = 'FUNCTIONS_REQUEST_BODY_SIZE_LIMIT'

/**
 * The limit that the environment sets, else the one that the app is meant to run with.
 * @param example the text of local.settings.example.json.
 * @throws StartError when it is no number of bytes.
 */
export function bodyLimit(
  environment: Readonly<Record<string, string | undefined>>,
  example: string,
): number {
  const settings: unknown = JSON.parse(example)
  const values = isObject(settings) ? settings['Values'] : undefined
  const limit = environment[BODY_LIMIT] ?? (isObject(values) ? values[BODY_LIMIT] : undefined)
  if (typeof limit === 'string' && /^[1-9]\d{0,11}$/.test(limit)) return Number(limit)
  throw new StartError(`${BODY_LIMIT} must be a number of bytes, such as 16777216`)
}
