import { ScimError } from '../errors.ts'

/**
 * Has the errors of some work begin with the operation that it is about.
 * @param index the operation's 1-based position in the request's `Operations`.
 */
export function atOperation<Result>(index: number, work: () => Result): Result {
  try {
    return work()
  } catch (error) {
    throw error instanceof ScimError ? error.prefixed(`Operation ${index}: `) : error
  }
}
