import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildForBench, loadBuild, type LoadedBuild } from '../../tools/bench/builds.ts'
import { bytesTable, costTable, measureRequests } from '../../tools/bench/request-costs.ts'
import { commonestRequests, run } from '../../tools/bench/requests.ts'
import { sentBytes } from '../../tools/bench/sent-bytes.ts'
import { ROOT } from '../../tools/local-host/function-files.ts'

let directory: string
let build: LoadedBuild

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'scim-bench-'))
  await buildForBench(ROOT, directory)
  build = await loadBuild(directory, undefined)
}, 60_000)

afterAll(() => rm(directory, { recursive: true, force: true }))

test('each of the ten requests costs something, and a build as much as itself beside itself', async () => {
  const said: string[] = []
  const effort = { rounds: 1, roundMilliseconds: 1, warmUp: 1 }
  const costs = await measureRequests([build, build], effort, (text) => said.push(text))
  expect(costs).toHaveLength(10)
  expect(new Set(costs.map(({ request }) => request)).size).toBe(10)
  for (const { cpuMilliseconds, ratio } of costs) {
    expect(cpuMilliseconds).toHaveLength(2)
    for (const each of cpuMilliseconds) expect(each).toBeGreaterThan(0)
    expect(ratio).toBeGreaterThan(0.05)
    expect(ratio).toBeLessThan(20)
  }
  expect(said).toContain('measuring GET /Users/{id} …')
}, 60_000)

test('another answer than the one expected is an error, not a measurement', async () => {
  const [request] = await commonestRequests(build)
  if (request === undefined) throw new Error('no request')
  await expect(run(build, request, request.next())).resolves.toBeUndefined()
  const wrong = run(build, { ...request, status: 201 }, request.next())
  await expect(wrong).rejects.toThrow('users-list: 200 came instead of 201')
})

test('a folder without a build, or without the project, is told in one line', async () => {
  await expect(loadBuild(join(directory, 'none'), undefined)).rejects.toThrow(
    'npm run bench -- build <folder> <into> makes it',
  )
  await expect(buildForBench(tmpdir(), join(directory, 'into'))).rejects.toThrow(
    'is no folder of this project',
  )
})

test('the table has a column for each place, and three where two builds were measured', () => {
  const one = [{ request: 'GET', cpuMilliseconds: [0.5], sentBytes: [0] }]
  expect(costTable([{ place: 'memory', costs: one }])).toMatch(
    /^\| CPU ms a request \| memory \|\n/,
  )
  const two = [{ request: 'GET', cpuMilliseconds: [1, 2], sentBytes: [0, 0], ratio: 0.5 }]
  const table = costTable([{ place: 'memory', costs: two }])
  expect(table).toMatch(/^\| CPU ms a request \| memory \| other \| ratio \|\n/)
  expect(table).toMatch(/\n\| GET +\| +1 \| +2 \| +0\.5 \|$/)
})

test('what is sent to a table service has a table of its own, and what is sent is counted', async () => {
  const memory = {
    place: 'memory',
    costs: [{ request: 'GET', cpuMilliseconds: [1], sentBytes: [0] }],
  }
  expect(bytesTable([memory])).toBeUndefined()
  const cost = { request: 'GET', cpuMilliseconds: [1, 2], sentBytes: [1234, 567], ratio: 0.5 }
  const table = bytesTable([memory, { place: 'azurite', costs: [cost] }])
  expect(table).toMatch(/^\| Bytes sent to the table service a request \| azurite \| other \|\n/)
  expect(table).toMatch(/\n\| GET +\| +1,230 \| +567 \|$/)

  const server = createServer((socket) => socket.resume()).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const before = sentBytes()
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const socket = connect(port, '127.0.0.1')
  socket.end('x'.repeat(700))
  await once(socket, 'close')
  expect(sentBytes() - before).toBe(700)
  server.close()
})
