import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { build, type Plugin } from 'esbuild'
import * as z from 'zod'
import { functionFiles, ROOT } from './local-host/function-files.ts'
import { FunctionsCore, type LogSink, provideFunctionsCore } from './local-host/functions-core.ts'
import { StartError } from './local-host/lifetime.ts'

const BUNDLE = 'functions.cjs'

/** What the app loads after its first answer has a file of its own: reading it would make each start longer. */
const LATER = { file: 'telemetry.cjs', source: 'lib/telemetry/application-insights.ts' } as const

/** Has the bundle find that file beside it. */
const LOADED_LATER: Plugin = {
  name: 'loaded-later',
  setup(made) {
    made.onResolve({ filter: /\/application-insights\.ts$/ }, ({ kind }) =>
      kind === 'dynamic-import' ? { path: `./${LATER.file}`, external: true } : undefined,
    )
  },
}

/**
 * Makes the folder that Azure Functions and `func start` run as it is, without node_modules: all functions in one file,
 * since reading hundreds of them is most of a cold start, what is loaded later in another, host.json, and a package.json that
 * names the first.
 * @param root the project's folder, this one or that of another version.
 * @throws StartError after esbuild has said what is wrong
 */
export async function writeBundle(directory: string, root: string = ROOT): Promise<void> {
  await rm(directory, { recursive: true, force: true })
  await mkdir(directory, { recursive: true })
  const source = importsOf(functionFiles(root))
  await bundle(join(directory, BUNDLE), { source, resolveDir: root })
  const later = join(root, LATER.source)
  // Another version of the project may have none.
  if (existsSync(later)) {
    const whole = `export * from ${JSON.stringify(later)}`
    await bundle(join(directory, LATER.file), { source: whole, resolveDir: root, sourcemap: false })
  }
  await copyFile(join(root, 'host.json'), join(directory, 'host.json'))
  await writeFile(join(directory, 'package.json'), `${JSON.stringify({ main: BUNDLE }, null, 2)}\n`)
}

const MANIFEST = z.object({ main: z.string() })

/** Loads what `writeBundle` made as the worker does, which requires what package.json names: a folder once in a process. */
export function loadBundle(directory: string, log: LogSink = () => {}): FunctionsCore {
  const manifest: unknown = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'))
  const core = new FunctionsCore(log)
  const stopProviding = provideFunctionsCore(core)
  createRequire(import.meta.url)(join(directory, MANIFEST.parse(manifest).main))
  stopProviding()
  return core
}

/** How many functions a built folder registers, and how large it is: `25 functions, 2.5 MB`. */
export function describeBundle(directory: string): string {
  const { functions } = loadBundle(directory)
  const sizes = readdirSync(directory).map((file) => statSync(join(directory, file)).size)
  const megabytes = sizes.reduce((sum, size) => sum + size, 0) / 1e6
  return `${functions.length} functions, ${megabytes.toFixed(1)} MB`
}

/** A source text that imports these files, in their order. */
export function importsOf(files: readonly string[]): string {
  return files.map((file) => `import ${JSON.stringify(file)}\n`).join('')
}

/**
 * Makes one file of a source text and all that it imports.
 * @throws StartError after esbuild has said what is wrong
 */
export async function bundle(
  outfile: string,
  {
    source,
    resolveDir,
    sourcemap = true,
  }: { readonly source: string; readonly resolveDir: string; readonly sourcemap?: boolean },
): Promise<void> {
  const result = build({
    stdin: { contents: source, loader: 'ts', resolveDir, sourcefile: 'functions.ts' },
    // Names of modules are relative to it: the bytes must not tell where they were made.
    absWorkingDir: resolveDir,
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node22',
    // The worker requires it, and CommonJS loads fastest.
    format: 'cjs',
    // Exists inside the worker only.
    external: ['@azure/functions-core'],
    plugins: [LOADED_LATER],
    // For a project's folder in which nothing is installed.
    nodePaths: [join(ROOT, 'node_modules')],
    // Shorter names would save 2 of 70 ms of a start, and the stacks in the log would say nothing.
    minifyWhitespace: true,
    minifySyntax: true,
    // For the frames of a failure (lib/stack-frames.ts), which need no sources.
    sourcemap,
    sourcesContent: false,
    logLevel: 'warning',
  })
  await result.catch((cause: unknown) => {
    throw new StartError('the functions cannot be built', { cause })
  })
}
