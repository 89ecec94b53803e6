import { execFile } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import { unzipSync } from 'fflate'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { OAUTH_ROUTES, ROUTES } from '../../lib/http/routes.ts'
import { MANAGE_ROUTES } from '../../lib/http/manage.ts'
import { importsOf } from '../../tools/bundle.ts'
import { functionFiles, ROOT } from '../../tools/local-host/function-files.ts'
import { writePackage } from '../../tools/package.ts'

const run = promisify(execFile)

/** Nothing listens there: what is asked needs no storage. */
const NO_STORAGE =
  'DefaultEndpointsProtocol=http;AccountName=nobody;AccountKey=bm9ib2R5;TableEndpoint=http://127.0.0.1:1/nobody'

let directory: string
let zip: string
let printed: string

/** Packs as a pipeline does. */
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'package-'))
  zip = join(directory, 'made', 'scim-endpoint.zip')
  const packed = await run('npm', ['run', 'package', '--', '--out', zip], { cwd: ROOT })
  printed = packed.stdout
})

afterAll(() => rmSync(directory, { recursive: true }))

/** Unpacks it into a folder with nothing around it. */
function unpacked(): string {
  const into = join(directory, 'unpacked')
  for (const [path, content] of Object.entries(unzipSync(readFileSync(zip)))) {
    mkdirSync(dirname(join(into, path)), { recursive: true })
    writeFileSync(join(into, path), content)
  }
  return into
}

test('it has what the build makes at its root, and says so', () => {
  const files = Object.keys(unzipSync(readFileSync(zip)))
  expect(files).toEqual(
    expect.arrayContaining([
      'functions.cjs',
      'functions.cjs.map',
      'host.json',
      'package.json',
      'telemetry.cjs',
    ]),
  )
  for (const file of files) expect(printed).toContain(`\n${file} `)
  expect(printed).toMatch(/^the zip +[\d,]+ bytes, SHA-256 [0-9a-f]{64}$/m)
})

/** A copy of what is built, with what it bundles of the packages that are installed for it. */
async function checkout(root: string): Promise<string> {
  for (const part of ['functions', 'lib', 'host.json']) {
    cpSync(join(ROOT, part), join(root, part), { recursive: true })
  }
  const files = await bundledFiles()
  expect(files.size).toBeGreaterThan(100)
  for (const file of files) cpSync(join(ROOT, file), join(root, file))
  return root
}

/** The files of packages that get into the bundles, their source maps, and what says which ones these are. */
async function bundledFiles(): Promise<ReadonlySet<string>> {
  const { metafile } = await build({
    stdin: { contents: importsOf(functionFiles()), loader: 'ts', resolveDir: ROOT },
    absWorkingDir: ROOT,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    external: ['@azure/functions-core'],
    write: false,
    metafile: true,
    logLevel: 'error',
  })
  const files = Object.keys(metafile.inputs).filter((file) => file.startsWith('node_modules/'))
  const maps = [...new Set(files.map((file) => dirname(file)))].flatMap(sourceMapsIn)
  return new Set([...files, ...maps, ...files.flatMap(manifestsAbove)])
}

/** Some have other names than what they are of. */
function sourceMapsIn(folder: string): readonly string[] {
  const names = readdirSync(join(ROOT, folder)).filter((name) => /\.[cm]?js\.map$/.test(name))
  return names.map((name) => join(folder, name))
}

/** The `package.json` of the folders around a file: some folders in packages have one, too. */
function manifestsAbove(file: string): readonly string[] {
  const above = dirname(file)
  if (above === '.') return []
  const manifest = join(above, 'package.json')
  return [...(existsSync(join(ROOT, manifest)) ? [manifest] : []), ...manifestsAbove(above)]
}

test('two folders give the same bytes, here and elsewhere', async () => {
  const elsewhere = await checkout(join(directory, 'somewhere', 'else', 'deep'))
  const copy = join(directory, 'copy.zip')
  await writePackage(copy, elsewhere)
  // Not compared as a whole: the difference would be printed.
  expect(readFileSync(copy).equals(readFileSync(zip))).toBe(true)
})

const LOADED = z.object({
  node: z.string(),
  startHooks: z.int(),
  functions: z.array(z.object({ name: z.string(), bindings: z.array(z.string()) })),
  answer: z.object({ status: z.int(), body: z.string() }),
})

/** The Node.js that a package of npm brings. */
function nodeOf(name: string): string {
  return join(dirname(createRequire(import.meta.url).resolve(`${name}/package.json`)), 'bin/node')
}

describe.each([
  ['22', nodeOf('node22')],
  ['24', nodeOf('node')],
])('on Node.js %s', (version, node) => {
  test('all functions are registered, and one answers', async () => {
    const { stdout } = await run(node, ['test/support/load-package.ts', unpacked()], {
      cwd: ROOT,
      env: { TABLES_CONNECTION_STRING: NO_STORAGE },
    })
    const loaded = LOADED.parse(JSON.parse(stdout))
    expect(loaded.node.split('.')[0]).toBe(version)
    expect(loaded.startHooks).toBe(1)
    const names = loaded.functions.map(({ name }) => name)
    expect(names).toHaveLength(functionFiles().length - 2)
    const bindings = loaded.functions.map(
      (each) => `${each.name}: ${each.bindings.toSorted().join()}`,
    )
    for (const { name, methods, route } of [...ROUTES, ...OAUTH_ROUTES, ...MANAGE_ROUTES]) {
      const level = route.startsWith('manage/') ? 'function' : 'anonymous'
      expect(bindings).toContain(`${name}: http,httpTrigger ${methods.join()} ${route} ${level}`)
    }
    expect(bindings).toContain('maintenance: timerTrigger')
    expect(loaded.answer.status).toBe(401)
    expect(loaded.answer.body).toContain('urn:ietf:params:scim:api:messages:2.0:Error')
  })
})

test('"node" of scripts and npx is the Node.js of the tools, not the older one beside it', async () => {
  const { stdout } = await run(join(ROOT, 'node_modules/.bin/node'), ['--version'])
  expect(stdout).toMatch(/^v24\./)
})
