import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import { setTimeout as delay } from 'node:timers/promises'

/** Where `UseDevelopmentStorage=true` looks for tables. */
const DEVELOPMENT_PORT = 10_002

/** The account of every Azurite; published by Microsoft, no secret. */
const ACCOUNT = 'devstoreaccount1'
const ACCOUNT_KEY =
  'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=='

const START_SECONDS = 20
const STOP_SECONDS = 1.7

/** A running Azurite table service. */
export interface Azurite {
  readonly connectionString: string
  /** Resolves when it ended, whoever ended it. */
  readonly ended: Promise<void>
  /** Saves the data and ends it, within two seconds. */
  stop(): Promise<void>
}

/**
 * Starts Azurite's table service on loopback and waits until it answers. It ends with this process, even when that is
 * killed.
 * @param directory where the data is kept; absent: in memory
 * @throws Error when it ends at once or does not answer
 */
export async function startAzurite(directory?: string): Promise<Azurite> {
  const port = await freePort(directory === undefined ? 0 : DEVELOPMENT_PORT)
  const child = forkAzurite(port, directory)
  const ended = once(child, 'exit').then(() => undefined)
  const output: string[] = []
  child.stderr?.on('data', (text: Buffer) => output.push(text.toString()))
  child.stdout?.resume()
  await Promise.race([
    answers(port),
    ended.then(() => {
      throw new Error(`Azurite ended while it was starting: ${output.join('').trim()}`)
    }),
  ])
  return {
    connectionString: `DefaultEndpointsProtocol=http;AccountName=${ACCOUNT};AccountKey=${ACCOUNT_KEY};TableEndpoint=http://127.0.0.1:${port}/${ACCOUNT};`,
    ended,
    stop: () => stop(child, ended),
  }
}

/** A process group of its own: Ctrl-C in the terminal is for the local host, which stops this one when it is done. */
function forkAzurite(port: number, directory: string | undefined): ChildProcess {
  const place = directory === undefined ? ['--inMemoryPersistence'] : ['--location', directory]
  const options = ['--silent', '--disableTelemetry', '--skipApiVersionCheck']
  // Azurite would take other accounts from it.
  const { AZURITE_ACCOUNTS: _, ...env } = process.env
  return fork(
    fileURLToPath(new URL('azurite-process.ts', import.meta.url)),
    ['--tableHost', '127.0.0.1', '--tablePort', String(port), ...options, ...place],
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

async function answers(port: number): Promise<void> {
  const deadline = Date.now() + START_SECONDS * 1000
  while (Date.now() < deadline) {
    try {
      await fetch(`http://127.0.0.1:${port}/${ACCOUNT}/Tables`)
      return
    } catch {
      await delay(25)
    }
  }
  throw new Error(`Azurite did not answer within ${START_SECONDS} seconds`)
}

async function stop(child: ChildProcess, ended: Promise<void>): Promise<void> {
  if (child.connected) child.disconnect()
  const late = new AbortController()
  await Promise.race([
    ended,
    delay(STOP_SECONDS * 1000, undefined, { signal: late.signal }).catch(() => undefined),
  ])
  late.abort()
  child.kill('SIGKILL')
  await ended
}
