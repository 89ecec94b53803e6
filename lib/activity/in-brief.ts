import { deadlineIn, inTime, type Deadline } from '../storage/deadline.ts'

/** So long an answer waits for what is only noted. */
const LONGEST_MILLISECONDS = 1000

/**
 * Does work that an answer should not fail with, nor wait for long.
 * @returns whether it was done.
 */
export async function inBrief(
  now: () => Date,
  work: (deadline: Deadline) => Promise<void>,
): Promise<boolean> {
  const deadline = deadlineIn(LONGEST_MILLISECONDS, now)
  try {
    await inTime(deadline, work(deadline))
    return true
  } catch {
    return false
  }
}
