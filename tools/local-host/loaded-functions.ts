import type { RegisteredFunction } from './functions-core.ts'
import { type Route, toRoute } from './routes.ts'
import { type TimerFunction, toTimer } from './timer-function.ts'
import { triggerOf } from './trigger.ts'

/** The functions of an app by what calls them. */
export interface LoadedFunctions {
  readonly routes: readonly Route[]
  readonly timers: readonly TimerFunction[]
}

/**
 * The HTTP functions in the order in which the host tries them: by name, ordinal, case ignored. Neither literals nor
 * the order of registration take precedence (`FunctionMetadataManager`, `WebScriptHostHttpRoutesManager`). And the timers.
 * @param prefix of host.json `extensions.http.routePrefix`
 * @throws Error naming every function that the host would not load, and why. The host itself only leaves such a
 *   function out, which shows as a 404 much later.
 */
export function loadFunctions(
  functions: readonly RegisteredFunction[],
  prefix: string,
): LoadedFunctions {
  const problems: string[] = []
  const routes: Route[] = []
  const timers: TimerFunction[] = []
  const byName = functions.toSorted((a, b) => ordinal(a.metadata.name, b.metadata.name))
  for (const [index, registered] of byName.entries()) {
    const before = byName[index - 1]
    const sameName =
      before !== undefined && ordinal(before.metadata.name, registered.metadata.name) === 0
    try {
      if (sameName) throw new Error('the name is taken')
      const trigger = triggerOf(registered)
      const type = trigger.binding.type.toLowerCase()
      if (type === 'httptrigger') routes.push(toRoute(trigger, prefix, routes))
      else if (type === 'timertrigger') timers.push(toTimer(trigger))
      else throw new Error('the local host runs HTTP triggers and timers only')
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      problems.push(`function "${registered.metadata.name}" would not load: ${reason}`)
    }
  }
  if (problems.length > 0) throw new Error(problems.join('\n'))
  return { routes, timers }
}

/** .NET `StringComparer.OrdinalIgnoreCase`: upper case, then by code unit. */
function ordinal(a: string, b: string): number {
  const [left, right] = [a.toUpperCase(), b.toUpperCase()]
  if (left === right) return 0
  return left < right ? -1 : 1
}
