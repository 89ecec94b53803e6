import { Problem } from './problem.ts'

/**
 * Refuses a change of a path that ends in a slash. Clients and hosts remove dot segments (RFC 3986 §5.2.4): a path whose
 * last part is `..`, such as the name of a level, comes as that of what is above it, with a slash at its end.
 * @throws Problem `invalid-request`
 */
export function checkWholePath(method: string, pathname: string): void {
  if (method === 'GET' || method === 'HEAD' || !pathname.endsWith('/')) return
  throw new Problem(
    'invalid-request',
    'Nothing is changed for a path that ends in "/": one whose last part was "." or ".." comes like that, too. Leave the slash out, or check what was put into the path; a level of such a name is deleted with levels?name=.',
  )
}
