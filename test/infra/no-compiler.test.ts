import { execFile } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { compilerEnvironment, findCompiler, isRequired } from '../../tools/infra-check/compiler.ts'
import { ROOT } from '../../tools/local-host/function-files.ts'

const folder = mkdtempSync(join(tmpdir(), 'no-bicep-'))

/** A machine with no compiler, and no dotnet. */
const EMPTY = {
  PATH: join(folder, 'bin'),
  HOME: folder,
  AZURE_CONFIG_DIR: join(folder, 'azure'),
  NUGET_PACKAGES: join(folder, 'packages'),
}

afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** A program that says that it is the compiler. */
function bicepIn(directory: string, output: string): string {
  const path = join(folder, directory, 'bicep')
  mkdirSync(join(folder, directory), { recursive: true })
  writeFileSync(path, `#!/bin/sh\necho "${output}"\n`)
  chmodSync(path, 0o755)
  return path
}

async function check(
  more: Readonly<Record<string, string>>,
): Promise<{ readonly code: number | null; readonly out: string; readonly err: string }> {
  return new Promise((resolve) => {
    const options = { cwd: ROOT, env: { ...EMPTY, ...more } }
    const child = execFile(
      process.execPath,
      ['tools/infra-check.ts'],
      options,
      (_error, out, err) => {
        resolve({ code: child.exitCode, out, err })
      },
    )
  })
}

describe('npm run infra:check without a compiler', () => {
  test('says so, and holds the committed snapshots to the rules', async () => {
    const { code, out, err } = await check({})
    expect(err).toMatch(/^SKIPPED: no Bicep compiler\. .*dotnet could not restore/)
    expect(out).toMatch(/^resources: dev \d+, .*; 0 findings\n$/)
    expect(code).toBe(0)
  })

  test('fails where it is required', async () => {
    const { code, err } = await check({ CI_REQUIRE_BICEP: 'true' })
    expect(err).toContain('SKIPPED')
    expect(code).toBe(1)
  })

  test.each([
    ['1', true],
    ['true', true],
    ['yes', true],
    ['0', false],
    ['False', false],
    ['', false],
    [undefined, false],
  ])('takes CI_REQUIRE_BICEP=%s for %j', (value, required) => {
    expect(isRequired({ CI_REQUIRE_BICEP: value })).toBe(required)
  })

  test('tells a wrong BICEP_PATH in one line', async () => {
    const { code, err } = await check({ BICEP_PATH: join(folder, 'nothing') })
    expect(err).toMatch(/^BICEP_PATH: \S+nothing does not run: .*\n$/)
    expect(code).toBe(1)
  })
})

describe('the compiler is found', () => {
  test('on the PATH, then by az', async () => {
    const byAz = bicepIn('azure/bin', 'Bicep CLI version 0.50.1 (abc)')
    const search = { environment: EMPTY, mayRestore: false }
    expect(await findCompiler(search)).toEqual({ path: byAz, version: '0.50.1' })
    const onPath = bicepIn('bin', 'Bicep CLI version 0.51.0 (abc)')
    expect(await findCompiler(search)).toEqual({ path: onPath, version: '0.51.0' })
  })

  test('but not one that is too old', async () => {
    bicepIn('bin', 'Bicep CLI version 0.30.3 (abc)')
    bicepIn('azure/bin', 'nothing that anybody knows')
    const found = await findCompiler({ environment: EMPTY, mayRestore: false })
    expect('tried' in found ? found.tried[0] : '').toContain('Bicep 0.30.3, older than 0.46')
  })
})

test('parameter files see nothing of whoever compiles them', () => {
  const seen = compilerEnvironment({ ...EMPTY, ALERT_EMAIL_ADDRESSES: 'ada@example.com' })
  expect(Object.keys(seen)).not.toContain('ALERT_EMAIL_ADDRESSES')
  expect(seen['PATH']).toBe(EMPTY.PATH)
})
