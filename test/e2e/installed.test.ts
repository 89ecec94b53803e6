import { execFile } from 'node:child_process'
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import scripts from '../../package.json' with { type: 'json' }

const OLD_NODE =
  "data:text/javascript,Object.defineProperty(process,'versions',{value:{...process.versions,node:'20.20.2'}})"

let project: string

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), 'scim-installed-'))
  await mkdir(join(project, 'tools'))
  await copyFile('tools/installed.js', join(project, 'tools/installed.js'))
  await writeFile(join(project, 'package.json'), '{"type":"module"}')
  await writeFile(join(project, 'tools/tool.ts'), "console.log('runs')\n")
})

afterAll(() => rm(project, { recursive: true, force: true }))

function tool(...before: readonly string[]): Promise<{ code: unknown; printed: string }> {
  const args = [...before, '--import', './tools/installed.js', 'tools/tool.ts']
  return new Promise((resolve) => {
    execFile(process.execPath, args, { cwd: project }, (error, out, err) =>
      resolve({ code: error === null ? 0 : error.code, printed: `${out}${err}` }),
    )
  })
}

test('a tool without npm ci says in one line what to do, with it it runs', async () => {
  expect(await tool()).toEqual({
    code: 1,
    printed: 'Nothing is installed yet: run "npm ci" first.\n',
  })
  await mkdir(join(project, 'node_modules'))
  await writeFile(join(project, 'node_modules/.package-lock.json'), '{}')
  expect(await tool()).toEqual({ code: 0, printed: 'runs\n' })
  const { code, printed } = await tool('--import', OLD_NODE)
  expect(code).toBe(1)
  expect(printed).toMatch(
    /^The tools need Node\.js 22\.18 or later, this is 20\.20\.2: .*Node\.js 24\.\n$/,
  )
})

test('every script that runs a tool looks first', () => {
  const tools = Object.values(scripts.scripts).filter((script) => script.includes('tools/'))
  const plain = tools.filter((script) => !script.startsWith('node --import ./tools/installed.js '))
  expect(plain.filter((script) => script.startsWith('node'))).toEqual([])
  expect(tools.length).toBeGreaterThan(5)
})
