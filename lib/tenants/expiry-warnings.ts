import type { Credential, ExpiryWarning, TenantStore } from '../storage/tenant-port.ts'
import { credentialStatus } from './credentials.ts'
import type { Tell } from './maintenance-events.ts'

const DAY = 24 * 60 * 60 * 1000

/** So many days before a credential expires it is told, the nearest last. */
const DAYS_AHEAD = [30, 14, 7, 1] as const

/** Whether a credential that expires then may have to be warned of, or has expired since somebody looked. */
export function isNear(expires: string | undefined, now: Date): boolean {
  return expires !== undefined && !(Date.parse(expires) - now.getTime() > DAYS_AHEAD[0] * DAY)
}

/**
 * Warns of each of the credentials that is about to expire: once for each number of days ahead. It is told first and noted
 * then, so that a crash in between repeats it rather than losing it.
 * @returns how many warnings that were.
 */
export async function warnOfExpiries(
  store: TenantStore,
  tenantId: string,
  credentials: readonly Credential[],
  { now, tell }: { readonly now: Date; readonly tell: Tell },
): Promise<number> {
  let warnings = 0
  for (const credential of credentials) {
    const warning = dueWarning(credential, now)
    if (warning === undefined) continue
    const { id, kind } = credential
    const { days, expires } = warning
    tell({
      event: 'credential expires',
      tenant: tenantId,
      credential: id,
      kind,
      expires,
      days,
    })
    await store.noteWarning(tenantId, id, warning)
    warnings += 1
  }
  return warnings
}

function dueWarning(credential: Credential, now: Date): ExpiryWarning | undefined {
  const { expires, warned } = credential
  if (expires === undefined || credentialStatus(credential, now) !== 'active') return undefined
  const left = Date.parse(expires) - now.getTime()
  const days = DAYS_AHEAD.findLast((each) => left <= each * DAY)
  if (days === undefined) return undefined
  if (warned !== undefined && isSaid(warned, { days, expires }, now)) return undefined
  return { days, expires, at: now.toISOString() }
}

/** A changed expiry is warned of anew, but no day has the same warning twice. */
function isSaid(
  warned: ExpiryWarning,
  { days, expires }: Pick<ExpiryWarning, 'days' | 'expires'>,
  now: Date,
): boolean {
  if (warned.expires === expires && warned.days <= days) return true
  return warned.days === days && now.getTime() - Date.parse(warned.at) < DAY
}
