/** Work that SIGINT or SIGTERM has ended; the message is for whoever has sent it. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted'
}

/**
 * Does work that ends in its own way when the process gets SIGINT or SIGTERM; the next one ends the process.
 * @param message of an interruption.
 * @throws Interrupted
 */
export async function interruptible<Result>(
  message: string,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const interruption = new AbortController()
  const interrupt = (): void => {
    stop()
    interruption.abort(new Interrupted(message))
  }
  const stop = (): void => {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt)
  }
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt)
  try {
    return await work(interruption.signal)
  } catch (error) {
    interruption.signal.throwIfAborted()
    throw error
  } finally {
    stop()
  }
}
