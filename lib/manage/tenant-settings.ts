import * as z from 'zod'

/** A whole number within limits, which the message repeats. */
function wholeNumber(least: number, most: number): z.ZodInt {
  const right = `must be a whole number from ${least} to ${most}`
  return z.int(right).min(least, right).max(most, right)
}

/** What a tenant can choose. */
export const TENANT_SETTINGS = z.object({
  requestsPerSecond: wholeNumber(25, 1000)
    .default(100)
    .describe('Requests a second that one instance serves for the tenant; more are answered 429.'),
  accessTokenHours: wholeNumber(1, 6)
    .default(1)
    .describe('Hours for which an OAuth access token of the tenant is good.'),
})

/** What applies to a tenant: what it has chosen, else the default, also in place of what cannot be. */
export function readSettings(
  settings: Readonly<Record<string, unknown>>,
): z.output<typeof TENANT_SETTINGS> {
  const { requestsPerSecond, accessTokenHours } = TENANT_SETTINGS.shape
  return {
    requestsPerSecond: requestsPerSecond.catch(100).parse(settings['requestsPerSecond']),
    accessTokenHours: accessTokenHours.catch(1).parse(settings['accessTokenHours']),
  }
}
