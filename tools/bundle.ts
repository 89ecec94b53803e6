import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from 'esbuild'
import { functionFiles, ROOT } from './local-host/function-files.ts'

const BUNDLE = 'functions.cjs'

/**
 * Makes the folder that Azure Functions and `func start` run as it is, without node_modules: all functions in one file,
 * since reading hundreds of them is most of a cold start, host.json, and a package.json that names the file.
 * @throws BuildFailure of esbuild, which has said why
 */
export async function writeBundle(directory: string): Promise<void> {
  await rm(directory, { recursive: true, force: true })
  await mkdir(directory, { recursive: true })
  const imports = functionFiles().map((file) => `import ${JSON.stringify(file)}`)
  await build({
    stdin: { contents: imports.join('\n'), resolveDir: ROOT, sourcefile: 'functions.ts' },
    outfile: join(directory, BUNDLE),
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
  await copyFile(join(ROOT, 'host.json'), join(directory, 'host.json'))
  await writeFile(join(directory, 'package.json'), `${JSON.stringify({ main: BUNDLE }, null, 2)}\n`)
}
