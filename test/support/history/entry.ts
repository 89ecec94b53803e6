import type { Entry } from './linearize.ts'
import { inWords, type Event } from './operation.ts'

/** What an event tells of a state. */
export function told<State>(event: Event, holds: (state: State) => boolean): Entry<State> {
  const { called, returned } = event
  return {
    called,
    returned,
    isOptional: false,
    isChange: false,
    apply: (state) => (holds(state) ? state : undefined),
    words: inWords(event),
  }
}

/** What an event may do to a state. */
interface Effect<State> {
  readonly apply: Entry<State>['apply']
  readonly effect?: string
  /** When what it is about is gone for good: it can have no effect any more. */
  readonly goneBy?: number
  /** Without it, when the client was not told what became of it. */
  readonly isOptional?: boolean
}

export function done<State>(
  event: Event,
  { goneBy = Infinity, isOptional = event.outcome.status >= 500, ...change }: Effect<State>,
): Entry<State> {
  const { called, returned } = event
  return {
    called,
    returned: isOptional ? Math.min(returned, goneBy) : returned,
    isOptional,
    isChange: true,
    ...change,
    words: inWords(event),
  }
}
