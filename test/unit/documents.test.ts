import { existsSync, globSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { SETTING_NAMES } from '../../lib/config.ts'
import { MANAGE_ROUTES } from '../../lib/http/manage.ts'
import { OAUTH_ROUTES, ROUTE_PREFIX, ROUTES } from '../../lib/http/routes.ts'
import { PROBLEMS } from '../../lib/manage/problem.ts'
import { MANAGE_LIMITS } from '../../lib/manage/query.ts'
import { KINDS } from '../../lib/scim/errors.ts'
import { LIMITS } from '../../lib/scim/limits.ts'
import { BODY_LIMIT } from '../../tools/local-host/body-limit.ts'
import { usage } from '../../tools/local-host/command-line.ts'
import { COMMANDS, USAGE } from '../../tools/tenant/command-line.ts'
import { tableRows } from '../support/documents.ts'

const DOCUMENTS = [...globSync('*.md'), ...globSync('docs/*.md')]

const readme = readFileSync('README.md', 'utf8')
const manifest = z
  .object({ scripts: z.record(z.string(), z.string()) })
  .parse(JSON.parse(readFileSync('package.json', 'utf8')))

const HOST = z.object({
  extensions: z.object({ http: z.object({ routePrefix: z.string().default('api') }) }),
})

/** The rows of the README's table below a heading, as cells without back-ticks. */
function table(heading: string): readonly string[][] {
  return tableRows('README.md', heading).map((row) => row.map((cell) => cell.replaceAll('`', '')))
}

function byName(
  a: { readonly name?: string | undefined },
  b: { readonly name?: string | undefined },
): number {
  return String(a.name).localeCompare(String(b.name))
}

/** What the files in functions/ register, read from their sources. */
const sources = globSync('functions/**/*.ts')
  .map((file) => ({ file, source: readFileSync(file, 'utf8') }))
  .filter(({ source }) => source.includes('app.http('))

const registered = sources.map(({ file, source }) => {
  return {
    file: file.replaceAll('\\', '/'),
    name: /app\.http\('([^']+)'/.exec(source)?.[1],
    route: /route: '([^']+)'/.exec(source)?.[1],
    authLevel: /authLevel: '([^']+)'/.exec(source)?.[1],
    methods: [...(/methods: \[([^\]]+)\]/.exec(source)?.[1] ?? '').matchAll(/'(\w+)'/g)].map(
      (match) => match[1],
    ),
  }
})

const isCatchAll = (name: string | undefined): boolean => name?.startsWith('zz') === true

describe('routes', () => {
  const served = registered.filter(({ name }) => !isCatchAll(name) && name !== 'health')

  test('lib/http has exactly what the files in functions/ register', () => {
    const inFiles = served.map(({ name, route, methods }) => ({ name, route, methods }))
    expect(inFiles.toSorted(byName)).toEqual(
      [...ROUTES, ...OAUTH_ROUTES, ...MANAGE_ROUTES].toSorted(byName),
    )
  })

  test('the key is asked for below manage, and nowhere else', () => {
    const levels = registered.map(({ route = '', authLevel }) => `${route} ${authLevel ?? ''}`)
    const guarded = levels.filter((each) => each.endsWith(' function'))
    expect(guarded).toEqual(levels.filter((each) => each.startsWith('manage/')))
    expect(guarded.length).toBe(MANAGE_ROUTES.length + 1)
    expect(levels.filter((each) => / (?:anonymous|function)$/.test(each))).toEqual(levels)
  })

  test('each function of the manage API does the operation that it is called by', () => {
    for (const { source } of sources.filter((each) => each.source.includes('manageEndpoint('))) {
      const name = /app\.http\('([^']+)'/.exec(source)?.[1] ?? ''
      expect(source).toContain(`manageEndpoint(runtime, '${name}')`)
    }
  })

  test('README lists every route once, with its function', () => {
    const rows = table('Routes').map(([methods, path, file]) => `${methods} ${path} ${file}`)
    const expected = registered
      .filter(({ name }) => !isCatchAll(name))
      .map(({ file, route, methods }) => {
        const isScim = route?.startsWith('scim') === true
        const shown = isScim ? route.replace(/^scim/, '') : `/api/${route ?? ''}`
        return `${methods.join(', ')} ${shown} ${file}`
      })
    expect(rows.toSorted()).toEqual(expected.toSorted())
  })

  test('the catch-all sorts behind all others, as the host goes by name', () => {
    const names = registered.map(({ name }) => String(name).toLowerCase())
    expect(names.toSorted().slice(-2)).toEqual(['zz-unmatched', 'zzz-any-path'])
    expect(new Set(names).size).toBe(names.length)
  })

  test('host.json has the prefix that the code builds its URLs with', () => {
    const host = HOST.parse(JSON.parse(readFileSync('host.json', 'utf8')))
    expect(host.extensions.http.routePrefix).toBe(ROUTE_PREFIX)
  })
})

