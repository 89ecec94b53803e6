import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { measureStarts, startingApps, startTable } from '../../tools/bench/start.ts'
import { writeBundle } from '../../tools/bundle.ts'

let directory: string
let built: string

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'bench-start-'))
  built = join(directory, 'dist')
  await writeBundle(built)
})

afterAll(() => rm(directory, { recursive: true }))

test('each app is started, and its start compared with that of a trivial function', async () => {
  const said: string[] = []
  const apps = await startingApps(directory, [built, built])
  const { costs, last } = await measureStarts(apps, 2, (text) => said.push(text))
  expect(costs.map(({ label }) => label)).toEqual(['a trivial function', 'the app', built])
  for (const { milliseconds, cpuMilliseconds } of costs) {
    expect(milliseconds).toBeGreaterThan(10)
    expect(cpuMilliseconds).toBeGreaterThan(10)
  }
  expect(costs[0]?.ratio).toBe(1)
  expect(costs[1]?.ratio).toBeGreaterThan(1)
  expect(last).toBeGreaterThan(0.3)
  expect(last).toBeLessThan(3)
  expect(said).toHaveLength(3)
  expect(startTable(costs).split('\n')).toHaveLength(5)
})

test('with one build there is nothing to compare it with', async () => {
  const { last } = await measureStarts(await startingApps(directory, [built]), 1, () => undefined)
  expect(last).toBeUndefined()
})

test('another answer than the one expected is an error, not a measurement', async () => {
  const { runner, apps } = await startingApps(directory, [built])
  const [trivial, ...others] = apps
  const wrong = trivial === undefined ? [] : [{ ...trivial, status: '204' }, ...others]
  await expect(measureStarts({ runner, apps: wrong }, 1, () => undefined)).rejects.toThrow(
    'answered 200, not 204',
  )
})

test('a folder without a build is told', async () => {
  await expect(startingApps(directory, [directory])).rejects.toThrow(
    /^there is no .*functions\.cjs/,
  )
})
