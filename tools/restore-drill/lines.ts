import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { pipeline } from 'node:stream'
import { createGunzip } from 'node:zlib'
import * as z from 'zod'
import { isTenantId } from '../../lib/storage/tenant-port.ts'
import { StartError } from '../local-host/lifetime.ts'

const COUNTS = z.record(z.string(), z.int().min(0))

/** What of a line the drill goes by; the import, which comes before it, looks at all of it. */
const LINE = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('tenant'), id: z.string().refine(isTenantId) }),
  z.object({ kind: z.literal('user'), id: z.string(), hidden: z.boolean().optional() }),
  z.object({
    kind: z.literal('group'),
    id: z.string(),
    group: z.unknown().optional(),
    team: z.unknown().optional(),
  }),
  z.object({
    kind: z.literal('members'),
    users: z.array(z.string()).default([]),
    groups: z.array(z.string()).default([]),
    byHand: z.array(z.string()).default([]),
  }),
  z.object({ kind: z.literal('pass') }),
  z.object({ kind: z.literal('removed'), of: z.enum(['user', 'group']), id: z.string() }),
  z.object({ kind: z.literal('credential') }),
  z.object({ kind: z.literal('end'), counts: COUNTS, passes: z.int(), whole: z.boolean() }),
])

export type Line = z.output<typeof LINE>
export type TenantLine = Extract<Line, { readonly kind: 'tenant' }>
export type EndLine = Extract<Line, { readonly kind: 'end' }>

/**
 * The lines of a file that an export has written.
 * @throws StartError for what is none
 */
export async function* linesOf(file: string): AsyncGenerator<Line> {
  const unpacked = pipeline(createReadStream(file), createGunzip(), () => {})
  try {
    for await (const text of createInterface({ input: unpacked, crlfDelay: Infinity })) {
      yield LINE.parse(JSON.parse(text))
    }
    // Readline ends with its input in either way.
    if (unpacked.errored !== null) throw unpacked.errored
  } catch (error) {
    throw new StartError(`${file} is no export: ${reasonOf(error)}`, { cause: error })
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof z.ZodError) return 'it has a line of another kind'
  return error instanceof Error ? error.message : String(error)
}