test('README lists every error, and nothing else', () => {
  const rows = table('Errors').map(([status, scimType]) => `${status} ${scimType}`)
  const kinds: readonly { status: number; scimType?: string }[] = Object.values(KINDS)
  expect(rows.toSorted()).toEqual(
    kinds.map(({ status, scimType }) => `${status} ${scimType ?? '–'}`).toSorted(),
  )
})

test('README lists every problem of the manage API, and nothing else', () => {
  const rows = table('Problems of the manage API').map(([status, kind]) => `${status} ${kind}`)
  const problems = Object.entries(PROBLEMS).map(([kind, { status }]) => `${status} ${kind}`)
  expect(rows).toEqual(problems)
})

test('README lists every setting, and nothing else', () => {
  expect(table('Settings').map(([name]) => name)).toEqual([...SETTING_NAMES, BODY_LIMIT])
})

test('README names the limits with their values', () => {
  const text = table('Limits').flat().join(' ')
  for (const value of [...Object.values(LIMITS), ...Object.values(MANAGE_LIMITS)]) {
    expect(text).toContain(value.toLocaleString('en-US'))
  }
})

test('README lists every flag of npm start, and every command of npm run tenant', () => {
  const flags = [...usage('npm start').matchAll(/^ {2}(--[a-z-]+)/gm)].map((match) => match[1])
  const rows = table('Run it, test it').map(([flag = '']) => flag.split(' ')[0])
  expect(new Set([...rows, '--help'])).toEqual(new Set(flags))
  for (const command of Object.keys(COMMANDS)) expect(readme).toContain(`${command} `)
})

describe('README, Tenants and tokens', () => {
  test('has the commands as the help of npm run tenant has them', () => {
    const [, commands = ''] = USAGE.split('\n\n')
    expect(commands).toMatch(/^ {2}create <id> /)
    expect(readme).toContain(`\`\`\`\n${commands.replaceAll(/^ {2}/gm, '')}\n\`\`\``)
  })

  test('lists every option, and which commands have it', () => {
    const taking = Object.entries(COMMANDS).flatMap(([command, { options }]) =>
      options
        .filter((option) => !command.endsWith(`--${option}`))
        .map((option) => `${option} of ${command}`),
    )
    const rows = table('Tenants and tokens').flatMap(([option = '', of = '']) =>
      of.split(', ').map((command) => `${/\w[\w-]*/.exec(option)?.[0] ?? ''} of ${command}`),
    )
    expect(rows.toSorted()).toEqual([...taking, 'json of all'].toSorted())
  })

  test('and the help list the same options', () => {
    const inHelp = [...USAGE.matchAll(/^ {2}(--[a-z-]+(?: [A-Z]+)?) {2,}\w/gm)].map(
      ([, one]) => one,
    )
    const inReadme = table('Tenants and tokens').map(([option]) => option)
    expect(new Set([...inReadme, '--data DIRECTORY'])).toEqual(new Set(inHelp))
  })
})

test('README shows how many functions npm start serves', () => {
  const timers = globSync('functions/**/*.ts').filter((file) =>
    readFileSync(file, 'utf8').includes('app.timer('),
  )
  expect(readme).toContain(`Ready: ${registered.length + timers.length} functions on http://`)
})

test('README says nowhere how many tests there are', () => {
  expect(readme).not.toMatch(/\d passed/)
})

test('README starts with the two commands', () => {
  const start = readme.slice(0, readme.indexOf('\n## ', readme.indexOf('\n## ') + 1))
  expect(start).toContain('npm ci && npm start')
  expect(start).toContain('npm ci && npm test')
})

