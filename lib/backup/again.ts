import { ScimError } from '../scim/errors.ts'

const TRIES = 6
const FIRST_PAUSE_MILLISECONDS = 250

/** Waits so many milliseconds. */
export type Pause = (milliseconds: number) => Promise<unknown>

/** Does again what the storage was not there for: it may take hours, and an outage of a minute is to be no end of it. */
export async function again<Result>(pause: Pause, work: () => Promise<Result>): Promise<Result> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await work()
    } catch (error) {
      const isPassing = error instanceof ScimError && error.kind === 'unavailable'
      if (!isPassing || tries === TRIES) throw error
      await pause(FIRST_PAUSE_MILLISECONDS * 2 ** tries)
    }
  }
}
