import { ScimError } from '../scim/errors.ts'

/** How long a tenant may have asked for nothing to ask for more at once: its burst, in seconds of its rate. */
const BURST_SECONDS = 2

/** What waits leaves the rest of the burst to what does not: the tenant's own requests go on beside its bulks. */
const BULK_BURST_SECONDS = 1

/** Tenants whose rate is remembered; one that is forgotten has its whole burst again. */
const MAX_TENANTS = 2_000

/**
 * How fast each tenant asks one instance, so that none takes the others' share of it: a generic cell rate algorithm, which
 * keeps one number per tenant, the time up to which its rate is used up.
 */
export class RequestRates {
  readonly #usedUntil = new Map<string, number>()
  readonly #now: () => Date
  #latest = 0

  constructor(now: () => Date) {
    this.#now = now
  }

  /**
   * Counts one request.
   * @param perSecond the tenant's rate; Infinity for none.
   * @throws ScimError `tooManyRequests` with Retry-After in whole seconds; the request does not count then.
   */
  admit(tenant: string, perSecond: number): void {
    const { usedUntil, wait } = this.#next(tenant, perSecond)
    if (wait > 0) throw tooManyRequests(perSecond, wait)
    this.#note(tenant, usedUntil)
  }

  /**
   * Counts one request that waits until it may be done, as those of a bulk do.
   * @param longest milliseconds that it can wait.
   * @returns milliseconds to wait.
   * @throws ScimError `tooManyRequests` when it would be more; the request does not count then.
   */
  reserve(tenant: string, perSecond: number, longest: number): number {
    const { usedUntil, wait } = this.#next(tenant, perSecond, BULK_BURST_SECONDS)
    if (wait > Math.max(0, longest)) throw tooManyRequests(perSecond, wait)
    this.#note(tenant, usedUntil)
    return wait
  }

  #next(
    tenant: string,
    perSecond: number,
    burstSeconds = BURST_SECONDS,
  ): { usedUntil: number; wait: number } {
    const now = this.#now().getTime()
    // A clock that was set back must not lock anybody out.
    if (now < this.#latest) this.#usedUntil.clear()
    this.#latest = now
    const usedUntil = Math.max(this.#usedUntil.get(tenant) ?? now, now) + 1000 / perSecond
    return { usedUntil, wait: Math.max(0, usedUntil - now - burstSeconds * 1000) }
  }

  #note(tenant: string, usedUntil: number): void {
    // Behind all others: used last.
    this.#usedUntil.delete(tenant)
    this.#usedUntil.set(tenant, usedUntil)
    for (const oldest of this.#usedUntil.keys()) {
      if (this.#usedUntil.size <= MAX_TENANTS) return
      this.#usedUntil.delete(oldest)
    }
  }
}

function tooManyRequests(perSecond: number, wait: number): ScimError {
  return new ScimError(
    'tooManyRequests',
    `The tenant may send ${perSecond} requests a second, and more came. Retry-After says when to go on.`,
    { headers: { 'retry-after': String(Math.ceil(wait / 1000)) } },
  )
}
