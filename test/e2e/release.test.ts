import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { createServer, request as httpRequest, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { strToU8, unzipSync, zipSync } from 'fflate'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { pipelineOf, scriptOf, workflowIn } from '../support/pipeline-files.ts'
import { startApp, type RunningApp } from './running-app.ts'

/**
 * In the place of az: `calls` gets what it is called with, `deployed` what was published; `refusals` says how often an upload is
 * refused before one is taken.
 */
const AZ = `#!/usr/bin/env bash
from=$PWD
cd "$(dirname "$0")"
echo "$*" >> calls
case "$*" in
  "functionapp show "*)
    if [[ -f missing ]]; then
      echo "ERROR: (ResourceNotFound) The Resource 'func-scim-dev' was not found." >&2
      exit 3
    fi ;;
  "functionapp deployment source config-zip "*)
    refusals=$(cat refusals)
    if (( refusals > 0 )); then
      echo $((refusals - 1)) > refusals
      echo "ERROR: 403, the identity may not write" >&2
      exit 1
    fi
    [[ $* =~ --src\\ ([^ ]+) ]] && (cd "$from" && cp "\${BASH_REMATCH[1]}" "$OLDPWD/deployed") ;;
  "functionapp keys list "*) cat key ;;
  *) exit 2 ;;
esac
`

let app: RunningApp
let folder: string
let server: Server
let url: string

beforeAll(async () => {
  app = await startApp()
  folder = await mkdtemp(join(tmpdir(), 'release-'))
  await mkdir(join(folder, 'bin'))
  await writeFile(join(folder, 'bin/az'), AZ)
  await chmod(join(folder, 'bin/az'), 0o755)
  for (const name of ['works', 'works-too', 'breaks']) await writeFile(file(name), packageOf(name))
  await writeFile(file('cut-off'), packageOf('cut-off').subarray(0, -1))
  url = await deployment()
})

afterAll(async () => {
  server.close()
  await app.stop()
  await rm(folder, { recursive: true })
})

beforeEach(async () => {
  const state = {
    calls: '',
    deployed: packageOf('works'),
    refusals: '0',
    key: `${app.functionKey}\n`,
  }
  for (const [name, content] of Object.entries(state)) await writeFile(inBin(name), content)
})

/** A zip that has one file, which is called so. */
function packageOf(name: string): Uint8Array {
  return zipSync({ [name]: strToU8(name) })
}

function nameIn(zip: Uint8Array): string {
  return Object.keys(unzipSync(zip)).join()
}

function inBin(name: string): string {
  return join(folder, 'bin', name)
}

/** What was published is what answers: the local host, unless it is the package that breaks users. */
async function deployment(): Promise<string> {
  server = createServer((incoming, outgoing) => {
    const answering = nameIn(readFileSync(inBin('deployed')))
    if (answering === 'breaks' && incoming.method === 'PATCH') {
      outgoing.writeHead(500).end()
      return
    }
    const { method, headers, url: path } = incoming
    const forward = httpRequest(
      new URL(path ?? '/', app.baseUrl),
      { method, headers },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 500, answer.headers)
        answer.pipe(outgoing)
      },
    )
    incoming.pipe(forward)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/api/scim`
}

interface Ran {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

function release(
  options: Readonly<Record<string, string>>,
  settings: Readonly<Record<string, string>> = {},
): Promise<Ran> {
  const args = Object.entries({
    'resource-group': 'rg-scim-dev',
    app: 'func-scim-dev',
    url,
    settle: '0',
    wait: '3',
    ...options,
  }).flatMap(([name, value]) => [`--${name}`, value])
  const { GITHUB_ACTIONS: _, TF_BUILD: __, ...rest } = process.env
  const path = [inBin(''), dirname(process.execPath), rest['PATH']].join(':')
  const env = { ...rest, PATH: path, ...settings }
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      ['tools/release.ts', ...args],
      { env },
      (_error, out, err) => resolve({ code: child.exitCode, out, err }),
    )
  })
}

const file = (name: string): string => join(folder, name)
const deployed = async (): Promise<string> => nameIn(await readFile(inBin('deployed')))

/** The packages that were published, in their order. */
async function published(): Promise<readonly string[]> {
  const calls = await readFile(inBin('calls'), 'utf8')
  return [...calls.matchAll(/config-zip .*--src \S+\/(\S+) /g)].map(([, name = '']) => name)
}

/** How many tenants of smoke tests are not being deleted. */
async function tenantsLeft(): Promise<number> {
  const answer = await fetch(`${new URL(app.baseUrl).origin}/api/manage/tenants?q=smoke-`, {
    headers: { 'x-functions-key': app.functionKey },
  })
  return (await answer.text()).match(/"status":"enabled"/g)?.length ?? 0
}

test('a package is published, and tested', async () => {
  const ran = await release({ package: file('works-too'), previous: file('works') })
  expect(ran).toMatchObject({ code: 0, err: '' })
  expect(ran.out).toContain('\nAll as it should be.\n')
  expect(ran.out).toMatch(/\nReleased \S+\/works-too\n$/)
  expect(ran.out).not.toContain(app.functionKey)
  expect(await readFile(inBin('calls'), 'utf8')).toBe(
    'functionapp show --resource-group rg-scim-dev --name func-scim-dev --output none\n' +
      `functionapp deployment source config-zip --resource-group rg-scim-dev --name func-scim-dev --src ${file('works-too')} --output none\n` +
      'functionapp keys list --resource-group rg-scim-dev --name func-scim-dev --query functionKeys.default --output tsv\n',
  )
  expect(await deployed()).toBe('works-too')
})

test('one that fails its test makes way for the previous one, which is tested too', async () => {
  const ran = await release({ package: file('breaks'), previous: file('works') })
  expect(ran.code).toBe(1)
  expect(ran.err).toMatch(/\S+\/breaks does not work: \S+\/works runs again\n$/)
  expect(ran.err).toContain('FAILED at step 4: expected 200, got 500')
  expect(ran.out).toMatch(/\nRolling back to \S+\/works\n/)
  expect(ran.out).toContain('\nAll as it should be.\n')
  expect(await published()).toEqual(['breaks', 'works'])
  expect(await deployed()).toBe('works')
  expect(await tenantsLeft()).toBe(0)
})

test.each([
  ['', /\/breaks does not work, and there is no previous package\n$/, ['breaks']],
  [
    'breaks',
    /\/breaks does not work, and \S+\/breaks does not either: tools\/life-of-a-user\.sh has failed/,
    ['breaks', 'breaks'],
  ],
])('where there is no way back (previous: %j) that is said', async (previous, message, names) => {
  const ran = await release({
    package: file('breaks'),
    previous: previous === '' ? '' : file(previous),
  })
  expect(ran.code).toBe(1)
  expect(ran.err).toMatch(message)
  expect(await published()).toEqual(names)
})

test('an upload that is refused is tried again: roles take their time', async () => {
  await writeFile(inBin('refusals'), '2')
  const ran = await release({ package: file('works-too') })
  expect(ran.code).toBe(0)
  expect(ran.out).toMatch(
    /^Try 1 of 5: az functionapp deployment source config-zip failed: ERROR: 403, .*\nTry 2 of 5: .*\nPublished /,
  )
  expect(await published()).toHaveLength(3)
})

test('when all tries fail it fails, with what az said', async () => {
  await writeFile(inBin('refusals'), '5')
  const ran = await release({ package: file('works-too') })
  expect(ran.code).toBe(1)
  expect(ran.out).toMatch(
    /\nFAILED: az functionapp deployment source config-zip failed: ERROR: 403, /,
  )
  expect(await deployed()).toBe('works')
})

test.each([
  [{ GITHUB_ACTIONS: 'true' }, '::add-mask::'],
  [{ TF_BUILD: 'True' }, '##vso[task.setsecret]'],
])(
  'in a pipeline (%j) the key is masked before anything else can show it',
  async (settings, mask) => {
    const ran = await release({ package: file('works-too') }, settings)
    expect(ran.code).toBe(0)
    const [, ...shown] = ran.out.split(app.functionKey)
    expect(ran.out).toContain(`\n${mask}${app.functionKey}\n`)
    expect(shown).toHaveLength(1)
  },
)

test('an app without a host key is told as one', async () => {
  await writeFile(inBin('key'), '')
  const ran = await release({ package: file('works-too') })
  expect(ran.out).toContain('FAILED: func-scim-dev has no host key that is called "default"\n')
})

test('what no repetition mends is told before anything is published, once', async () => {
  await writeFile(inBin('missing'), '')
  try {
    const ran = await release({ package: file('works-too'), previous: file('works') })
    expect(ran).toMatchObject({ code: 1, out: '' })
    expect(ran.err).toBe(
      "az functionapp show failed: ERROR: (ResourceNotFound) The Resource 'func-scim-dev' was not found.\n",
    )
  } finally {
    await rm(inBin('missing'))
  }
  expect(await published()).toEqual([])
})

test('an az that is not there is told', async () => {
  const ran = await release({ package: file('works-too') }, { PATH: dirname(process.execPath) })
  expect(ran).toEqual({
    code: 1,
    out: '',
    err: 'az functionapp show failed: az is not installed\n',
  })
})

test.each([
  ['package', 'nowhere.zip', /^\S+\/nowhere\.zip cannot be read: ENOENT/],
  [
    'package',
    'bin/az',
    /^\S+\/bin\/az is not a zip, or not all of one; npm run package makes one\n$/,
  ],
  [
    'package',
    'cut-off',
    /^\S+\/cut-off is not a zip, or not all of one; npm run package makes one\n$/,
  ],
  ['previous', 'nowhere.zip', /^\S+\/nowhere\.zip cannot be read: ENOENT/],
])(
  'a --%s that cannot be deployed (%s) is told before az is asked',
  async (option, name, message) => {
    const ran = await release({ package: file('works-too'), [option]: file(name) })
    expect(ran).toMatchObject({ code: 1, out: '' })
    expect(ran.err).toMatch(message)
    expect(await readFile(inBin('calls'), 'utf8')).toBe('')
  },
)

test.each([
  ['works-too', /^released\n$/],
  ['breaks', /^\S+\/breaks does not work: \S+\/works runs again\n$/],
  ['nowhere.zip', /^\S+\/nowhere\.zip cannot be read: ENOENT/],
])('a release of %s says in a file that it has ended', async (name, line) => {
  await writeFile(file('ended'), 'that of before\n')
  await release({ package: file(name), previous: file('works'), ended: file('ended') })
  expect(await readFile(file('ended'), 'utf8')).toMatch(line)
})

/** The script of the step that releases. */
const STEP = 'Package, smoke test, and back when it fails'
const SCRIPTS = {
  GitHub: workflowIn('deploy-environment').jobs['deploy']?.steps.find(({ name }) => name === STEP)
    ?.run,
  'Azure Pipelines': pipelineOf(readFileSync('azure-pipelines.yml', 'utf8'))
    .stages.find(({ environment }) => environment !== undefined)
    ?.steps.filter(({ displayName }) => displayName === STEP)
    .map(scriptOf)[0],
}

test.each(Object.entries(SCRIPTS))(
  'on %s a signal to the step leads the release to its way back, and one that is cut off there leaves no mark',
  async (_kind, script = '') => {
    const cwd = await mkdtemp(join(folder, 'step-'))
    await symlink(join(process.cwd(), 'tools'), join(cwd, 'tools'))
    for (const [path, name] of [
      ['package', 'works-too'],
      ['previous', 'works'],
    ] as const) {
      await mkdir(join(cwd, path))
      await writeFile(join(cwd, path, 'scim-endpoint-c0ffee.zip'), packageOf(name))
    }
    const path = [inBin(''), dirname(process.execPath), process.env['PATH']].join(':')
    const env = {
      PATH: path,
      RESOURCE_GROUP: 'g',
      APP: 'a',
      TENANT_URL: url,
      COMMIT: 'c0ffee',
      RUNNER_TEMP: cwd,
      FUNCTIONAPPNAME: 'a',
      TENANTURL: url,
      BUILD_SOURCEVERSION: 'c0ffee',
      AGENT_TEMPDIRECTORY: cwd,
    }
    const step = spawn('bash', ['-c', script], { cwd, env })
    let out = ''
    step.stdout.on('data', (text) => (out += String(text)))
    await vi.waitFor(() => expect(out).toContain('Published package/'), { timeout: 20_000 })
    step.kill('SIGTERM')
    await vi.waitFor(() => expect(out).toContain('Published previous/'), { timeout: 20_000 })
    step.kill('SIGKILL')
    await once(step, 'close')
    expect(out).toContain('FAILED: stopped by SIGTERM\nRolling back to previous/')
    expect(await deployed()).toBe('works')
    await expect(readFile(join(cwd, 'release-ended'))).rejects.toThrow('ENOENT')
  },
)

test('a command that is not whole is none', async () => {
  const ran = await release({})
  expect(ran).toEqual({
    code: 2,
    out: '',
    err: '--resource-group, --app, --url and --package are needed\n',
  })
})
