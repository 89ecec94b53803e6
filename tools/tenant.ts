import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { openTables } from '../lib/storage/table/tables.ts'
import { progressOn } from './progress.ts'
import { askPerson } from './tenant/ask.ts'
import { backingOn } from './tenant/backing.ts'
import type { Place } from './tenant/place.ts'
import { type Backing, run } from './tenant/run.ts'

const PROJECT = join(import.meta.dirname, '..')

process.exitCode = await run(process.argv.slice(2), {
  environment: process.env,
  readText,
  open,
  out: (text) => console.log(text),
  err: (text) => console.error(text),
  now: () => new Date(),
  progress: progressOn(),
  settle: async (seconds, signal) => pause(seconds * 1000, undefined, signal && { signal }),
  ...(process.stdin.isTTY
    ? { ask: (question) => askPerson(question, { from: process.stdin, to: process.stderr }) }
    : {}),
})

async function open(place: Place): Promise<Backing> {
  // Somebody waits: fail within seconds where the app would be patient.
  const tables = await openTables(place.tables, {
    retryOptions: { maxRetries: 2, retryDelayInMs: 250 },
  })
  return backingOn(tables)
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(resolve(PROJECT, path), 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}
