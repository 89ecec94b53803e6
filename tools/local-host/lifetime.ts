/** Why a tool cannot go on, in one line for the developer. */
export class StartError extends Error {
  override readonly name = 'StartError'
}

/** The errors that need no stack: their message says what to do. */
const PLAIN_ERRORS: Readonly<Record<string, number>> = {
  UsageError: 2,
  StartError: 1,
  ConfigError: 1,
}

/** Ctrl-C has to end the process within two seconds, whatever hangs. */
const END_MILLISECONDS = 1900

const PARENT_MILLISECONDS = 250

type Undo = () => void | Promise<void>

/** One tool's run: what has to be undone at its end, and how it ends. */
export class Lifetime {
  readonly #undo: Undo[] = []
  #ending = false

  /** Registers what is to be done at the end, last one first. */
  atEnd(undo: Undo): void {
    this.#undo.push(undo)
  }

  /**
   * Ends the process in order, exit code 0, at Ctrl-C and the like. A signal sent to npm alone ends the shell between
   * npm and this process and does not arrive here; what shows is another parent.
   */
  endOnSignals(): void {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => void this.end(0))
    }
    if (process.env['npm_lifecycle_event'] === undefined) return
    const parent = process.ppid
    const look = (): void => {
      if (process.ppid !== parent) void this.end(0)
    }
    setInterval(look, PARENT_MILLISECONDS).unref()
  }

  /** Ends the process with the error in one line, or with its stack when it is none of ours. */
  fail(error: unknown): void {
    if (this.#ending) return
    const [line, code] = failureOf(error)
    console.error(line)
    void this.end(code)
  }

  /** Undoes all and exits; a second call does nothing. */
  async end(exitCode: number): Promise<void> {
    if (this.#ending) return
    this.#ending = true
    setTimeout(() => process.exit(exitCode), END_MILLISECONDS).unref()
    for (const undo of this.#undo.toReversed()) {
      try {
        await undo()
      } catch (error) {
        console.error(error)
      }
    }
    process.exit(exitCode)
  }
}

/** What to say of an error, and the exit code. */
export function failureOf(error: unknown): [line: unknown, exitCode: number] {
  if (!(error instanceof Error)) return [error, 1]
  const plain = Object.hasOwn(PLAIN_ERRORS, error.name) ? PLAIN_ERRORS[error.name] : undefined
  return plain === undefined ? [error, 1] : [error.message, plain]
}
