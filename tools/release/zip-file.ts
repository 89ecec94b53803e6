import { readFile } from 'node:fs/promises'
import { StartError } from '../local-host/lifetime.ts'

/** The record that a zip ends with: a signature, 18 bytes, and a comment. */
const END = Buffer.from('PK\u0005\u0006', 'latin1')
const END_BYTES = 22
const AT = { directoryBytes: 12, directoryAt: 16, commentBytes: 20 } as const

/** @throws StartError for a file that is no zip, or not the whole of one: a download that was cut off begins as it should */
export async function checkZip(file: string): Promise<void> {
  const bytes = await contentOf(file)
  if (!isWholeZip(bytes)) {
    throw new StartError(`${file} is not a zip, or not all of one; npm run package makes one`)
  }
}

async function contentOf(file: string): Promise<Buffer> {
  try {
    return await readFile(file)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new StartError(`${file} cannot be read: ${reason}`, { cause: error })
  }
}

/** Whether it ends with its directory, which says where it begins. */
function isWholeZip(bytes: Buffer): boolean {
  const end = bytes.lastIndexOf(END)
  if (end === -1 || end + END_BYTES > bytes.length) return false
  const directoryEnd =
    bytes.readUInt32LE(end + AT.directoryAt) + bytes.readUInt32LE(end + AT.directoryBytes)
  const comment = bytes.readUInt16LE(end + AT.commentBytes)
  return directoryEnd === end && end + END_BYTES + comment === bytes.length
}