test('every npm script that a document names is there', () => {
  const text = DOCUMENTS.map((file) => readFileSync(file, 'utf8')).join('\n')
  const named = [...text.matchAll(/npm run (?:--silent )?([a-z:]+)/g)].map(
    (match) => match[1] ?? '',
  )
  expect(named.length).toBeGreaterThan(3)
  expect(named.filter((name) => manifest.scripts[name] === undefined)).toEqual([])
})

test('what .vscode/launch.json runs is there', () => {
  const launch = z.object({
    configurations: z.array(
      z.object({
        name: z.string(),
        runtimeExecutable: z.string(),
        runtimeArgs: z.array(z.string()),
      }),
    ),
  })
  const { configurations } = launch.parse(JSON.parse(readFileSync('.vscode/launch.json', 'utf8')))
  const commands = configurations.map(({ runtimeExecutable, runtimeArgs }) =>
    [runtimeExecutable, ...runtimeArgs].join(' '),
  )
  expect(commands).toEqual([
    expect.stringMatching(/^npm start(?: |$)/),
    expect.stringMatching(/^npm run dev(?: |$)/),
    expect.stringMatching(/^npx vitest run .*\$\{relativeFile\}$/),
  ])
  const flags = commands.flatMap((command) => command.split(' -- ')[1]?.split(' ') ?? [])
  expect(flags.length).toBeGreaterThan(0)
  for (const flag of flags) expect(usage('npm start')).toContain(`  ${flag} `)
  expect(Object.keys(manifest.scripts)).toEqual(expect.arrayContaining(['start', 'dev']))
})

test('every decision has a heading of its own and one to five lines', () => {
  const [, ...decisions] = readFileSync('docs/decisions.md', 'utf8').split(/^### /m)
  expect(decisions.length).toBeGreaterThan(50)
  const others = decisions.filter((decision) => {
    const lines = (decision.split(/^## /m)[0] ?? '').split('\n').filter((line) => line !== '')
    return lines.length < 2 || lines.length > 6
  })
  expect(others).toEqual([])
})

test('docs/ has five documents at most, and beside them what programs read', () => {
  const [texts, others] = [globSync('docs/*.md'), globSync('docs/!(*.md)')]
  expect(texts.length).toBeLessThanOrEqual(5)
  expect(others.map((file) => file.replaceAll('\\', '/'))).toEqual(['docs/openapi.json'])
})

test('links between documents lead somewhere', () => {
  expect(DOCUMENTS).toContain('CONTRIBUTING.md')
  for (const file of DOCUMENTS) {
    const folder = file.includes('/') ? 'docs/' : ''
    const text = readFileSync(file, 'utf8')
    for (const [, target = ''] of text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)) {
      if (/^[a-z]+:/i.test(target)) continue
      expect(globSync(`${folder}${target}`), `${file} -> ${target}`).toHaveLength(1)
    }
  }
})

test('every path in llms.txt is there', () => {
  const text = readFileSync('llms.txt', 'utf8')
  const paths = [...text.matchAll(/\]\(([^)]+)\)/g)].map(([, path = '']) => path)
  expect(paths.filter((path) => !existsSync(path))).toEqual([])
  // Every document is in it.
  expect(DOCUMENTS.filter((document) => !paths.includes(document.replaceAll('\\', '/')))).toEqual(
    [],
  )
})

test('every file that docs/architecture.md names is there', () => {
  const text = readFileSync('docs/architecture.md', 'utf8')
  const named = [...text.matchAll(/(?:functions|lib|test|tools)\/[\w./{},*-]*\.(?:ts|sh)/g)]
  const paths = named.map(([path]) => path)
  expect(paths.length).toBeGreaterThan(40)
  expect(paths.filter((path) => globSync(path).length === 0)).toEqual([])
})

test('the files and folders that CONTRIBUTING names are there', () => {
  const text = readFileSync('CONTRIBUTING.md', 'utf8')
  const named = [...text.matchAll(/`((?:functions|lib|test|tools)\/[^`<]*|[\w.]+\.json)`/g)]
  const paths = named.map(([, path = '']) => path)
  expect(paths.length).toBeGreaterThan(15)
  expect(paths.filter((path) => !existsSync(path))).toEqual([])
})
