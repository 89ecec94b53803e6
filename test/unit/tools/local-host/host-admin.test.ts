import { app, type Timer } from '@azure/functions'
import { describe, expect, test } from 'vitest'
import type { Host, HostOptions } from '../../../../tools/local-host/host.ts'
import { memoryStatuses } from '../../../../tools/local-host/timer-statuses.ts'
import { logged, sampleHost, send } from '../../../support/sample-host.ts'

const KEYS = {
  master: 'the master key',
  host: 'the host key',
  functions: { 'clean-up': 'a key of its own' },
}

/** The host with a timer, whose handler gets what it is called with. */
function timerHost(handler: (timer: Timer) => unknown, options: HostOptions = {}): Promise<Host> {
  return sampleHost(
    () => {
      app.timer('Clean-up', { schedule: '0 */5 * * * *', handler })
      app.http('plain', { handler: () => ({ body: 'plain' }) })
    },
    'api',
    { keys: KEYS, ...options },
  )
}

describe('a timer', () => {
  test('is told whether it is past due, and its runs', async () => {
    const statuses = memoryStatuses()
    const seenBy: Timer[] = []
    const host = await timerHost((timer) => void seenBy.push(timer), { statuses })
    const [timer] = host.timers
    if (timer === undefined) throw new Error('there is no timer')
    await host.run(timer, false)
    await statuses.set('Clean-up', { last: 'a', next: 'b', lastUpdated: 'c' })
    await host.run(timer, true)
    const schedule = { adjustForDST: true }
    expect(seenBy).toEqual([
      { isPastDue: false, schedule, scheduleStatus: null },
      { isPastDue: true, schedule, scheduleStatus: { last: 'a', next: 'b', lastUpdated: 'c' } },
    ])
  })

  test('that fails is logged as a request that fails, without the message', async () => {
    const host = await timerHost(() => Promise.reject(new RangeError('secret')))
    const [timer] = host.timers
    if (timer === undefined) throw new Error('there is no timer')
    await host.run(timer, false)
    expect(logged.join('\n')).toMatch(/^error system Executed 'Clean-up' \(Failed\): RangeError\n/m)
    expect(logged.join('\n')).not.toContain('secret')
  })

  test('has no route', async () => {
    const host = await timerHost(() => undefined)
    expect((await send(host, 'GET', '/api/Clean-up')).status).toBe(404)
  })
})

describe('POST /admin/functions/{name}', () => {
  const MASTER = { 'x-functions-key': 'the master key', 'content-type': 'application/json' }

  /** What came back, and how often the timer ran. */
  async function posted(
    target: string,
    body: string,
    headers: Record<string, string> = MASTER,
    method = 'POST',
  ): Promise<readonly [status: number, runs: number]> {
    let runs = 0
    const host = await timerHost(() => void (runs += 1))
    const response = await send(host, method, target, { headers, body })
    expect(response.body).toHaveLength(0)
    await new Promise(setImmediate)
    return [response.status, runs]
  }

  test.each([
    ['/admin/functions/Clean-up', '{}'],
    ['/admin/functions/clean-up/', '{"input":""}'],
    ['/ADMIN/Functions/CLEAN-UP', '{"input":null}'],
    ['/admin/functions/Clean-up?code=wrong', '{}'],
  ])('runs it once: %s %s', async (target, body) => {
    expect(await posted(target, body)).toEqual([202, 1])
  })

  test.each([
    ['no name that there is', '/admin/functions/nope', '{}', 404],
    ['an HTTP function', '/admin/functions/plain', '{}', 404],
    ["another of the host's APIs", '/admin/host/status', '', 404],
    ['no body', '/admin/functions/Clean-up', '', 400],
    ['a list', '/admin/functions/Clean-up', '[]', 400],
    ['an input that is no text', '/admin/functions/Clean-up', '{"input":{}}', 400],
  ])('%s is none', async (_case, target, body, status) => {
    expect(await posted(target, body)).toEqual([status, 0])
  })

  test('wants JSON, and POST', async () => {
    const { 'content-type': _, ...key } = MASTER
    const target = '/admin/functions/Clean-up'
    expect(await posted(target, '{}', key)).toEqual([400, 0])
    expect(await posted(target, '{}', MASTER, 'GET')).toEqual([404, 0])
  })

  test.each([
    ['none', {}],
    ['the host key', { 'x-functions-key': 'the host key' }],
    ["a function's own", { 'x-functions-key': 'a key of its own' }],
  ])('wants the master key: %s', async (_case, key) => {
    const headers = { 'content-type': 'application/json', ...key }
    for (const name of ['Clean-up', 'nope']) {
      expect(await posted(`/admin/functions/${name}`, '{}', headers)).toEqual([401, 0])
    }
  })

  test('answers before the run is over', async () => {
    const host = await timerHost(() => new Promise(() => {}))
    const response = await send(host, 'POST', '/admin/functions/Clean-up', {
      headers: MASTER,
      body: '{}',
    })
    expect(response.status).toBe(202)
  })
})
