import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { writeBundle } from './bundle.ts'
import { readOptions, runTool } from './command-line.ts'
import { ROOT } from './local-host/function-files.ts'
import { describeZip, type Zip, zipOf } from './package/zip.ts'

const USAGE = `npm run package -- [options]

Builds dist/ and puts it into one zip, which Azure runs as it is: "az functionapp deployment source config-zip" takes it. The
same commit gives the same bytes, wherever and whenever it is made.

  --out FILE  where the zip goes: scim-endpoint.zip
  --help      this text`

const OPTIONS = { out: { type: 'string', default: 'scim-endpoint.zip' } } as const

/**
 * Builds the function app and writes its zip.
 * @param root the project's folder, this one or that of another version.
 */
export async function writePackage(file: string, root: string = ROOT): Promise<Zip> {
  const directory = join(root, 'dist')
  await writeBundle(directory, root)
  const zip = zipOf(directory)
  mkdirSync(dirname(resolve(file)), { recursive: true })
  writeFileSync(file, zip.bytes)
  return zip
}

async function run(args: readonly string[]): Promise<void> {
  const { out } = readOptions(OPTIONS, args)
  const zip = await writePackage(out)
  console.log(`${out}:\n${describeZip(zip)}`)
}

if (import.meta.main) await runTool(USAGE, run)
