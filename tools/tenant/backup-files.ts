import { randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, rename, rm, type FileHandle } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { addAbortSignal, Readable, type Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createGzip } from 'node:zlib'
import type { OpenFile } from '../../lib/backup/checked-file.ts'
import type { EndRecord } from '../../lib/backup/format.ts'
import { wrongFile } from '../../lib/backup/wrong-file.ts'
import { UsageError } from '../command-line.ts'
import { interruptible } from './interruption.ts'

type SealedLines = AsyncGenerator<string, EndRecord>

/** For the owner alone: it has the personal data of everybody, and perhaps what opens the tenant. */
const MODE = 0o600

/**
 * Writes lines, compressed, into a file that is there only when it is whole: under another name in the same folder until then,
 * which goes when it fails or is interrupted.
 * @returns the last line.
 */
export async function writeBackup(path: string, lines: SealedLines): Promise<EndRecord> {
  const partial = join(dirname(path), `.${basename(path)}.${randomUUID()}.partial`)
  try {
    return await interruptible(
      `the export was interrupted; there is no ${path}`,
      async (signal) => {
        const kept = await open(partial, 'wx', MODE)
        const end = await compressed(lines, kept.createWriteStream({ flush: true }), signal)
        signal.throwIfAborted()
        await rename(partial, path)
        return end
      },
    )
  } catch (error) {
    await rm(partial, { force: true })
    throw isOfFile(error) ? new UsageError(`${path} cannot be written: ${error.code}`) : error
  }
}

/** Writes lines, compressed, to a stream that stays open. @returns the last line. */
export async function sendBackup(lines: SealedLines, to: Writable): Promise<EndRecord> {
  return compressed(lines, to, undefined)
}

async function compressed(
  lines: SealedLines,
  to: Writable,
  signal: AbortSignal | undefined,
): Promise<EndRecord> {
  let end: EndRecord | undefined
  async function* all(): AsyncGenerator<string> {
    end = yield* lines
  }
  const options = { end: to !== process.stdout, ...(signal === undefined ? {} : { signal }) }
  await pipeline(Readable.from(all()), createGzip(), to, options)
  if (end === undefined) throw new TypeError('the lines have no end')
  return end
}

function isOfFile(error: unknown): error is Error & { readonly code: string } {
  return (
    error instanceof Error &&
    'code' in error &&
    'syscall' in error &&
    typeof error.code === 'string'
  )
}

/** A file that can be read several times. */
export interface OpenedBackup {
  readonly open: OpenFile
  readonly close: () => Promise<void>
}

/** @throws UsageError where there is no such file. */
export async function openBackup(path: string): Promise<OpenedBackup> {
  try {
    return opened(await open(path))
  } catch (error) {
    throw isOfFile(error) ? new UsageError(`${path} cannot be read: ${error.code}`) : error
  }
}

/** Bytes of a stream that are kept: a hundred times what the largest tenants have. */
const MOST_RECEIVED = 8 * 1_073_741_824

/**
 * What comes in a stream is kept until it was read several times, in a file that has no name any more.
 * @throws ScimError `invalidValue` for what does not begin as a file of an export, or has no end; UsageError when it cannot be kept.
 */
export async function receiveBackup(
  from: Readable,
  { signal, most = MOST_RECEIVED }: { readonly signal?: AbortSignal; readonly most?: number } = {},
): Promise<OpenedBackup> {
  const path = join(tmpdir(), `scim-import-${randomUUID()}`)
  const kept = await open(path, 'wx+', MODE)
  try {
    await rm(path)
    if (signal !== undefined) addAbortSignal(signal, from)
    for await (const chunk of atMost(from, most)) await kept.appendFile(chunk)
    return opened(kept)
  } catch (error) {
    await kept.close()
    if (!isOfFile(error)) throw error
    throw new UsageError(`stdin cannot be kept in ${tmpdir()}: ${error.code}`)
  }
}

async function* atMost(
  chunks: AsyncIterable<Uint8Array>,
  most: number,
): AsyncGenerator<Uint8Array> {
  let length = 0
  for await (const chunk of chunks) {
    if (length === 0 && chunk[0] !== GZIP[0] && chunk[0] !== OBJECT) {
      throw wrongFile('is no tenant that was exported, compressed or not')
    }
    length += chunk.length
    if (length > most) {
      throw wrongFile(`has more than ${most.toLocaleString('en-US')} bytes: give it as a file`)
    }
    yield chunk
  }
}

/** How compressed files begin, and lines of JSON. */
const GZIP = [0x1f, 0x8b] as const
const OBJECT = 0x7b

function opened(handle: FileHandle): OpenedBackup {
  return {
    open: () => expanded(createReadStream('', { fd: handle.fd, start: 0, autoClose: false })),
    close: async () => handle.close(),
  }
}

/** What is never more than this may be of any size for what it came as. */
const ALWAYS_EXPANDED = 64 * 1_048_576

/** Bytes that one may stand for: exports have about ten, and what has hundreds is there to do harm. */
const MOST_TIMES = 200

/** The content of a file, compressed or not. */
async function* expanded(from: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const chunks = from[Symbol.asyncIterator]()
  const first = await chunks.next()
  if (first.done === true) return
  const counted = { bytes: first.value.length }
  const all = restOf(first.value, chunks, counted)
  const isCompressed = GZIP.every((byte, at) => first.value[at] === byte)
  if (!isCompressed) {
    yield* all
    return
  }
  let length = 0
  for await (const chunk of gunzipped(all)) {
    length += chunk.length
    if (length > ALWAYS_EXPANDED && length > counted.bytes * MOST_TIMES) {
      throw wrongFile(
        `is compressed to less than 1/${MOST_TIMES} of its size, as no export is: if you know what is in it, unpack it first`,
      )
    }
    yield chunk
  }
}

async function* restOf(
  first: Uint8Array,
  chunks: AsyncIterator<Uint8Array>,
  counted: { bytes: number },
): AsyncGenerator<Uint8Array> {
  yield first
  for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) {
    counted.bytes += next.value.length
    yield next.value
  }
}

async function* gunzipped(from: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip()
  const source = Readable.from(from)
  source.on('error', (error) => gunzip.destroy(error))
  try {
    for await (const chunk of source.pipe(gunzip)) {
      if (chunk instanceof Uint8Array) yield chunk
    }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'Z_BUF_ERROR') throw wrongFile('is cut off')
    if (typeof code === 'string' && code.startsWith('Z_')) throw wrongFile('is damaged')
    throw error
  } finally {
    source.destroy()
    gunzip.destroy()
  }
}
