import { relative } from 'node:path'
import * as z from 'zod'

/** How many tests ended how. */
export interface Counts {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

/** The part of vitest's JSON report that is counted; a file that failed to load has a message and no assertions. */
const REPORT = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numPendingTests: z.number(),
  numTodoTests: z.number(),
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      message: z.string(),
      assertionResults: z.array(
        z.object({
          fullName: z.string(),
          status: z.string(),
          failureMessages: z.array(z.string()),
        }),
      ),
    }),
  ),
})

/**
 * Counts one run. A file that could not be loaded is a failure, and so is whatever else made vitest's exit status
 * other than 0, such as an error outside all tests or a coverage threshold.
 */
export function countsOf(report: unknown, exitStatus: number | null): Counts {
  const parsed = REPORT.safeParse(report)
  if (!parsed.success) return { passed: 0, failed: 1, skipped: 0 }
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults } = parsed.data
  const unloaded = testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
  )
  const failed = numFailedTests + unloaded.length
  return {
    passed: numPassedTests,
    failed: failed === 0 && exitStatus !== 0 ? 1 : failed,
    skipped: numPendingTests + numTodoTests,
  }
}

/** The counts of two runs together. */
export function addUp(one: Counts, other: Counts): Counts {
  return {
    passed: one.passed + other.passed,
    failed: one.failed + other.failed,
    skipped: one.skipped + other.skipped,
  }
}

/** A line for each failure: its file, its title and the first line of what is wrong. */
export function failuresOf(report: unknown): readonly string[] {
  const files = REPORT.safeParse(report).data?.testResults ?? []
  return files.flatMap(({ name, status, message, assertionResults }) => {
    const file = relative('.', name)
    if (assertionResults.length === 0) {
      return status === 'failed' ? [`${file}: ${firstLine(message)}`] : []
    }
    return assertionResults
      .filter((test) => test.status === 'failed')
      .map(({ fullName, failureMessages: [why = ''] }) => `${file}: ${fullName}: ${firstLine(why)}`)
  })
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? ''
}

/** `N passed, N failed`, and what was skipped if anything was. */
export function summary({ passed, failed, skipped }: Counts): string {
  const line = `${passed} passed, ${failed} failed`
  return skipped === 0 ? line : `${line}, ${skipped} skipped`
}

/** No test that failed, and some that ran: a run of nothing shows nothing. */
export function succeeded({ passed, failed }: Counts): boolean {
  return failed === 0 && passed > 0
}
