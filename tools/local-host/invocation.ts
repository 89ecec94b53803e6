import { randomUUID } from 'node:crypto'
import type { FunctionApp } from './function-app.ts'
import type { CoreInvocationContext, HttpReturnValue, TriggerData } from './functions-core.ts'
import type { TriggeredFunction } from './trigger.ts'

/**
 * Runs one function in the order of the worker's `InvocationHandler`: arguments, preInvocation hooks (which may replace
 * inputs and handler), handler, postInvocation hooks (which may change result and error), response.
 * @returns undefined when the function returned nothing.
 * @throws what the function threw, or a hook, or the library.
 */
export async function invoke(
  app: FunctionApp,
  triggered: TriggeredFunction,
  data: TriggerData,
): Promise<HttpReturnValue | undefined> {
  const coreContext = createContext(app, triggered, data)
  const model = await app.programmingModel.getInvocationModel(coreContext)
  const { context, inputs } = await model.getArguments()
  const shared = { hookData: {}, appHookData: app.appHookData, invocationContext: context }

  coreContext.state = 'preInvocationHooks'
  const before = { ...shared, functionCallback: triggered.function.callback, inputs }
  for (const hook of app.core.hooks.preInvocation) await hook(before)

  coreContext.state = 'invocation'
  const after: Record<string, unknown> = {
    ...shared,
    inputs: before.inputs,
    result: null,
    error: null,
  }
  try {
    after['result'] = await model.invokeFunction(context, before.inputs, before.functionCallback)
  } catch (error) {
    after['error'] = error
  }

  coreContext.state = 'postInvocationHooks'
  for (const hook of app.core.hooks.postInvocation) await hook(after)
  const error = after['error']
  if (error !== null && error !== undefined) throw asError(error)

  coreContext.state = undefined
  const response = await model.getResponse(context, after['result'])
  return response.returnValue?.http
}

function createContext(
  app: FunctionApp,
  triggered: TriggeredFunction,
  data: TriggerData,
): CoreInvocationContext {
  const invocationId = randomUUID()
  const { metadata } = triggered.function
  return {
    invocationId,
    metadata,
    request: {
      invocationId,
      functionId: metadata.name,
      inputData: [{ name: triggered.trigger, data }],
      triggerMetadata: {},
    },
    state: undefined,
    log: (level, category, message) => app.core.log(level, category, message, invocationId),
  }
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown))
}
