import { registerHooks } from 'node:module'

/**
 * What `@azure/functions` finds as `@azure/functions-core`. The module exists only inside the Azure Functions worker;
 * the members below are all that the 4.x package calls. Shapes follow azure-functions-nodejs-worker.
 */
export interface Binding {
  readonly type: string
  readonly direction: string
  /** Of an HTTP trigger, as are the next two. */
  readonly methods?: readonly string[]
  readonly route?: string
  readonly authLevel?: string
  /** Of a timer, as are the next two. */
  readonly schedule?: string
  readonly runOnStartup?: boolean
  readonly useMonitor?: boolean
}

/** What `app.http(name, ...)` and `app.timer(name, ...)` register. */
export interface FunctionMetadata {
  readonly name: string
  readonly bindings: Readonly<Record<string, Binding>>
}

type FunctionCallback = (...args: unknown[]) => unknown

export interface RegisteredFunction {
  readonly metadata: FunctionMetadata
  readonly callback: FunctionCallback
}

export type LogLevel = 'trace' | 'debug' | 'information' | 'warning' | 'error' | 'critical'

/** Receives what the functions (`user`) and the library (`system`) log; of an invocation with its id. */
export type LogSink = (
  level: LogLevel,
  category: 'system' | 'user',
  message: string,
  invocationId?: string,
) => void

/** One request as the host hands it to the worker. */
export interface HttpTriggerData {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly query: Readonly<Record<string, string>>
  readonly params: Readonly<Record<string, string>>
  readonly body: { readonly bytes: Uint8Array }
}

/** What a function is called with: a request, or the state of a timer as JSON. */
export type TriggerData = { readonly http: HttpTriggerData } | { readonly json: string }

/** One answer as the worker hands it back to the host. */
export interface HttpReturnValue {
  readonly statusCode?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: { readonly bytes?: Uint8Array; readonly string?: string } | null
}

export interface CoreInvocationContext {
  readonly invocationId: string
  readonly metadata: FunctionMetadata
  readonly request: {
    readonly invocationId: string
    readonly functionId: string
    readonly inputData: readonly { readonly name: string; readonly data: TriggerData }[]
    readonly triggerMetadata: Readonly<Record<string, never>>
  }
  state: 'preInvocationHooks' | 'invocation' | 'postInvocationHooks' | undefined
  log: LogSink
}

interface InvocationModel {
  getArguments(): Promise<{ readonly context: unknown; readonly inputs: unknown[] }>
  invokeFunction(context: unknown, inputs: unknown[], handler: FunctionCallback): Promise<unknown>
  getResponse(
    context: unknown,
    result: unknown,
  ): Promise<{ readonly returnValue?: { readonly http?: HttpReturnValue } | null }>
}

/** How the library runs its functions: given once, before the first registration. */
export interface ProgrammingModel {
  readonly name: string
  getInvocationModel(context: CoreInvocationContext): InvocationModel | Promise<InvocationModel>
  getCapabilities(
    capabilities: Record<string, string>,
  ): Record<string, string> | Promise<Record<string, string>>
}

const HOOK_NAMES = ['appStart', 'appTerminate', 'preInvocation', 'postInvocation', 'log'] as const
export type HookName = (typeof HOOK_NAMES)[number]
export type Hook = (context: Record<string, unknown>) => unknown

/** Undoes a registration. */
class Disposable {
  readonly #undo: () => void

  constructor(undo: () => void) {
    this.#undo = undo
  }

  dispose(): void {
    this.#undo()
  }
}

/** One app's registrations, and the module that takes them. */
export class FunctionsCore {
  readonly functions: RegisteredFunction[] = []
  readonly hooks: Readonly<Record<HookName, Hook[]>> = {
    appStart: [],
    appTerminate: [],
    preInvocation: [],
    postInvocation: [],
    log: [],
  }
  programmingModel: ProgrammingModel | undefined
  readonly log: LogSink

  constructor(log: LogSink) {
    this.log = log
  }

  /** The exports of `@azure/functions-core` that write to this app. */
  exports(): Record<string, unknown> {
    return {
      version: '3.14.1',
      hostVersion: '4.1052.200',
      Disposable,
      setProgrammingModel: (model: ProgrammingModel) => {
        this.programmingModel = model
      },
      getProgrammingModel: () => this.programmingModel,
      registerFunction: (metadata: FunctionMetadata, callback: FunctionCallback) =>
        added(this.functions, { metadata, callback }),
      registerHook: (name: string, hook: Hook) => added(this.hooks[knownHook(name)], hook),
      log: this.log,
    }
  }
}

function added<T>(list: T[], entry: T): Disposable {
  list.push(entry)
  return new Disposable(() => {
    const at = list.indexOf(entry)
    if (at >= 0) list.splice(at, 1)
  })
}

/** The worker answers an unknown name with a system RangeError, and the library relies on that. */
function knownHook(name: string): HookName {
  const known = HOOK_NAMES.find((hook) => hook === name)
  if (known !== undefined) return known
  throw Object.assign(new RangeError(`Unrecognized hook "${name}"`), {
    isAzureFunctionsSystemError: true,
  })
}

/** Where the module's source below finds its exports: module sources share nothing with this file but the global. */
const PROVIDED = Symbol.for('local-host.functions-core')
const provided = new Map<string, Record<string, unknown>>()
Object.defineProperty(globalThis, PROVIDED, { value: provided })

/**
 * Answers `require('@azure/functions-core')` with `core` for all modules loaded from now on.
 * @returns ends it; a library that has its module already keeps it.
 */
export function provideFunctionsCore(core: FunctionsCore): () => void {
  const url = `functions-core:${provided.size}`
  provided.set(url, core.exports())
  const hooks = registerHooks({
    resolve: (specifier, context, next) =>
      specifier === '@azure/functions-core'
        ? { url, format: 'commonjs', shortCircuit: true }
        : next(specifier, context),
    load: (loaded, context, next) =>
      loaded === url
        ? {
            format: 'commonjs',
            shortCircuit: true,
            source: `module.exports = globalThis[Symbol.for('local-host.functions-core')].get('${url}')`,
          }
        : next(loaded, context),
  })
  return () => hooks.deregister()
}
