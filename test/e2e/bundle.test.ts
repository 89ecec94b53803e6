import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import * as z from 'zod'
import { ROUTE_PREFIX, ROUTES } from '../../lib/http/routes.ts'
import { writeBundle } from '../../tools/bundle.ts'
import { functionFiles } from '../../tools/local-host/function-files.ts'
import { FunctionsCore, provideFunctionsCore } from '../../tools/local-host/functions-core.ts'

let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'bundle-'))
  await writeBundle(directory)
})
afterAll(() => rm(directory, { recursive: true }))

interface Registered {
  /** As `name METHOD,METHOD route`, in the order of names. */
  readonly functions: readonly string[]
  readonly startHooks: number
  readonly endHooks: number
}

/** What is registered while the files load. */
async function registered(load: () => unknown): Promise<Registered> {
  const core = new FunctionsCore(() => undefined)
  const stop = provideFunctionsCore(core)
  await load()
  stop()
  const functions = core.functions.map(({ metadata: { name, bindings } }) => {
    const trigger = Object.values(bindings).find(({ type }) => type === 'httpTrigger')
    return `${name} ${trigger?.methods?.join() ?? ''} ${trigger?.route ?? ''}`
  })
  const { appStart, appTerminate } = core.hooks
  return {
    functions: functions.toSorted(),
    startHooks: appStart.length,
    endHooks: appTerminate.length,
  }
}

test('the bundle, alone in its folder, registers what the sources register', async () => {
  const load = createRequire(join(directory, 'package.json'))
  const { main } = z.object({ main: z.string() }).parse(load('./package.json'))
  const bundled = await registered(() => load(`./${main}`))
  const sources = await registered(() =>
    Promise.all(functionFiles().map((file) => import(/* @vite-ignore */ file))),
  )
  expect(bundled).toEqual(sources)
  expect(bundled).toMatchObject({ startHooks: 1, endHooks: 1 })
  expect(bundled.functions).toEqual(
    expect.arrayContaining(
      ROUTES.map(({ name, methods, route }) => `${name} ${methods.join()} ${route}`),
    ),
  )
})

test('host.json is there and says what the app counts on', async () => {
  const host: unknown = JSON.parse(await readFile(join(directory, 'host.json'), 'utf8'))
  expect(host).toMatchObject({
    version: '2.0',
    functionTimeout: '00:02:30',
    extensions: { http: { routePrefix: ROUTE_PREFIX, dynamicThrottlesEnabled: false } },
    logging: {
      applicationInsights: { samplingSettings: { excludedTypes: 'Request;Exception;Event;Trace' } },
    },
  })
  expect(host).not.toHaveProperty('extensionBundle')
})
