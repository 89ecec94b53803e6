import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { ROOT } from '../../tools/local-host/function-files.ts'

/** Stands in for Core Tools: writes down how it was called, and runs until it is told to end. */
const FUNC = `#!/usr/bin/env node
const { writeFileSync } = require('node:fs')
const [command, ...args] = process.argv.slice(2)
if (command !== '--version') {
  writeFileSync(process.env.TEST_CALL, JSON.stringify({ command, args, env: process.env }))
  process.on('SIGINT', () => process.exit(0))
  setInterval(() => {}, 1000)
  console.log('func runs')
}
`

const CALL = z.object({
  command: z.string(),
  args: z.array(z.string()),
  env: z.record(z.string(), z.string()),
})

const SETTINGS = join(ROOT, 'local.settings.json')

let directory: string
let hadSettings: boolean
beforeAll(async () => {
  hadSettings = existsSync(SETTINGS)
  directory = await mkdtemp(join(tmpdir(), 'start-func-'))
  await mkdir(join(directory, 'bin'))
  await writeFile(join(directory, 'bin/func'), FUNC, { mode: 0o755 })
  // Whatever a package.json above says of the files below it.
  await writeFile(join(directory, 'package.json'), '{"type":"commonjs"}')
})
afterAll(async () => {
  await rm(directory, { recursive: true, force: true, maxRetries: 10 })
  if (!hadSettings) await rm(SETTINGS, { force: true })
})

interface Run {
  readonly exitCode: Promise<number | null>
  readonly output: () => string
  readonly end: () => void
}

function startFunc(path: string): Run {
  const { TABLES_ENDPOINT: _, PUBLIC_BASE_URL: __, ...env } = process.env
  const child = spawn(
    process.execPath,
    ['tools/start-func.ts', '--port', '7999', '--data', join(directory, 'data')],
    {
      cwd: ROOT,
      env: {
        ...env,
        PATH: path,
        TEST_CALL: join(directory, 'call.json'),
        FUNCTION_KEYS_ARE_CHECKED: 'true',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (text: Buffer) => (output += text.toString()))
  }
  const exitCode = once(child, 'close').then(() => child.exitCode)
  return { exitCode, output: () => output, end: () => child.kill('SIGINT') }
}

/** The endpoints of a connection string by the names of their services. */
function endpointsOf(connectionString = ''): Readonly<Record<string, string>> {
  const found = [...connectionString.matchAll(/(\w+)Endpoint=([^;]+)/g)]
  return Object.fromEntries(found.map(([, service = '', url = '']) => [service, url]))
}

/** Who answers, by the Server header. */
async function serverAt(url = ''): Promise<string | null> {
  return (await fetch(`${url}?comp=list`)).headers.get('server')
}

describe.skipIf(process.platform === 'win32')('npm run start:func', () => {
  test('runs func with a storage for blobs and queues, which ends with it', async () => {
    const path = [join(directory, 'bin'), process.env['PATH']].join(delimiter)
    const run = startFunc(path)
    await expect.poll(run.output, { timeout: 40_000 }).toContain('func runs')
    const call = CALL.parse(JSON.parse(await readFile(join(directory, 'call.json'), 'utf8')))
    expect(call).toMatchObject({ command: 'start', args: ['--port', '7999'] })
    expect(call.env).toMatchObject({
      FUNCTIONS_WORKER_RUNTIME: 'node',
      TABLES_ENDPOINT: '',
      // func asks for no keys, whatever was set for another host.
      FUNCTION_KEYS_ARE_CHECKED: '',
      LOCAL_TENANT_URL: 'http://localhost:7999/api/scim',
    })
    const app = endpointsOf(call.env['TABLES_CONNECTION_STRING'])
    const host = endpointsOf(call.env['AzureWebJobsStorage'])
    expect(Object.keys(host).toSorted()).toEqual(['Blob', 'Queue', 'Table'])
    // The host's own tables are not among the app's.
    expect(host['Table']).not.toBe(app['Table'])
    expect(await serverAt(host['Blob'])).toMatch(/^Azurite-Blob\//)
    expect(await serverAt(host['Queue'])).toMatch(/^Azurite-Queue\//)

    run.end()
    expect(await run.exitCode).toBe(0)
    const urls = [...Object.values(app), ...Object.values(host)]
    const left = await Promise.allSettled(urls.map((url) => fetch(url)))
    expect(left.map(({ status }) => status)).toEqual(urls.map(() => 'rejected'))
  })

  test('says in a few lines that there is no func', async () => {
    const run = startFunc(join(directory, 'nothing'))
    expect(await run.exitCode).toBe(1)
    expect(run.output()).toMatch(/^Azure Functions Core Tools are not here: /)
  })
})
