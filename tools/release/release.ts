import { setTimeout as pause } from 'node:timers/promises'
import { StartError } from '../local-host/lifetime.ts'
import type { Deployment } from '../smoke/deployment.ts'
import { smokeTest } from '../smoke/smoke-test.ts'
import type { Azure } from './azure-cli.ts'
import { checkZip } from './zip-file.ts'

/** Roles that were just given take minutes, and the upload is refused until then. */
const TRIES = 5

export interface Release {
  readonly azure: Azure
  readonly deployment: Deployment
  readonly package: string
  readonly previous: string | undefined
  /** Seconds between publishing and testing: instances with the old package end in them. */
  readonly settle: number
  readonly wait: number
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly say: (line: string) => void
}

/**
 * Publishes the package and tests it; when that fails the previous one, too.
 * @throws StartError whatever the way back came to: the package does not run; or, with nothing published, for a package that
 *   is none, and what no repetition mends
 */
export async function release(one: Release, signal: AbortSignal): Promise<void> {
  const { say } = one
  for (const zip of [one.package, one.previous]) if (zip !== undefined) await checkZip(zip)
  await one.azure.check(signal)
  try {
    await publishAndTest(one, one.package, signal)
    say(`Released ${one.package}`)
  } catch (error) {
    // A pause that is cut off says that it was, and not by whom.
    say(`FAILED: ${messageOf(signal.aborted ? signal.reason : error)}`)
    throw new StartError(await wayBack(one), { cause: error })
  }
}

/** What it came to, in words. It is gone to its end even when the pipeline wants to stop. */
async function wayBack(one: Release): Promise<string> {
  const { say, previous } = one
  if (previous === undefined)
    return `${one.package} does not work, and there is no previous package`
  say(`Rolling back to ${previous}`)
  try {
    await publishAndTest(one, previous, new AbortController().signal)
    return `${one.package} does not work: ${previous} runs again`
  } catch (error) {
    return `${one.package} does not work, and ${previous} does not either: ${messageOf(error)}`
  }
}

async function publishAndTest(one: Release, zip: string, signal: AbortSignal): Promise<void> {
  const { azure, deployment, wait, environment, say } = one
  await publish(one, zip, signal)
  await pause(one.settle * 1000, undefined, { signal })
  const key = await azure.hostKey(signal)
  for (const line of maskingLines(key, environment)) say(line)
  const api = { deployment, key, actor: 'smoke test' }
  await smokeTest({ api, wait, environment, say }, signal)
}

async function publish(one: Release, zip: string, signal: AbortSignal): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await one.azure.publish(zip, signal)
      one.say(`Published ${zip}`)
      return
    } catch (error) {
      if (tries === TRIES || signal.aborted) throw error
      one.say(`Try ${tries} of ${TRIES}: ${messageOf(error)}`)
      await pause(one.settle * 1000 * tries, undefined, { signal })
    }
  }
}

/** What tells the pipeline to hide a value from its log, should anything ever print it. */
function maskingLines(
  secret: string,
  environment: Readonly<Record<string, string | undefined>>,
): readonly string[] {
  return [
    ...(environment['GITHUB_ACTIONS'] === 'true' ? [`::add-mask::${secret}`] : []),
    ...(environment['TF_BUILD'] === 'True' ? [`##vso[task.setsecret]${secret}`] : []),
  ]
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
