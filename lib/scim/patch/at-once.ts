/** The result of work that yields where others may have their turn, without a pause. */
export function atOnce<Result>(work: Generator<undefined, Result, undefined>): Result {
  let step = work.next()
  while (step.done !== true) step = work.next()
  return step.value
}
