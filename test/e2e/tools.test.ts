import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'

const MANIFEST = z.object({ scripts: z.record(z.string(), z.string()) })

/** The file that each npm script of a tool runs, by the script's name. */
const tools = Object.entries(
  MANIFEST.parse(JSON.parse(readFileSync('package.json', 'utf8'))).scripts,
).flatMap(([script, command]): [string, string][] => {
  const [, file] = /^node (?:\S+ )*?(tools\/\S+\.ts)$/.exec(command) ?? []
  return file === undefined ? [] : [[script, file]]
})

interface Ran {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

function run(file: string, args: readonly string[]): Promise<Ran> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [file, ...args], (_, out, err) => {
      resolve({ code: child.exitCode, out, err })
    })
  })
}

test('each tool is behind an npm script', () => {
  expect(tools.length).toBeGreaterThanOrEqual(9)
})

describe.each(tools)('npm run %s', (script, file) => {
  test('shows what it does, and how, when it is asked for help', async () => {
    const { code, out, err } = await run(file, ['--help'])
    expect({ code, err }).toEqual({ code: 0, err: '' })
    const command = script === 'start' || script === 'test' ? script : `run ${script}`
    expect(out).toMatch(new RegExp(`^npm ${command}\\b`))
    expect(out).toContain('--')
  })

  test('tells an option that it does not have, without a stack', async () => {
    const { code, out, err } = await run(file, ['--bogus'])
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err).toMatch(/^Unknown option .--bogus./)
    expect(err).toContain('--help')
    expect(err.trim().split('\n').length).toBeLessThanOrEqual(2)
  })
})

describe('what it cannot read is told in one line', () => {
  test.each([
    ['history', ['--operations', 'many'], '--operations must be a whole number, not "many"'],
    ['fuzz', ['--minutes', '0'], '--minutes must be a number above 0, not "0"'],
    ['fuzz', ['--seed', '1.5'], '--seed must be a whole number, not "1.5"'],
    ['test', ['-t'], 'option `-t, --testNamePattern <pattern>` value is missing'],
    ['bench', ['groups', '--sizes', 'x'], '--sizes must be whole numbers'],
    [
      'bench',
      ['users'],
      'say what to measure: requests, start, backup, groups or engines; or build',
    ],
  ])('npm run %s %j', async (script, args, message) => {
    const { code, err } = await run(`tools/${script}.ts`, args)
    expect(code).toBe(2)
    expect(err.trim().split('\n')).toEqual([expect.stringContaining(message)])
  })
})

test('npm run bench alone shows what can be measured', async () => {
  const { code, out, err } = await run('tools/bench.ts', [])
  expect({ code, out }).toEqual({ code: 2, out: '' })
  expect(err).toMatch(/^say what to measure: .*\n\nnpm run bench -- requests/)
})

test('npm run conformance says what it wrote; where there is no terminal, nothing of its progress', async () => {
  const { code, out, err } = await run('tools/conformance.ts', [])
  expect({ code, err }).toEqual({ code: 0, err: '' })
  expect(out).toMatch(/^docs\/conformance\.md: \d+ requirements; it was up to date\n$/)
})
