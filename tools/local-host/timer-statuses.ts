import { readFile } from 'node:fs/promises'
import * as z from 'zod'
import { writePrivately } from './private-file.ts'

/** The runs of a timer, as the host keeps them; times are ISO 8601. */
export interface ScheduleStatus {
  readonly last: string
  readonly next: string
  readonly lastUpdated: string
}

/** What is known of the timers of a function app, by function name. */
export interface TimerStatuses {
  get(name: string): ScheduleStatus | undefined
  set(name: string, status: ScheduleStatus): Promise<void>
}

const STATUSES = z.record(
  z.string(),
  z.object({ last: z.string(), next: z.iso.datetime(), lastUpdated: z.string() }),
)

/** Forgotten at the end of the process. */
export function memoryStatuses(): TimerStatuses {
  const statuses = new Map<string, ScheduleStatus>()
  return {
    get: (name) => statuses.get(name),
    set: async (name, status) => void statuses.set(name, status),
  }
}

/**
 * Kept in a file. One that cannot be read counts as empty: then nothing was missed.
 * @param tell is given a line when it cannot be written, which stops no timer.
 */
export async function fileStatuses(
  file: string,
  tell: (line: string) => void,
): Promise<TimerStatuses> {
  const statuses = await readStatuses(file)
  return {
    get: (name) => statuses.get(name),
    set: async (name, status) => {
      statuses.set(name, status)
      try {
        await writePrivately(file, Object.fromEntries(statuses))
      } catch (error) {
        const [reason] = String(error instanceof Error ? error.message : error).split('\n')
        tell(`the runs of timers cannot be kept in ${file}: ${reason ?? ''}`)
      }
    },
  }
}

async function readStatuses(file: string): Promise<Map<string, ScheduleStatus>> {
  try {
    return new Map(Object.entries(STATUSES.parse(JSON.parse(await readFile(file, 'utf8')))))
  } catch {
    return new Map()
  }
}
