import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { zipSync } from 'fflate'

/** What a zip says of each file: readable by all, made by Unix. */
const EACH = { os: 3, attrs: 0o100644 << 16, level: 9 } as const

/** The first time that a zip can tell, which is local time: that of the files is none of the commit's. */
const noTime = (): Date => new Date(1980, 0, 1)

/** A file of a zip, by its path in there, with its size as it is unpacked. */
export interface ZippedFile {
  readonly path: string
  readonly bytes: number
}

/** A zip, and what is in it. */
export interface Zip {
  readonly bytes: Uint8Array
  readonly sha256: string
  readonly files: readonly ZippedFile[]
}

/** All files of a folder, at the root of a zip. The same files give the same bytes. */
export function zipOf(directory: string): Zip {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted()
    .map((file) => ({ path: pathIn(directory, file), content: readFileSync(file) }))
  const entries = Object.fromEntries(files.map(({ path, content }) => [path, content]))
  const bytes = zipSync(entries, { ...EACH, mtime: noTime() })
  return {
    bytes,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    files: files.map(({ path, content }) => ({ path, bytes: content.length })),
  }
}

function pathIn(directory: string, file: string): string {
  return file.slice(join(directory, '/').length).replaceAll('\\', '/')
}

/** What it holds, a line each, and how large it is. */
export function describeZip({ bytes, sha256, files }: Zip): string {
  const width = Math.max(...files.map(({ path }) => path.length))
  const rows = [...files, { path: 'the zip', bytes: bytes.length }].map((each) => {
    return `${each.path.padEnd(width)}  ${each.bytes.toLocaleString('en-US').padStart(11)} bytes`
  })
  return `${rows.join('\n')}, SHA-256 ${sha256}`
}
