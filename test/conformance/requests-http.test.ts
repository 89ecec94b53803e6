import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, test } from 'vitest'
import { SCIM_PATH } from '../../lib/http/routes.ts'
import { isObject } from '../../lib/scim/json.ts'
import { BASE_URL, memoryApp, type MemoryApp } from '../support/memory-app.ts'
import type { Answer } from './answer.ts'

/** A request of requests.http, with its variables as they stand there. */
interface WrittenRequest {
  readonly title: string
  /** What its answer is referred to by. */
  readonly name: string | undefined
  readonly status: number
  /** What the answer has. */
  readonly text: string
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

const [head = '', ...blocks] = readFileSync('requests.http', 'utf8').split(/^### ?/m)
const requests = blocks.map(parse)

function parse(block: string): WrittenRequest {
  const [title = '', ...lines] = block.split('\n')
  const from = lines.findIndex((line) => !line.startsWith('#'))
  const comments = lines.slice(0, from).join('\n')
  const [, status = '', text = ''] = /^# @expect (\d{3})(?: (.*))?$/m.exec(comments) ?? []
  const [, method = '', url = ''] = /^([A-Z]+) (\S+)$/.exec(lines[from] ?? '') ?? []
  const blank = lines.indexOf('', from)
  const fields = lines.slice(from + 1, blank).map((line) => line.split(/: /, 2))
  return {
    title,
    name: /^# @name (\w+)$/m.exec(comments)?.[1],
    status: Number(status),
    text,
    method,
    url,
    headers: Object.fromEntries(
      fields.map(([field = '', value = '']) => [field.toLowerCase(), value]),
    ),
    body: lines
      .slice(blank + 1)
      .join('\n')
      .trim(),
  }
}

/** The variables at the head, in the form in which they are written. */
const variables = new Map(
  [...head.matchAll(/^@(\w+) = (.*)$/gm)].map(([, name = '', value = '']) => [name, value]),
)

let app: MemoryApp
let secretToken: string
const answers = new Map<string, Answer>()
beforeAll(async () => {
  app = await memoryApp()
  secretToken = (await app.tenant('requests-http')).secretToken
})

function memberOf({ body }: Answer, name: string): string {
  const json: unknown = JSON.parse(body)
  const value = isObject(json) ? json[name] : undefined
  if (typeof value !== 'string') throw new Error(`An answer has no text ${name}.`)
  return value
}

/** Fills in the variables, those that are taken from answers, too. @throws Error for one that is nowhere */
function filled(text: string): string {
  return text.replace(/\{\{(.+?)\}\}/g, (_, name: string) => {
    if (name === 'tenantUrl') return BASE_URL
    if (name === 'secretToken') return secretToken
    const [, request = '', member = ''] = /^(\w+)\.response\.body\.\$\.(\w+)$/.exec(name) ?? []
    const answer = answers.get(request)
    if (answer !== undefined) return memberOf(answer, member)
    const value = variables.get(name)
    if (value === undefined) throw new Error(`requests.http has no variable ${name}`)
    return filled(value)
  })
}

describe('requests.http', () => {
  test('has the Tenant URL of npm start and a Secret Token at its head', () => {
    expect(variables.get('tenantUrl')).toBe(`http://localhost:7071${SCIM_PATH}`)
    expect(variables.get('secretToken')).toMatch(/^scim_demo_/)
  })

  test('has only requests that say what they are answered', () => {
    expect(requests.length).toBeGreaterThan(20)
    expect(requests.filter(({ method, status }) => method === '' || !(status >= 200))).toEqual([])
  })

  test.each(requests)('$title: $status', async (request) => {
    const { name, status, text, method, url, headers, body } = request
    const answer = await app.send({
      method,
      path: filled(url).slice(BASE_URL.length),
      headers: Object.fromEntries(
        Object.entries(headers).map(([field, value]) => [field, filled(value)]),
      ),
      ...(body === '' ? {} : { body: filled(body) }),
    })
    expect(answer).toMatchObject({ status })
    expect(answer.body).toContain(filled(text))
    if (name !== undefined) answers.set(name, answer)
  })
})
