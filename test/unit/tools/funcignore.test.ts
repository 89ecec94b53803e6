import { existsSync, globSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import * as z from 'zod'

const lines = readFileSync('.funcignore', 'utf8')
  .split('\n')
  .map((line) => line.trim())
  .filter((line) => line !== '' && !line.startsWith('#'))

const taken = lines.filter((line) => line.startsWith('!')).map((line) => line.slice(1))
const ignored = lines.filter((line) => !line.startsWith('!'))

/** As Core Tools read a pattern (their GitIgnoreParser): from the root on, `*` is a name. */
function patternOf(line: string): RegExp {
  const text = line.replace(/^\//, '').replaceAll('.', String.raw`\.`)
  return new RegExp(`^${text.replaceAll('*', '[^/]+')}\\b`)
}

/** Whether Core Tools take a file: what a `!` names, and what nothing else names. */
function isTaken(file: string): boolean {
  const isOneOf = (patterns: readonly string[]): boolean =>
    patterns.some((pattern) => patternOf(pattern).test(file))
  return isOneOf(taken) || !isOneOf(ignored)
}

test('publishing from the root takes what the build makes, and what names it', () => {
  const { main } = z
    .object({ main: z.string() })
    .parse(JSON.parse(readFileSync('package.json', 'utf8')))
  const files = [main, `${main}.map`, 'dist/telemetry.cjs', 'host.json', 'package.json']
  expect(files.filter(isTaken)).toEqual(files)
})

test('and nothing else of what is there', () => {
  const there = globSync(['*', '.*', '{docs,lib,functions,test,tools}/*', 'node_modules/*'])
  expect(there.length).toBeGreaterThan(200)
  const others = there.map((file) => file.replaceAll('\\', '/')).filter((file) => file !== 'dist')
  expect(others.filter(isTaken).toSorted()).toEqual(['host.json', 'package.json'])
  const made = ['.azurite/tables/x.json', 'local.settings.json', 'coverage/x', 'distant/x']
  expect(made.filter(isTaken)).toEqual([])
})

test('it names what is there', () => {
  const sources = taken.map((line) => line.slice(1)).filter((line) => line !== 'dist/')
  expect(sources).toHaveLength(2)
  expect(sources.filter((file) => !existsSync(file))).toEqual([])
})
