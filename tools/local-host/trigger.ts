import type { Binding, FunctionMetadata, RegisteredFunction } from './functions-core.ts'

/** A function, and by which of its bindings it is called. */
export interface TriggeredFunction {
  readonly function: RegisteredFunction
  /** The name of the trigger among the function's bindings. */
  readonly trigger: string
}

/** The same before it is known what kind of trigger that is. */
export interface Trigger extends TriggeredFunction {
  readonly binding: Binding
}

/** @throws Error when the host would not load the function. */
export function triggerOf(registered: RegisteredFunction): Trigger {
  const { metadata } = registered
  checkName(metadata)
  const found = Object.entries(metadata.bindings).find(([, { type }]) => /trigger$/i.test(type))
  if (found === undefined) throw new Error('it has no trigger')
  const [trigger, binding] = found
  return { function: registered, trigger, binding }
}

/** `Utility.IsValidFunctionName`. */
function checkName({ name }: FunctionMetadata): void {
  if (!/^[a-z][a-z0-9_-]{0,127}$/i.test(name) || name.toLowerCase() === 'host') {
    throw new Error('a name is a letter and up to 127 letters, digits, "_" or "-", and not "host"')
  }
}
