import { checkDeadline } from '../storage/deadline.ts'
import type { ServiceContext } from './context.ts'

/**
 * Does work that yields whenever other requests should have their turn.
 * @throws ScimError `unavailable` when the request has taken too long; what the work throws.
 */
export async function inTurns<Result>(
  context: Pick<ServiceContext, 'letOthersRun' | 'scope'>,
  work: Generator<undefined, Result, undefined>,
): Promise<Result> {
  for (let step = work.next(); ; step = work.next()) {
    if (step.done === true) return step.value
    checkDeadline(context.scope.deadline)
    await context.letOthersRun()
  }
}
