import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { unzipSync } from 'fflate'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { describeZip, zipOf } from '../../../../tools/package/zip.ts'

let directory: string

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'zip-'))
})

afterEach(() => rmSync(directory, { recursive: true }))

/** The names are written in this order. */
function write(folder: string, files: readonly string[]): string {
  const into = join(directory, folder)
  mkdirSync(join(into, 'more'), { recursive: true })
  for (const file of files) writeFileSync(join(into, file), `this is ${file}\n`.repeat(9))
  return into
}

const FILES = ['host.json', 'functions.cjs', 'more/late.cjs']

test('all files are in it, folders too, as they are', () => {
  const { files, bytes } = zipOf(write('a', FILES))
  expect(files.map(({ path }) => path)).toEqual(['functions.cjs', 'host.json', 'more/late.cjs'])
  const unpacked = Object.entries(unzipSync(bytes)).map(([path, content]) => {
    return [path, Buffer.from(content).toString()]
  })
  expect(Object.fromEntries(unpacked)).toEqual(
    Object.fromEntries(FILES.map((file) => [file, `this is ${file}\n`.repeat(9)])),
  )
})

test('neither the folder, the order, the times nor the time zone are in its bytes', () => {
  const one = zipOf(write('one', FILES))
  const other = write('longer/name', FILES.toReversed())
  utimesSync(join(other, 'host.json'), new Date('2001-01-01'), new Date('2002-02-02'))
  const zone = process.env['TZ']
  process.env['TZ'] = 'Pacific/Kiritimati'
  try {
    expect(zipOf(other)).toEqual(one)
  } finally {
    if (zone === undefined) delete process.env['TZ']
    else process.env['TZ'] = zone
  }
  writeFileSync(join(other, 'host.json'), 'other')
  expect(zipOf(other).sha256).not.toBe(one.sha256)
})

test('everybody may read its files on Linux, whatever made them', () => {
  const { bytes } = zipOf(write('a', ['host.json']))
  const directoryEntry = Buffer.from(bytes).indexOf('PK\u0001\u0002')
  const view = new DataView(bytes.buffer, bytes.byteOffset + directoryEntry)
  // APPNOTE.TXT 4.3.12: made by Unix, and the mode in the upper half of the external attributes.
  expect(view.getUint8(5)).toBe(3)
  expect(view.getUint32(38, true) >>> 16).toBe(0o100644)
})

test('it tells what is in it, and how large that is', () => {
  const zip = zipOf(write('a', FILES))
  const lines = describeZip(zip).split('\n')
  expect(lines[0]).toMatch(/^functions\.cjs +198 bytes$/)
  expect(lines.at(-1)).toMatch(/^the zip +\d{3} bytes, SHA-256 [0-9a-f]{64}$/)
  expect(lines.at(-1)).toContain(` ${zip.bytes.length} bytes`)
})
