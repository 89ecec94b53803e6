// npm run dev: what npm start runs, again after each change of its sources.
import { setTimeout as pause } from 'node:timers/promises'
import { type AppProcess, startApp } from './dev/app-process.ts'
import { watchSources } from './dev/sources.ts'
import { keepAzurite } from './local-host/backing.ts'
import { type Options, parseCommandLine, usage } from './local-host/command-line.ts'
import { ROOT } from './local-host/function-files.ts'
import { Lifetime } from './local-host/lifetime.ts'

/** One save may be several changes. */
const SETTLE_MILLISECONDS = 30

const lifetime = new Lifetime()
const args = process.argv.slice(2)
try {
  const options = parseCommandLine(args, 'npm run dev', process.env)
  if (options.help) console.log(usage('npm run dev'))
  else await run(options)
} catch (error) {
  lifetime.fail(error)
}

async function run(options: Options): Promise<void> {
  lifetime.endOnSignals()
  const azurite = await keepAzurite(options, lifetime)
  const first = startApp(args, azurite)
  let app = first
  lifetime.atEnd(() => app.stop())
  const restart = async (path: string): Promise<void> => {
    const served = await first.serving
    if (served === undefined) return
    const began = performance.now()
    await app.stop()
    app = startApp([...args.filter(isForAll), `--port=${String(served.port)}`], azurite)
    void watchEnd(app)
    if ((await app.serving) === undefined) return
    const seconds = ((performance.now() - began) / 1000).toFixed(1)
    console.log(`${path} has changed: serving again after ${seconds} s`)
  }
  lifetime.atEnd(watchSources(ROOT, oneAtATime(restart)))
  const served = await first.serving
  if (served === undefined) {
    // It has said what is wrong; a port in use is not mended by a change.
    await lifetime.end((await first.ended) ?? 1)
    return
  }
  console.log(served.text)
  void watchEnd(first)
}

/** The demo data is made once. */
function isForAll(arg: string): boolean {
  return arg !== '--demo-data'
}

/** Does it for the first of several changes that come together, and never twice at once. */
function oneAtATime(work: (path: string) => Promise<void>): (path: string) => void {
  let done = Promise.resolve()
  let isWaiting = false
  const next = async (before: Promise<void>, path: string): Promise<void> => {
    await before
    await pause(SETTLE_MILLISECONDS)
    isWaiting = false
    try {
      await work(path)
    } catch (error) {
      lifetime.fail(error)
    }
  }
  return (path) => {
    if (isWaiting) return
    isWaiting = true
    done = next(done, path)
  }
}

/** One that ended in order was told to from outside; any other has said why, and a change may mend it. */
async function watchEnd({ ended }: AppProcess): Promise<void> {
  const exitCode = await ended
  if (exitCode === 0) await lifetime.end(0)
  else if (exitCode !== undefined) console.error('The app has ended; the next change starts it.')
}
