import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startApp, type RunningApp } from './running-app.ts'

let app: RunningApp

beforeAll(async () => {
  app = await startApp()
})

afterAll(() => app.stop())

interface Ran {
  readonly code: unknown
  readonly out: string
  readonly err: string
}

function script(args: readonly string[], settings: Record<string, string> = {}): Promise<Ran> {
  const env = { PATH: process.env['PATH'], ...settings }
  return new Promise((resolve) => {
    execFile('bash', ['tools/life-of-a-user.sh', ...args], { env }, (error, out, err) => {
      resolve({ code: error === null ? 0 : error.code, out, err })
    })
  })
}

/** The status of each step, as it is shown. */
function shownStatuses(out: string): string[] {
  return [...out.matchAll(/^ {3}-> (\d{3})/gm)].map(([, status = '']) => status)
}

test('tools/life-of-a-user.sh lives a whole life, and leaves nothing', async () => {
  const { baseUrl: TENANT_URL, token: SECRET_TOKEN } = app
  for (const [args, settings] of [
    [[`${TENANT_URL}/?aadOptscim062020`, SECRET_TOKEN], {}],
    [[], { TENANT_URL, SECRET_TOKEN }],
  ] as const) {
    const ran = await script(args, settings)
    expect(ran).toMatchObject({ code: 0, err: '' })
    expect(shownStatuses(ran.out)).toEqual(['200', '201', '200', '200', '200', '200', '204', '404'])
    expect(ran.out).toMatch(/\nAll as it should be\.\n$/)
    expect(ran.out).not.toContain(SECRET_TOKEN)
  }
  const left = await app.send({
    method: 'GET',
    path: '/Users?count=0',
    headers: { authorization: `Bearer ${SECRET_TOKEN}` },
  })
  expect(left.body).toContain('"totalResults":0')
})

test('it ends at the first answer that is not as it should be', async () => {
  const wrong = await script([app.baseUrl, `${app.token}x`])
  expect(wrong).toMatchObject({ code: 1, err: 'FAILED at step 1: expected 200, got 401\n' })
  expect(shownStatuses(wrong.out)).toEqual(['401'])
  const nowhere = await script(['http://localhost:1/api/scim', app.token])
  expect(nowhere.code).toBe(1)
  expect(nowhere.err).toMatch(/^curl: .*\nFAILED at step 1: no answer\n$/)
})

test('a life that goes wrong is taken away again', async () => {
  const seen: string[] = []
  const answers: Readonly<Record<string, readonly [number, string]>> = {
    POST: [201, '{"id":"1"}'],
    PATCH: [500, '{}'],
  }
  const server = createServer((request, response) => {
    seen.push(`${request.method} ${request.url?.split('?')[0]}`)
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => {
      const total = seen.some((line) => line.startsWith('POST')) ? 1 : 0
      const [status, text] = answers[request.method ?? ''] ?? [200, `{"totalResults":${total}}`]
      // The new user's name comes back.
      response.writeHead(status).end(text + body)
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  const ran = await script([`http://127.0.0.1:${port}`, 'token'])
  server.close()
  expect(ran).toMatchObject({ code: 1, err: 'FAILED at step 4: expected 200, got 500\n' })
  expect(seen).toEqual([
    'GET /Users',
    'POST /Users',
    'GET /Users',
    'PATCH /Users/1',
    'DELETE /Users/1',
  ])
})

test('it tells how it is called', async () => {
  const { code, err } = await script([])
  expect(code).toBe(2)
  expect(err).toMatch(/^usage: tools\/life-of-a-user\.sh /)
})
