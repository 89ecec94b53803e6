import { readFileSync, globSync } from 'node:fs'
import { beforeAll, expect, test } from 'vitest'
import { USER } from '../../../lib/scim/default-resource-types.ts'
import { DEFAULT_LAYOUTS } from '../../../lib/storage/layout.ts'
import { declareAttribute } from '../../../lib/people/declare.ts'
import { NO_COUNTS } from '../../../lib/storage/activity-port.ts'
import { createTenant, requireTenant } from '../../../lib/tenants/tenants.ts'
import { issueToken } from '../../../lib/tenants/tokens.ts'
import { issueCredential } from '../../../lib/tenants/credentials.ts'
import type { Stores } from '../../../lib/runtime.ts'
import { storesOn } from '../../support/backup.ts'
import { STEPS, take } from '../../support/backup-history.ts'
import { tableRows } from '../../support/documents.ts'
import { tableService } from '../../support/table-service/service.ts'

/*
 * docs/operations.md says of each kind of rows what the export makes of it. Which kinds there are is told by the code: by the
 * files that make keys, and by what the stores write of a tenant that goes through all that there is.
 */

const TOLD = tableRows('docs/operations.md', 'What is in the file').map(
  ([tables = '', families = '', said = '']) => ({
    tables: tables.split(', '),
    families: [...families.matchAll(/`(\w+)`/g)].map(([, family = '']) => family),
    said,
  }),
)

const told = new Set(
  TOLD.flatMap(({ tables, families }) =>
    tables.flatMap((table) => families.map((family) => `${table} ${family}`)),
  ),
)

const toldFamilies = new Set(TOLD.flatMap(({ families }) => families))

const NOW = new Date('2026-11-28T08:00:00.000Z')

/** What a request names of rows: `users user`, and `tenants _keys` where the partition says what the row is. */
function familiesIn(url: string, body: string): readonly string[] {
  const text = `${decodeURIComponent(url)}\n${decodeURIComponent(body.replaceAll(/%(?![0-9A-F]{2})/g, '%25'))}`
  const table = /\/(tenants|users|groups)\b/.exec(text)?.[1] ?? ''
  const partitions = [...text.matchAll(/PartitionKey(?:=|":)['"](_\w+)/g)].map(([, one]) => one)
  const keys = [...text.matchAll(/RowKey(?:=|":)['"](\w+)/g)].map(([, key]) => key)
  return (partitions.length > 0 ? partitions : keys).map((family) => `${table} ${family ?? ''}`)
}

const written = new Set<string>()

beforeAll(async () => {
  const service = tableService()
  const spied = {
    ...service,
    sendRequest: async (request: Parameters<typeof service.sendRequest>[0]) => {
      const body = typeof request.body === 'string' ? request.body : ''
      if (request.method !== 'GET' && !request.url.includes('/Tables')) {
        for (const family of familiesIn(request.url, body)) written.add(family)
      }
      return service.sendRequest(request)
    },
  }
  await allThatThereIs(await storesOn(spied))
})

/** So that there is somebody whom the other steps are about. */
const FIRST = ['come', 'found', 'join', 'gather', 'take', 'hide', 'come'] as const

/** A tenant that goes through everything that leaves rows. */
async function allThatThereIs(stores: Stores): Promise<void> {
  const { tenants, activity, maintenance, partitions } = stores
  const id = 'acme'
  await createTenant(tenants, { id, now: NOW })
  await issueToken(tenants, id, { now: NOW })
  const entraTenantId = '9122040d-6c67-4c5b-b112-36a304b66dad'
  await issueCredential(tenants, id, { kind: 'entra', entraTenantId }, NOW)
  await declareAttribute(
    { store: tenants, resourceType: USER },
    id,
    { id: 'badge', unique: true },
    NOW,
  )
  await declareAttribute(
    { store: tenants, resourceType: USER },
    id,
    { id: 'costCentre', indexed: true },
    NOW,
  )
  for (const place of [0, 1, 2]) {
    for (const does of [...FIRST, ...STEPS]) {
      if (does === 'withdraw') continue
      await take(stores, id, { does, name: place, other: 0, place })
    }
  }
  const tenant = await requireTenant(tenants, id)
  const author = { actor: 'cli' }
  const refusal = {
    status: 400,
    reason: 'invalidValue',
    verb: 'POST',
    author,
    detail: '',
    requestId: 'r',
  }
  const at = NOW.toISOString()
  await activity.noteRefusals(tenant, 'abcdefgh', [
    { ...refusal, fingerprint: 'more', end: NOW.getTime(), first: at, at, count: 1 },
  ])
  const [day, hour] = [at.slice(0, 10), at.slice(0, 13)]
  const days = [{ day, connections: [], attributes: [], more: 0 }]
  const hours = [{ hour, ...NO_COUNTS }]
  await activity.noteUse(tenant, { instance: 'abcdefgh', activity: {}, hours, days })
  await activity.notePeople(tenant, { day, users: 1, groups: 1 })
  await maintenance.acquire('a run', NOW, NOW)
  await partitions.note({ partitionKey: 'nobody', found: at })
  await tenants.addAccessKey({ kid: 'k', jwk: {}, use: 'access', created: at })
}

test('a tenant that goes through everything leaves rows of many kinds', () => {
  expect(written.size).toBeGreaterThan(35)
})

test('each kind of rows that is written is in the table', () => {
  expect([...written].filter((family) => !told.has(family)).toSorted()).toEqual([])
})

test('the table has no kind of rows that nobody writes', () => {
  expect([...told].filter((family) => !written.has(family)).toSorted()).toEqual([])
})

test('each family that a key is made of is in the table, whether anything writes it here or not', () => {
  const files = globSync('lib/storage/*keys.ts').toSorted()
  expect(files).toContain('lib/storage/team-keys.ts')
  const text = files.map((file) => readFileSync(file, 'utf8')).join('\n')
  const source = text.replaceAll(/\/\*[^]*?\*\/|\/\/.*/g, '')
  const made = [...source.matchAll(/['`](?:\$\{prefix\})?([a-zA-Z]+):/g)].map(
    ([, family]) => family,
  )
  const [, counts = ''] = /CountFamily = (.*)/.exec(source) ?? []
  const counted = [...counts.matchAll(/'(\w+)'/g)].map(([, family]) => family)
  const inLayouts = [
    ...DEFAULT_LAYOUTS.map(({ family }) => family),
    ...DEFAULT_LAYOUTS.flatMap(({ indexes }) => Object.values(indexes)),
  ]
  // In the partitions that are no tenant's, which stand for them.
  const ofPartitions = new Set(['entra', 'key', 'task'])
  const families = [...made, ...counted, ...inLayouts].filter(
    (each) => !ofPartitions.has(each ?? ''),
  )
  expect(families.length).toBeGreaterThan(30)
  expect(families.filter((family) => !toldFamilies.has(family ?? ''))).toEqual([])
})

test('each kind that is left out is so for a reason', () => {
  for (const { said } of TOLD) {
    expect(said).toMatch(
      /^(?:left out: \S.*|the first line\b.*|in the .*|a line .*|lines .*|the same.*)$/,
    )
  }
})
