import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from 'esbuild'
import { functionFiles, ROOT } from './local-host/function-files.ts'
import { StartError } from './local-host/lifetime.ts'

const BUNDLE = 'functions.cjs'

/**
 * Makes the folder that Azure Functions and `func start` run as it is, without node_modules: all functions in one file,
 * since reading hundreds of them is most of a cold start, host.json, and a package.json that names the file.
 * @throws StartError after esbuild has said what is wrong
 */
export async function writeBundle(directory: string): Promise<void> {
  await rm(directory, { recursive: true, force: true })
  await mkdir(directory, { recursive: true })
  await bundle(join(directory, BUNDLE))
  await copyFile(join(ROOT, 'host.json'), join(directory, 'host.json'))
  await writeFile(join(directory, 'package.json'), `${JSON.stringify({ main: BUNDLE }, null, 2)}\n`)
}

async function bundle(outfile: string): Promise<void> {
  const imports = functionFiles().map((file) => `import ${JSON.stringify(file)}`)
  const result = build({
    stdin: { contents: imports.join('\n'), resolveDir: ROOT, sourcefile: 'functions.ts' },
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node22',
    // The worker requires it, and CommonJS loads fastest.
    format: 'cjs',
    // Exists inside the worker only.
    external: ['@azure/functions-core'],
    // Shorter names would save 2 of 70 ms of a start, and the stacks in the log would say nothing.
    minifyWhitespace: true,
    minifySyntax: true,
    sourcemap: true,
    logLevel: 'warning',
  })
  await result.catch((cause: unknown) => {
    throw new StartError('the functions cannot be built', { cause })
  })
}
