import { isObject } from '../../lib/scim/json.ts'

/** Why a credential was refused, from the app's line for a request (`logRequest`); undefined in any other message. */
export function refusalReason(message: string): string | undefined {
  if (!message.startsWith('{')) return undefined
  try {
    const line: unknown = JSON.parse(message)
    const reason = isObject(line) && line['event'] === 'scim' ? line['reason'] : undefined
    return typeof reason === 'string' ? reason : undefined
  } catch {
    return undefined
  }
}
