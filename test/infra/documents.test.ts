import { globSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { checkCommitted } from '../../tools/infra-check/check.ts'
import { ALERTS, FAILED_LOCATIONS, HEALTH_PATH } from '../../tools/infra-check/alert-rules.ts'
import { at, ofType } from '../../tools/infra-check/deployment.ts'
import { ROOT } from '../../tools/local-host/function-files.ts'
import { sectionOf, tableRows } from '../support/documents.ts'

/** docs/operations.md says what infra/ has. */

const FILE = 'docs/operations.md'
const { deployments } = checkCommitted(ROOT)
const prod = deployments.find(({ name }) => name === 'prod')

function rows(heading: string): readonly string[][] {
  return tableRows(FILE, heading).map((row) => row.map((cell) => cell.replaceAll('`', '')))
}

/** What a parameter file sets, or the variable that it reads. */
function setIn(environment: string, parameter: string): string | undefined {
  const text = readFileSync(`infra/main.${environment}.bicepparam`, 'utf8')
  const [, value] = new RegExp(`^param ${parameter} = (.*)$`, 'm').exec(text) ?? []
  return /readEnvironmentVariable\('(\w+)'/.exec(value ?? '')?.[1] ?? value
}

function environmentsOf(parameter: string): string {
  const names = ['dev', 'test', 'prod']
  const values = names.map((name) => setIn(name, parameter))
  const [first] = values
  if (first !== undefined && values.every((value) => value === first)) return `all ${first}`
  return names
    .flatMap((name, index) => (values[index] === undefined ? [] : [`${name} ${values[index]}`]))
    .join(', ')
}

test('the parameters are there with their defaults, environments and descriptions', () => {
  const declared = readFileSync('infra/main.bicep', 'utf8').matchAll(
    /@description\('([^']*)'\)\n(?:@\w+\([^)]*\)\n)*param (\w+) ([^\n]*)/g,
  )
  const expected = [...declared].map(([, description = '', name = '', rest = '']) => {
    const [type = '', value = type.endsWith('?') ? '–' : 'required'] = rest.split(' = ')
    return [name, value, environmentsOf(name), description.replaceAll('`', '')]
  })
  expect(expected.length).toBeGreaterThan(30)
  expect(rows('Parameters')).toEqual(expected)
})

test('the outputs are there', () => {
  const told = rows('First deployment').flatMap(([names = '']) => names.split(', '))
  expect(told.toSorted()).toEqual(Object.keys(prod?.outputs ?? {}).toSorted())
})

describe('what it costs', () => {
  const [, ...sums] = rows('What it costs').at(-1) ?? []
  const parts = rows('What it costs').slice(0, -1)

  test.each([
    [0, 'dev'],
    [1, 'prod'],
  ])('the parts make the sum (column %i, %s)', (column) => {
    const numbers = parts.map((row) => Number((row[column + 1] ?? '').replace('–', '0')))
    expect(numbers.every((number) => !Number.isNaN(number))).toBe(true)
    const sum = numbers.reduce((total, number) => total + number, 0)
    expect(sum.toFixed(2)).toBe(sums[column])
  })

  test('is below one dollar where nobody calls', () => {
    expect(Number(sums[0])).toBeLessThan(1)
  })
})

describe('the nightly backup', () => {
  const section = sectionOf(FILE, 'Nightly backup')

  test('the parts of what it costs make the sum', () => {
    const costs = rows('Nightly backup').flatMap(([part = '', , sum = '']) =>
      /^\d+\.\d\d$/.test(sum) ? [[part, Number(sum)] as const] : [],
    )
    expect(costs).toHaveLength(6)
    const parts = costs.slice(0, -1).reduce((total, [, number]) => total + number, 0)
    expect([costs.at(-1)?.[0], costs.at(-1)?.[1].toFixed(2)]).toEqual(['Sum', parts.toFixed(2)])
  })

  test('it comes when the pipelines start it', () => {
    const workflow = readFileSync('.github/workflows/backup.yml', 'utf8')
    const times = [...workflow.matchAll(/cron: '(\d+) (\d+) /g)].map(
      ([, minute = '', hour = '']) => `${hour.padStart(2, '0')}:${minute.padStart(2, '0')} UTC`,
    )
    expect(times).toHaveLength(2)
    for (const time of times) expect(section).toContain(time)
  })

  test('it stays as long as the account keeps it', () => {
    const [, kept] = /^param backupRetentionInDays int = (\d+)$/m.exec(
      readFileSync('infra/main.bicep', 'utf8'),
    ) ?? ['', '']
    const [, deleted] = /^var daysOfDeleted = (\d+)$/m.exec(
      readFileSync('infra/modules/backup.bicep', 'utf8'),
    ) ?? ['', '']
    expect(section).toContain(`\`backupRetentionInDays\`, ${kept};`)
    expect(section).toContain(`for ${deleted} days more`)
    // A deletion by the rule takes a day or two.
    expect(section).toContain(`after ${Number(kept) + Number(deleted) + 3} days`)
  })
})

/** What the limits of the queries are called. */
const IN_WORDS: Readonly<Record<string, string>> = {
  'p95 > 3000': 'over 3 seconds',
  'refused > 50': 'over 50',
  'refused > 100': 'more than 100',
}

test('every alert is there with its severity', () => {
  const names = [...Object.keys(ALERTS), 'unreachable']
  // What is off in all environments is in another snapshot.
  const alerts = deployments.flatMap((deployment) =>
    ['Insights/scheduledQueryRules', 'Insights/metricAlerts'].flatMap((type) =>
      ofType(deployment, type).map((alert) => {
        const name = names.find((each) => alert.name.startsWith(`${each}-`)) ?? alert.name
        return `${name} ${JSON.stringify(at(alert, 'properties.severity'))}`
      }),
    ),
  )
  const different = [...new Set(alerts)]
  const told = rows('Alerts').map(([name, severity]) => `${name} ${severity}`)
  expect(different).toHaveLength(11)
  expect(told.toSorted()).toEqual(different.toSorted())
})

test('every alert tells the number that it fires by', () => {
  const told = new Map(rows('Alerts').map(([name = '', , when = '']) => [name, when]))
  const words: Readonly<Record<string, string>> = {
    GreaterThan: 'more than',
    LessThan: 'less than',
  }
  const numbers = Object.entries(ALERTS).flatMap(([name, { operator, threshold, limits = [] }]) => {
    const inWords = limits.map((limit) => IN_WORDS[limit]).filter((text) => text !== undefined)
    // One row or none is what the query has found.
    if (threshold > 1) inWords.push(`${words[operator]} ${threshold}`)
    return inWords.map((text) => [name, text] as const)
  })
  expect(numbers.length).toBeGreaterThan(5)
  expect(numbers.filter(([name, text]) => told.get(name)?.includes(text) !== true)).toEqual([])
  expect([...Object.keys(ALERTS), 'unreachable'].toSorted()).toEqual([...told.keys()].toSorted())
  expect([told.get('unreachable'), FAILED_LOCATIONS]).toEqual([
    expect.stringContaining('two places'),
    2,
  ])
})

test('the health URL that is called from outside is a function that answers anybody', () => {
  const source = readFileSync('functions/health.ts', 'utf8')
  expect(source).toContain(`route: '${HEALTH_PATH.replace('/api/', '')}'`)
  expect(source).toContain("authLevel: 'anonymous'")
})

test('the worst alerts come first, and each says what to do', () => {
  const severities = rows('Alerts').map(([, severity]) => Number(severity))
  expect(severities).toEqual(severities.toSorted((a, b) => a - b))
  expect(rows('Alerts').filter((row) => (row[3] ?? '').length < 20)).toEqual([])
})

test('what the workbook shows is called as it is called there', () => {
  const workbook = readFileSync('infra/workbook.json', 'utf8')
  const named = [...sectionOf(FILE, 'Alerts').matchAll(/workbook, _([^_]+)_/g)]
  expect(named.length).toBeGreaterThan(2)
  expect(named.filter(([, name = '']) => !workbook.includes(name))).toEqual([])
})

test('the names of resources that commands have are those that are made', () => {
  const page = readFileSync(FILE, 'utf8')
  const modules = globSync('infra/**/*.bicep')
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n')
  for (const name of ['keep-data', 'access-tokens']) {
    expect(page).toContain(name)
    expect(modules).toContain(`'${name}'`)
  }
})

test('the providers that are registered are those of all that can be deployed', () => {
  const types = deployments.flatMap(({ resources }) => resources.map(({ type }) => type))
  // A subnet is handed to a type that no resource has.
  const delegated = deployments.flatMap(({ resources }) =>
    [...JSON.stringify(resources).matchAll(/"serviceName":"([^"]+)"/g)].map(
      ([, type = '']) => type,
    ),
  )
  const providers = new Set([...types, ...delegated].map((type) => type.split('/')[0]))
  // Each subscription has it from its first day.
  providers.delete('Microsoft.Authorization')
  for (const heading of ['First deployment', 'Set-up on GitHub']) {
    const [, names = ''] = /^for PROVIDER in ([\w ]+); do/m.exec(sectionOf(FILE, heading)) ?? []
    const registered = names.split(' ').map((name) => `Microsoft.${name}`)
    expect(registered).toHaveLength(providers.size)
    expect(new Set(registered)).toEqual(providers)
  }
})

test('how long a deleted vault stays is what the vault says', () => {
  const vault = readFileSync('infra/modules/key-vault.bicep', 'utf8')
  const [, days] = /softDeleteRetentionInDays: (\d+)\n/.exec(vault) ?? []
  const section = sectionOf(FILE, 'Delete everything')
  expect(section).toContain(`stays, deleted, for ${days} days,`)
  expect(section).toContain(`stays taken for these ${days} days`)
  expect(readFileSync('infra/main.dev.bicepparam', 'utf8')).toContain(`for ${days} days`)
})
