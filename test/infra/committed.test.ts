import { globSync, readFileSync } from 'node:fs'
import type { TableClient } from '@azure/data-tables'
import { expect, test } from 'vitest'
import { LOCAL_SETTING_NAMES, SETTING_NAMES } from '../../lib/config.ts'
import { openTables, TABLE_NAMES } from '../../lib/storage/table/tables.ts'
import { RUN_SECONDS } from '../../lib/tenants/maintenance.ts'
import { checkCommitted } from '../../tools/infra-check/check.ts'
import { at, named, ofType } from '../../tools/infra-check/deployment.ts'
import { DEPLOYED } from '../../tools/infra-check/snapshots.ts'
import { ROOT } from '../../tools/local-host/function-files.ts'
import { parseSchedule } from '../../tools/local-host/schedule.ts'

/** What needs no compiler: test/infra/compiled.test.ts holds the snapshots to infra/. */

const { deployments, findings } = checkCommitted(ROOT)

test('the committed snapshots keep all rules', () => {
  expect(deployments.map(({ name }) => name)).toEqual(DEPLOYED.map(({ name }) => name))
  expect(findings).toEqual([])
})

test('the tables that are made are those that the app opens', async () => {
  const connection = {
    kind: 'connectionString',
    connectionString: 'UseDevelopmentStorage=true',
  } as const
  const opened = Object.values(await openTables(connection)).map(
    ({ tableName }: TableClient) => tableName,
  )
  expect(opened).toEqual([...TABLE_NAMES])
})

test('settings that are not deployed are settings', () => {
  expect(LOCAL_SETTING_NAMES.filter((name) => !SETTING_NAMES.includes(name))).toEqual([])
})

test.each(deployments)('$name: names keep the limits of Azure', (deployment) => {
  const limits = [
    ['Storage/storageAccounts', /^[a-z0-9]{3,24}$/],
    ['KeyVault/vaults', /^[a-zA-Z](?!.*--)[a-zA-Z0-9-]{1,22}[a-zA-Z0-9]$/],
    // The host tells apps apart by the first 32 characters.
    ['Web/sites', /^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])$/],
  ] as const
  for (const [type, limit] of limits) {
    for (const { name } of ofType(deployment, type)) expect(name).toMatch(limit)
  }
})

test.each(deployments)('$name: whatever has tags says what it is of', (deployment) => {
  const tagged = deployment.resources.filter((resource) => at(resource, 'tags') !== undefined)
  expect(tagged.length).toBeGreaterThan(7)
  expect(tagged.filter((each) => at(each, 'tags.azd-env-name') === undefined)).toEqual([])
})

test.each(deployments)('$name: all that a network leads to is closed to others', (deployment) => {
  const isPrivate = ofType(deployment, 'Network/privateEndpoints').length > 0
  const opened = [
    ...ofType(deployment, 'Storage/storageAccounts'),
    ...ofType(deployment, 'KeyVault/vaults'),
  ].map((resource) => at(resource, 'properties.networkAcls.defaultAction'))
  expect(new Set(opened)).toEqual(new Set([isPrivate ? 'Deny' : 'Allow']))
})

test.each(['restricted', 'every-option'])('%s: URLs have the host that customers call', (name) => {
  const deployment = deployments.find((each) => each.name === name)
  if (deployment === undefined) throw new Error(`There is no snapshot ${name}.`)
  const settings = named(deployment, 'Web/sites/config', '/appsettings')
  const set = settings === undefined ? undefined : at(settings, 'properties.PUBLIC_BASE_URL')
  for (const url of [deployment.outputs['tenantUrl'], set]) {
    expect(url).toContain('scim.example.com')
    expect(url).toContain('/api/scim')
  }
  expect(deployment.outputs['healthUrl']).toContain('scim.example.com')
})

/** What Flex Consumption gives each month: docs/operations.md reckons with it, too. */
const FREE_GB_SECONDS = 100_000

/** Of each execution that many are paid for at least. */
const SHORTEST_SECONDS = 1

test('the timer comes by a schedule that the plan can afford', () => {
  const timers = globSync('functions/**/*.ts').flatMap(
    (file) => /schedule: '([^']+)'/.exec(readFileSync(file, 'utf8'))?.[1] ?? [],
  )
  expect(timers).toHaveLength(1)
  for (const text of timers) {
    const schedule = parseSchedule(text)
    const first = schedule.next(new Date('2027-01-01T00:00:00Z'))
    const pause = (schedule.next(first).getTime() - first.getTime()) / 1000
    // A run ends before the next begins.
    expect(pause).toBeGreaterThan(2 * RUN_SECONDS)
    const runs = (31 * 24 * 60 * 60) / pause
    expect(runs * SHORTEST_SECONDS * 2).toBeLessThan(FREE_GB_SECONDS / 2)
  }
})
