// Makes dist/, which Azure Functions and `func start` run as it is: one file instead of hundreds, since reading modules
// is most of a cold start.
import { copyFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from 'esbuild'
import { functionFiles, ROOT } from './local-host/function-files.ts'

const DIST = join(ROOT, 'dist')
const BUNDLE = 'functions.cjs'

await rm(DIST, { recursive: true, force: true })
if (await bundle()) {
  await copyFile(join(ROOT, 'host.json'), join(DIST, 'host.json'))
  await writeFile(join(DIST, 'package.json'), `${JSON.stringify({ main: BUNDLE }, null, 2)}\n`)
} else {
  process.exitCode = 1
}

/** @returns false after esbuild has said what is wrong. */
async function bundle(): Promise<boolean> {
  const imports = functionFiles().map((file) => `import ${JSON.stringify(file)}`)
  const result = build({
    stdin: { contents: imports.join('\n'), resolveDir: ROOT, sourcefile: 'functions.ts' },
    outfile: join(DIST, BUNDLE),
    bundle: true,
    platform: 'node',
    target: 'node22',
    // CommonJS loads fastest: the worker requires it.
    format: 'cjs',
    // Exists inside the worker only.
    external: ['@azure/functions-core'],
    minify: true,
    // Stacks in the log stay readable.
    keepNames: true,
    sourcemap: true,
    logLevel: 'info',
  })
  return result.then(
    () => true,
    () => false,
  )
}
