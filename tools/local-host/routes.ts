import { type AuthLevel, authLevelOf } from './host-keys.ts'
import { matchRoute, parseRouteTemplate, type RouteTemplate } from './route-template.ts'
import type { Trigger, TriggeredFunction } from './trigger.ts'

/** A function with an HTTP trigger, ready to be matched. */
export interface Route extends TriggeredFunction {
  readonly authLevel: AuthLevel
  /** Upper case; empty: any method. */
  readonly methods: readonly string[]
  /** With the prefix. */
  readonly route: string
  readonly template: RouteTemplate
}

/**
 * @param prefix of host.json `extensions.http.routePrefix`
 * @param before the routes that the host tries first
 * @throws Error for a function that the host would not load
 */
export function toRoute(
  { function: registered, trigger, binding }: Trigger,
  prefix: string,
  before: readonly Route[],
): Route {
  const own = binding.route ?? registered.metadata.name
  // ScriptHost.ValidateHttpFunction compares the start of the text, so `administrators` is refused too.
  if (/^\/?(admin|runtime)/i.test(own)) {
    throw new Error(`the route "${own}" starts with a reserved word (admin, runtime)`)
  }
  const route = prefix === '' ? own : `${prefix}/${own}`
  const methods = (binding.methods ?? []).map((method) => method.toUpperCase())
  const taken = before.find((other) => sameRoute(other, route) && sharesMethod(other, methods))
  if (taken !== undefined) {
    throw new Error(`"${taken.function.metadata.name}" has the same route and method`)
  }
  const authLevel = authLevelOf(binding)
  const template = parseRouteTemplate(route)
  return { function: registered, trigger, authLevel, methods, route, template }
}

function sameRoute(other: Route, route: string): boolean {
  return other.route.toLowerCase() === route.toLowerCase()
}

function sharesMethod(other: Route, methods: readonly string[]): boolean {
  if (methods.length === 0 || other.methods.length === 0) return true
  return methods.some((method) => other.methods.includes(method))
}

/** A route that fits a request, and what its parameters are. */
export interface FoundRoute {
  readonly route: Route
  readonly params: Readonly<Record<string, string>>
}

/** The first route whose template and methods fit; a known path with another method is no match, never a 405. */
export function findRoute(
  routes: readonly Route[],
  method: string,
  path: string,
): FoundRoute | undefined {
  for (const route of routes) {
    if (route.methods.length > 0 && !route.methods.includes(method.toUpperCase())) continue
    const params = matchRoute(route.template, path)
    if (params !== undefined) return { route, params }
  }
  return undefined
}
