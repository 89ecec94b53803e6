import { pathToFileURL } from 'node:url'
import {
  FunctionsCore,
  type LogSink,
  type ProgrammingModel,
  provideFunctionsCore,
} from './functions-core.ts'

/** Functions as the worker holds them after its start. */
export interface FunctionApp {
  readonly core: FunctionsCore
  readonly programmingModel: ProgrammingModel
  /** Shared by all hooks of the app. */
  readonly appHookData: Record<string, unknown>
}

/**
 * Loads the app's files as the worker does: import, then `getCapabilities`, which closes `app.setup`, then the appStart
 * hooks. `@azure/functions` asks for its core once in a process, so a process holds one app per copy of the library.
 * @param files absolute paths
 * @throws what a file throws, and Error when nothing was registered or HTTP streaming is switched on: without it the
 *   real host loses chunked bodies, and that is what is imitated here.
 */
export async function loadFunctionApp(
  files: readonly string[],
  functionAppDirectory: string,
  log: LogSink,
): Promise<FunctionApp> {
  const core = new FunctionsCore(log)
  const stopProviding = provideFunctionsCore(core)
  try {
    for (const file of files) await import(/* @vite-ignore */ pathToFileURL(file).href)
  } finally {
    stopProviding()
  }
  return startFunctionApp(core, functionAppDirectory)
}

/** The second half of `loadFunctionApp`, for functions that are registered already. */
export async function startFunctionApp(
  core: FunctionsCore,
  functionAppDirectory: string,
): Promise<FunctionApp> {
  const { programmingModel } = core
  if (programmingModel === undefined || core.functions.length === 0) {
    throw new Error(`no function is registered in ${functionAppDirectory}`)
  }
  const capabilities = await programmingModel.getCapabilities({})
  if (Object.hasOwn(capabilities, 'HttpUri')) {
    throw new Error('app.setup({ enableHttpStream: true }) is not supported by the local host')
  }
  const appHookData = {}
  for (const hook of core.hooks.appStart) {
    await hook({ hookData: {}, appHookData, functionAppDirectory })
  }
  return { core, programmingModel, appHookData }
}

/** Runs the appTerminate hooks, as the worker does when it is told to end; what one throws is logged. */
export async function endFunctionApp({ core, appHookData }: FunctionApp): Promise<void> {
  for (const hook of core.hooks.appTerminate) {
    try {
      await hook({ hookData: {}, appHookData })
    } catch (error) {
      core.log('error', 'system', `an appTerminate hook failed: ${String(error)}`)
    }
  }
}
