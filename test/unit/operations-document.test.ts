import { globSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { REASONS } from '../../lib/activity/reasons.ts'
import { SETTING_NAMES } from '../../lib/config.ts'
import { MANAGE_ROUTES } from '../../lib/http/manage.ts'
import { OAUTH_ROUTES, ROUTE_PREFIX, ROUTES, type Route } from '../../lib/http/routes.ts'
import type { LineHead, RequestLine } from '../../lib/http/log.ts'
import { HEALTH } from '../../lib/manage/activity-answers.ts'
import { MANAGE_OPERATIONS } from '../../lib/manage/operations.ts'
import { PROBLEMS } from '../../lib/manage/problem.ts'
import { KEYS_ARE_CHECKED } from '../../lib/manage/unguarded.ts'
import { PROBLEMS as INCONSISTENCIES } from '../../lib/storage/table/check/suspect.ts'
import { TELEMETRY_SETTING_NAMES } from '../../lib/telemetry/settings.ts'
import { METRICS } from '../../lib/telemetry/metrics.ts'
import { TENANT_SETTINGS } from '../../lib/tenants/settings.ts'
import { shownSetting } from '../../tools/tenant/settings-table.ts'
import { parseCommandLine } from '../../tools/tenant/command-line.ts'
import { anchorOf, tableRows } from '../support/documents.ts'
import { pipelineVariables } from '../support/pipeline-files.ts'
import { commandsOf, shellCommands } from '../support/shell-lines.ts'

/** docs/operations.md is followed in a hurry: all that it says to type is there. */

const FILE = 'docs/operations.md'
const page = readFileSync(FILE, 'utf8')
const commands = shellCommands(page)

const timers = globSync('functions/**/*.ts').flatMap(
  (file) => /app\.timer\('([^']+)'/.exec(readFileSync(file, 'utf8'))?.[1] ?? [],
)
const routes: readonly Route[] = [
  ...[...ROUTES, ...OAUTH_ROUTES, ...MANAGE_ROUTES].map(({ name, route, methods }): Route => ({
    name,
    route: `${ROUTE_PREFIX}/${route}`,
    methods,
  })),
  ...timers.map((name): Route => ({ name, route: `admin/functions/${name}`, methods: ['POST'] })),
]

function routeTo(method: string, path: string): Route | undefined {
  return routes.find(
    ({ route, methods }) =>
      methods.some((each) => each === method) &&
      new RegExp(`^/${route.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(path.replace(/\?.*/, '')),
  )
}

interface Call {
  readonly method: string
  readonly path: string
  readonly body: string | undefined
}

/** What a curl sends. */
function callOf(words: readonly string[]): Call {
  const after = (flag: string): string | undefined => {
    const at = words.indexOf(flag)
    return at === -1 ? undefined : words[at + 1]
  }
  const body = after('-d')
  const url = words.find((word) => word.startsWith('$BASE/')) ?? ''
  const method = after('-X') ?? (body === undefined ? 'GET' : 'POST')
  return { method, path: url.slice('$BASE'.length), body }
}

const calls = commands.filter(([program]) => program === 'curl').map(callOf)

function parsed(body: string | undefined): unknown {
  return body === undefined ? undefined : JSON.parse(body)
}

function operationOf({ method, path }: Call): (typeof MANAGE_OPERATIONS)[number] | undefined {
  const name = routeTo(method, path)?.name
  return MANAGE_OPERATIONS.find((each) => each.name === name)
}

describe('every curl', () => {
  test('there are many, of most operations that change something', () => {
    const shown = new Set(calls.map((call) => operationOf(call)?.name))
    const changing = MANAGE_OPERATIONS.filter(({ method }) => method !== 'GET')
    expect(changing.filter(({ name }) => !shown.has(name))).toEqual([])
    expect(calls.length).toBeGreaterThan(15)
  })

  test.each(calls)('$method $path leads to a function', ({ method, path }) => {
    expect(routeTo(method, path)).toBeDefined()
  })

  test.each(calls.filter((call) => operationOf(call) !== undefined))(
    '$method $path sends what the operation takes: $body',
    (call) => {
      const { bodyMayBeAbsent = false, body: type } = operationOf(call) ?? {}
      const sent = call.body === undefined && bodyMayBeAbsent ? {} : parsed(call.body)
      expect(type?.safeParse(sent).error).toBeUndefined()
    },
  )
})

test('every answer is as the operation before it has it', () => {
  const blocks = [...page.matchAll(/```(sh|json)\n(.*?)^ *```/gms)]
  const answers = blocks.flatMap(([, kind, text = ''], index) => {
    if (kind !== 'json') return []
    const before = blocks.slice(0, index).filter(([, each]) => each === 'sh')
    const curls = before.flatMap(([, , block = '']) =>
      commandsOf(block).filter(([program]) => program === 'curl'),
    )
    const answer: unknown = JSON.parse(text)
    return [{ call: callOf(curls.at(-1) ?? []), answer }]
  })
  expect(answers.length).toBeGreaterThan(6)
  const wrong = answers.filter(
    ({ call, answer }) => operationOf(call)?.answer.safeParse(answer).success !== true,
  )
  expect(wrong).toEqual([])
})

test('every command of npm run tenant can be read', () => {
  const inline = [...page.matchAll(/`(npm run tenant -- [^`]+)`/g)].flatMap(([, line = '']) =>
    commandsOf(line),
  )
  const lines = [...commands, ...inline].filter((words) => words.includes('tenant'))
  expect(lines.length).toBeGreaterThan(12)
  for (const words of lines) {
    expect(() => parseCommandLine(words.slice(words.indexOf('--') + 1))).not.toThrow()
  }
})

test('every route in the text is there', () => {
  const named = [...page.matchAll(/`(?:([A-Z]+) )?(\/api\/\w+\/[^`]+)`/g)]
  expect(named.length).toBeGreaterThan(4)
  const wrong = named.filter(([, method, path = '']) => {
    const methods = method === undefined ? ['GET', 'POST'] : [method]
    return methods.every((each) => routeTo(each, path) === undefined)
  })
  expect(wrong.map(([text]) => text)).toEqual([])
})

test('every setting in capitals is there', () => {
  const names = [...page.matchAll(/`([A-Z]+(?:_[A-Z]+)+)(?:=\w+)?`/g)].map(([, name = '']) => name)
  const read = globSync('infra/*.bicepparam').flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/readEnvironmentVariable\('(\w+)'/g)].map(
      ([, name = '']) => name,
    ),
  )
  const known = new Set<string>([
    ...SETTING_NAMES,
    ...TELEMETRY_SETTING_NAMES,
    KEYS_ARE_CHECKED,
    ...pipelineVariables(),
    ...read,
  ])
  expect(new Set(names).size).toBeGreaterThan(2)
  expect(names.filter((name) => !known.has(name))).toEqual([])
})

test('the tenant settings are there with their defaults and limits', () => {
  const rows = tableRows(FILE, 'Rate limits and settings').map((row) => row.slice(0, 3))
  const expected = Object.entries(TENANT_SETTINGS.shape).map(([name, setting]) => {
    const type = setting.unwrap()
    const value = shownSetting(setting.parse(undefined))
    if (type instanceof z.ZodArray) return [`\`${name}\``, value, 'domains']
    if (type instanceof z.ZodEnum) return [`\`${name}\``, value, type.options.join(', ')]
    const range = 'minValue' in type ? `${type.minValue}, ${type.maxValue}` : 'true, false'
    return [`\`${name}\``, value, range]
  })
  expect(rows).toEqual(expected)
})

