import { StartError } from './lifetime.ts'

const ANOTHER = 'npm start -- --port 0 takes a free one'

/** What is commonest. */
const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is in use',
  EACCES: 'needs rights that this user does not have',
}

/**
 * Why the local host cannot listen, in one line.
 * @returns an error that is of no `listen` as it is.
 */
export function listenError(error: unknown, port: number): unknown {
  if (!(error instanceof Error && 'code' in error && 'syscall' in error)) return error
  if (error.syscall !== 'listen') return error
  const code = String(error.code)
  const reason = Object.hasOwn(REASONS, code) ? REASONS[code] : undefined
  return new StartError(`port ${port} ${reason ?? `cannot be opened (${code})`}; ${ANOTHER}`, {
    cause: error,
  })
}
