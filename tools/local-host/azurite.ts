import { type ChildProcess, fork } from 'node:child_process'
import { on, once } from 'node:events'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'

/** Where `UseDevelopmentStorage=true` looks for tables. */
const DEVELOPMENT_PORT = 10_002

/** The account of every Azurite; published by Microsoft, no secret. */
const ACCOUNT = 'devstoreaccount1'
const ACCOUNT_KEY =
  'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=='

const START_SECONDS = 20
const STOP_MILLISECONDS = 1700

/** A running Azurite. */
export interface Azurite {
  readonly connectionString: string
  /** Resolves when it ended, whoever ended it, with the reason in one line. */
  readonly ended: Promise<string>
  /** Saves the data and ends it, within two seconds. */
  stop(): Promise<void>
}

/**
 * Starts Azurite's table service on loopback and waits until it serves. It ends with this process, even when that is
 * killed.
 * @param directory where the data is kept, on the port of `UseDevelopmentStorage=true` if it is free; absent: in memory
 * @throws Error when it ends at once or does not serve
 */
export async function startAzurite(directory?: string): Promise<Azurite> {
  try {
    return await startOn(await freePort(directory === undefined ? 0 : DEVELOPMENT_PORT), directory)
  } catch (error) {
    if (!String(error).includes('EADDRINUSE')) throw error
    // Somebody else took the port since it was seen free.
    return startOn(await freePort(0), directory)
  }
}

/**
 * Starts a whole Azurite in memory: what `AzureWebJobsStorage` is for the Functions host, which keeps locks and the state
 * of timers in blobs.
 * @throws Error when it ends at once or does not serve
 */
export async function startWebJobsStorage(): Promise<Azurite> {
  const [blob, queue, table] = await Promise.all([freePort(0), freePort(0), freePort(0)])
  return startServices({ blob, queue, table }, undefined)
}

/** The port of each service that is to run. */
type Ports = { readonly table: number } & ({} | { readonly blob: number; readonly queue: number })

function startOn(port: number, directory: string | undefined): Promise<Azurite> {
  return startServices({ table: port }, directory)
}

async function startServices(ports: Ports, directory: string | undefined): Promise<Azurite> {
  const child = forkAzurite(ports, directory)
  const errors: string[] = []
  child.stderr?.on('data', (text: Buffer) => errors.push(text.toString()))
  const ended = once(child, 'exit').then(() => endOf(child, errors.join('')))
  await Promise.race([
    serving(child),
    ended.then((reason) => {
      throw new Error(`Azurite ended while it was starting: ${reason}`)
    }),
  ])
  return {
    connectionString: connectionStringOf(ports),
    ended,
    stop: () => stop(child, ended),
  }
}

function connectionStringOf(ports: Ports): string {
  const endpoints = Object.entries(ports).map(
    ([service, port]) =>
      `${service.charAt(0).toUpperCase()}${service.slice(1)}Endpoint=http://127.0.0.1:${port}/${ACCOUNT};`,
  )
  return `DefaultEndpointsProtocol=http;AccountName=${ACCOUNT};AccountKey=${ACCOUNT_KEY};${endpoints.join('')}`
}

/** What it had to say, without the stack, or else how it ended. */
function endOf({ exitCode, signalCode }: ChildProcess, errors: string): string {
  const lines = errors.split('\n').filter((line) => line.trim() !== '')
  const line = lines.find((each) => /error/i.test(each)) ?? lines[0]
  return line?.trim() ?? signalCode ?? `exit code ${exitCode ?? 'unknown'}`
}

/** A process group of its own: Ctrl-C in the terminal is for the local host, which stops this one when it is done. */
function forkAzurite(ports: Ports, directory: string | undefined): ChildProcess {
  const place = directory === undefined ? ['--inMemoryPersistence'] : ['--location', directory]
  const services = Object.entries(ports).flatMap(([service, port]) => [
    `--${service}Host`,
    '127.0.0.1',
    `--${service}Port`,
    String(port),
  ])
  const options = ['--silent', '--disableTelemetry', '--skipApiVersionCheck']
  // Azurite would take other accounts from it.
  const { AZURITE_ACCOUNTS: _, ...env } = process.env
  return fork(
    fileURLToPath(new URL('azurite-process.ts', import.meta.url)),
    [...services, ...options, ...place],
    {
      cwd: directory ?? tmpdir(),
      detached: process.platform !== 'win32',
      env,
      execArgv: [],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    },
  )
}

/** The port if it is free, else any that is. */
async function freePort(wanted: number): Promise<number> {
  const server = createServer()
  try {
    server.listen(wanted, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    if (address === null || typeof address === 'string') throw new Error('no address')
    return address.port
  } catch (error) {
    if (wanted === 0) throw error
    return await freePort(0)
  } finally {
    server.close()
  }
}

/** It says so itself, of the tables last: whatever answers on the port might be another one. */
async function serving(child: ChildProcess): Promise<void> {
  const deadline = AbortSignal.timeout(START_SECONDS * 1000)
  for await (const [text] of on(child.stdout ?? child, 'data', { signal: deadline })) {
    if (/Table service (?:is )?successfully/.test(String(text))) break
  }
  child.stdout?.resume()
}

async function stop(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  if (child.connected) child.disconnect()
  const late = setTimeout(() => child.kill('SIGKILL'), STOP_MILLISECONDS)
  await ended
  clearTimeout(late)
}
