import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import { UsageError } from '../command-line.ts'
import { ROOT } from '../local-host/function-files.ts'
import { StartError } from '../local-host/lifetime.ts'
import { type Deployment, deploymentAt } from '../smoke/deployment.ts'

/** What the command line says about the place. */
export interface PlaceOptions {
  readonly url?: string | undefined
  readonly data?: string | undefined
  readonly variable: string
}

/** What `npm start` tells while it runs, and keeps. */
const LOCAL_HOST = z.object({ baseUrl: z.string() })
const KEYS = z.object({ host: z.string() })

/**
 * An endpoint, and what opens its manage API: the one of the URL, else the `npm start` that runs.
 * @throws UsageError, StartError when there is none
 */
export async function placeOf(
  { url, data, variable }: PlaceOptions,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<{ readonly deployment: Deployment; readonly key: string }> {
  if (url !== undefined) {
    const { [variable]: key = '' } = environment
    if (key !== '') return { deployment: deploymentAt(url), key }
    throw new UsageError(`${variable} is not set: it must have a function key of the endpoint`)
  }
  const directory = data ?? join(ROOT, '.azurite')
  const [host, keys] = await Promise.all(
    ['local-host.json', 'host-keys.json'].map((name) => readIn(directory, name)),
  )
  const { baseUrl } = LOCAL_HOST.parse(host)
  return { deployment: deploymentAt(baseUrl), key: KEYS.parse(keys).host }
}

async function readIn(directory: string, name: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(join(directory, name), 'utf8'))
  } catch (error) {
    throw new StartError(
      `no npm start is running on ${directory}: start it, or give --url of another endpoint`,
      { cause: error },
    )
  }
}
