import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import * as z from 'zod'
import { ROOT } from '../local-host/function-files.ts'
import { KEPT_AZURITE, type Serving } from '../local-host/parent.ts'

/** It gets so long to end in order. */
const STOP_MILLISECONDS = 1000

const SERVING = z.object({ port: z.number(), text: z.string() })

/** The local host in a process of its own, on an Azurite that outlives it. */
export interface AppProcess {
  /** Resolves when it serves; undefined when it ended instead, after it has said why. */
  readonly serving: Promise<Serving | undefined>
  /** Resolves when it has ended, with its exit code; undefined when it was stopped. */
  readonly ended: Promise<number | undefined>
  /** Ends it in order. */
  stop(): Promise<void>
}

/** @param azurite connection string, absent when the arguments name a storage. */
export function startApp(args: readonly string[], azurite: string | undefined): AppProcess {
  const child = fork(join(ROOT, 'tools/local-host.ts'), [...args], {
    execArgv: [],
    env: {
      // Without it, reading the sources takes as long again.
      NODE_COMPILE_CACHE: join(ROOT, 'node_modules/.cache/node'),
      ...process.env,
      [KEPT_AZURITE]: azurite ?? '',
    },
  })
  let stopped = false
  const ended = once(child, 'exit').then(() => (stopped ? undefined : (child.exitCode ?? 1)))
  const told = new Promise<Serving>((resolve) => {
    child.once('message', (message) => resolve(SERVING.parse(message)))
  })
  return {
    serving: Promise.race([told, ended.then(() => undefined)]),
    ended,
    stop: () => {
      stopped = true
      return stop(child, ended)
    },
  }
}

async function stop(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  if (child.connected) child.disconnect()
  const late = setTimeout(() => child.kill('SIGKILL'), STOP_MILLISECONDS)
  await ended
  clearTimeout(late)
}
