import { startFunctionApp } from '../../tools/local-host/function-app.ts'
import { FunctionsCore, provideFunctionsCore } from '../../tools/local-host/functions-core.ts'
import {
  createHost,
  type Host,
  type HostOptions,
  type HostResponse,
} from '../../tools/local-host/host.ts'

/** What the functions and the library logged, as `level category message`. */
export const logged: string[] = []

// @azure/functions asks for its core once, so that all apps of a test file share this one.
const core = new FunctionsCore((level, category, message) => {
  logged.push(`${level} ${category} ${message}`)
})
provideFunctionsCore(core)

/** The local host with the functions and hooks that `register` registers, and no others. */
export async function sampleHost(
  register: () => void,
  routePrefix = 'api',
  options: HostOptions = {},
): Promise<Host> {
  core.functions.length = 0
  for (const hooks of Object.values(core.hooks)) hooks.length = 0
  logged.length = 0
  register()
  return createHost(await startFunctionApp(core, '/app'), routePrefix, options)
}

/** Sends a request to the host, without a socket. */
export function send(
  host: Host,
  method: string,
  target: string,
  { headers = {}, body = '' }: { headers?: Record<string, string>; body?: string } = {},
): Promise<HostResponse> {
  const bytes = Buffer.from(body)
  return host.handle({
    method,
    target,
    headers: { host: 'localhost:7071', ...headers },
    body: bytes,
  })
}

export function textOf(response: HostResponse): string {
  return Buffer.from(response.body).toString()
}