test('every reason of the activity is there once, with what it means and what to do', () => {
  const rows = tableRows(FILE, 'Reasons')
  expect(rows.map(([reason]) => reason)).toEqual(REASONS.map((reason) => `\`${reason}\``))
  for (const cells of rows) expect(cells.filter((cell) => cell !== '')).toHaveLength(3)
})

test('every state of a tenant is there', () => {
  const states = tableRows(FILE, 'How it goes').flatMap(
    ([state = '']) => /^`(\w+)`$/.exec(state)?.[1] ?? [],
  )
  expect(new Set(states)).toEqual(new Set(HEALTH.shape.state.options))
})

test('every problem that it tells of is one', () => {
  const rows = tableRows(FILE, 'When something is refused').map(([seen = '']) => seen)
  const told = rows.flatMap((seen) => /^(\d{3}) `([a-z-]+)`$/.exec(seen)?.slice(1).join(' ') ?? [])
  const problems = new Set(
    Object.entries(PROBLEMS).map(([kind, { status }]) => `${status} ${kind}`),
  )
  expect(told.length).toBeGreaterThan(3)
  expect(told.filter((each) => !problems.has(each))).toEqual([])
})

test('its links to its own headings lead somewhere', () => {
  const headings = new Set(
    [...page.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => anchorOf(heading)),
  )
  const links = [...page.matchAll(/\]\(#([^)]+)\)/g)].map(([, target = '']) => target)
  expect(links.length).toBeGreaterThan(15)
  expect(links.filter((link) => !headings.has(`#${link}`))).toEqual([])
})

const HOST = z.object({
  logging: z.object({
    applicationInsights: z.object({ samplingSettings: z.object({ excludedTypes: z.string() }) }),
    logLevel: z.record(z.string(), z.string()),
  }),
})

/** All that the line of a request can have: TypeScript asks for each. */
const LINE: Readonly<Record<keyof LineHead | keyof RequestLine, true>> = {
  event: true,
  operation: true,
  route: true,
  method: true,
  status: true,
  milliseconds: true,
  storageCalls: true,
  roundTrips: true,
  tenant: true,
  credential: true,
  credentialKind: true,
  client: true,
  error: true,
  oauthError: true,
  reason: true,
  detail: true,
  ignored: true,
}

test('the members of a line in the log are there', () => {
  const told = tableRows(FILE, 'The log').map(([member = '']) => member.replaceAll('`', ''))
  expect(told).toEqual(Object.keys(LINE))
})

test('the metrics are there, each with its kinds', () => {
  const told = tableRows(FILE, 'Metrics').map(([name = '', kinds = '']) => [name, kinds])
  const all = Object.entries(METRICS).map(([name, kinds]) => [
    `\`${name}\``,
    kinds.map((kind) => `\`${kind}\``).join(', '),
  ])
  expect(told).toEqual(all)
})

test('traces are not sampled, and no level hides a line of the app', () => {
  const { logging } = HOST.parse(JSON.parse(readFileSync('host.json', 'utf8')))
  const { excludedTypes } = logging.applicationInsights.samplingSettings
  expect(excludedTypes.split(';')).toEqual(['Request', 'Exception', 'Event', 'Trace'])
  const { default: others, ...levels } = logging.logLevel
  expect(others).toBe('Information')
  const hiding = Object.keys(levels).filter((category) => /^(?:Function|Worker|\*)/.test(category))
  expect(hiding).toEqual([])
})

test('the page has what a check can find', () => {
  const rows = tableRows(FILE, "Is a tenant's data consistent?")
  expect(rows.map(([found = '']) => found.replaceAll('`', ''))).toEqual(
    Object.keys(INCONSISTENCIES),
  )
})
