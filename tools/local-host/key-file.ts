import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import * as z from 'zod'
import type { HostKeys } from './host-keys.ts'
import { writePrivately } from './private-file.ts'

const KEY = z.string().min(16)

const KEYS = z.object({
  master: KEY,
  host: KEY,
  functions: z.record(z.string().toLowerCase(), KEY).optional(),
})

/**
 * The keys of the local host, which stay the same over starts: made when the file is missing. It is readable by its owner
 * only.
 * @param tell is given a line when there are new keys because the file could not be read.
 */
export async function hostKeys(file: string, tell: (line: string) => void): Promise<HostKeys> {
  const text = await textOf(file)
  const kept = text === undefined ? undefined : keysIn(text)
  if (kept !== undefined) return kept
  const made = { master: newKey(), host: newKey() }
  await writePrivately(file, made)
  if (text !== undefined) tell(`${file} could not be read: the local host has new keys`)
  return made
}

async function textOf(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

function keysIn(text: string): HostKeys | undefined {
  try {
    const { functions, ...keys } = KEYS.parse(JSON.parse(text))
    return functions === undefined ? keys : { ...keys, functions }
  } catch {
    return undefined
  }
}

function newKey(): string {
  return randomBytes(32).toString('base64url')
}
