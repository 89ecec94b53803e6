import type { Binding, FunctionMetadata, RegisteredFunction } from './functions-core.ts'
import { matchRoute, parseRouteTemplate, type RouteTemplate } from './route-template.ts'

/** A function with an HTTP trigger, ready to be matched. */
export interface Route {
  readonly function: RegisteredFunction
  /** The name of the trigger among the function's bindings. */
  readonly trigger: string
  /** Upper case; empty: any method. */
  readonly methods: readonly string[]
  /** With the prefix. */
  readonly route: string
  readonly template: RouteTemplate
}

/**
 * The HTTP functions in the order in which the host tries them: by name, ordinal, case ignored. Neither literals nor
 * the order of registration take precedence (`FunctionMetadataManager`, `WebScriptHostHttpRoutesManager`).
 * @param prefix of host.json `extensions.http.routePrefix`
 * @throws Error naming every function that the host would not load, and why. The host itself only leaves such a
 *   function out, which shows as a 404 much later.
 */
export function buildRoutes(functions: readonly RegisteredFunction[], prefix: string): Route[] {
  const problems: string[] = []
  const routes: Route[] = []
  const byName = functions.toSorted((a, b) => ordinal(a.metadata.name, b.metadata.name))
  for (const [index, registered] of byName.entries()) {
    const before = byName[index - 1]
    const sameName =
      before !== undefined && ordinal(before.metadata.name, registered.metadata.name) === 0
    try {
      if (sameName) throw new Error('the name is taken')
      routes.push(toRoute(registered, prefix, routes))
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      problems.push(`function "${registered.metadata.name}" would not load: ${reason}`)
    }
  }
  if (problems.length > 0) throw new Error(problems.join('\n'))
  return routes
}

/** .NET `StringComparer.OrdinalIgnoreCase`: upper case, then by code unit. */
function ordinal(a: string, b: string): number {
  const [left, right] = [a.toUpperCase(), b.toUpperCase()]
  if (left === right) return 0
  return left < right ? -1 : 1
}

function toRoute(registered: RegisteredFunction, prefix: string, before: readonly Route[]): Route {
  const { metadata } = registered
  checkName(metadata)
  const [trigger, binding] = httpTrigger(metadata)
  const own = binding.route ?? metadata.name
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
  return { function: registered, trigger, methods, route, template: parseRouteTemplate(route) }
}

/** `Utility.IsValidFunctionName`. */
function checkName({ name }: FunctionMetadata): void {
  if (!/^[a-z][a-z0-9_-]{0,127}$/i.test(name) || name.toLowerCase() === 'host') {
    throw new Error('a name is a letter and up to 127 letters, digits, "_" or "-", and not "host"')
  }
}

function httpTrigger(metadata: FunctionMetadata): [name: string, binding: Binding] {
  const trigger = Object.entries(metadata.bindings).find(([, { type }]) => /trigger$/i.test(type))
  if (trigger?.[1].type.toLowerCase() !== 'httptrigger') {
    throw new Error('the local host runs HTTP triggers only')
  }
  return trigger
}

function sameRoute(other: Route, route: string): boolean {
  return other.route.toLowerCase() === route.toLowerCase()
}

function sharesMethod(other: Route, methods: readonly string[]): boolean {
  if (methods.length === 0 || other.methods.length === 0) return true
  return methods.some((method) => other.methods.includes(method))
}

/** The first route whose template and methods fit; a known path with another method is no match, never a 405. */
export function findRoute(
  routes: readonly Route[],
  method: string,
  path: string,
): { readonly route: Route; readonly params: Readonly<Record<string, string>> } | undefined {
  for (const route of routes) {
    if (route.methods.length > 0 && !route.methods.includes(method.toUpperCase())) continue
    const params = matchRoute(route.template, path)
    if (params !== undefined) return { route, params }
  }
  return undefined
}
