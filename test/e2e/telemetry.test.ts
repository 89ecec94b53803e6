import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { METRICS } from '../../lib/telemetry/metrics.ts'
import { formatSecretToken, newSecret } from '../../lib/tenants/secret-token.ts'
import { writeBundle } from '../../tools/bundle.ts'
import { ROOT } from '../../tools/local-host/function-files.ts'

/** The built app sends its metrics to an endpoint on this machine. */

const TENANT = 'contoso-of-nobody'
const SECRET = newSecret()
const TOKEN = formatSecretToken({ tenantId: TENANT, tokenId: 'abcdefghijkl', secret: SECRET })
const FILTER = 'userName eq "ada.lovelace@example.com"'

/** Longer than the app waits before it sends for the first time. */
const PAST_FIRST_SENDING = 5_500

let directory: string
const servers: Server[] = []

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'telemetry-'))
  await writeBundle(directory)
})

afterAll(async () => {
  for (const server of servers) {
    server.closeAllConnections()
    server.close()
  }
  await rm(directory, { recursive: true })
})

async function listening(listener: RequestListener): Promise<Server> {
  const server = createServer(listener)
  servers.push(server)
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  return server
}

function urlOf(server: Server): string {
  const address = server.address()
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
}

/** A table service without a row, which is too busy for the first look-up of the tenant. */
function busyOnce(): RequestListener {
  let lookUps = 0
  return ({ url = '' }, response) => {
    if (url.includes(TENANT)) lookUps += 1
    response.writeHead(lookUps === 1 ? 503 : 200, { 'content-type': 'application/json' })
    response.end('{"value":[]}')
  }
}

/** What an endpoint was sent. */
interface Received {
  readonly headers: IncomingMessage['headers']
  readonly url: string
  readonly body: string
}

/** An endpoint that takes all there is. */
function taking(received: Received[]): RequestListener {
  return (request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { headers, url = '' } = request
      const sent = Buffer.concat(chunks)
      const body = headers['content-encoding'] === 'gzip' ? gunzipSync(sent) : sent
      received.push({ headers, url, body: body.toString() })
      response.setHeader('content-type', 'application/json')
      response.end('{"itemsReceived":1,"itemsAccepted":1,"errors":[]}')
    })
  }
}

const ASKED = z.object({ statuses: z.array(z.int()), longest: z.number() })
const OUTCOME = z.object({ first: ASKED, second: ASKED, ended: z.number() })

/** Runs the built app, whose only way out of this machine is a port at which nobody listens. */
async function run(
  settings: Readonly<Record<string, string>>,
  { pause = 0 }: { readonly pause?: number } = {},
): Promise<z.infer<typeof OUTCOME> & { readonly stderr: string }> {
  const tables = urlOf(await listening(busyOnce()))
  const script = ['test/support/telemetry-probe.ts', directory, TOKEN, FILTER, String(pause)]
  const { stdout, stderr } = await promisify(execFile)(process.execPath, script, {
    cwd: ROOT,
    env: {
      HTTPS_PROXY: 'http://127.0.0.1:1',
      NO_PROXY: '127.0.0.1',
      TABLES_CONNECTION_STRING: `DefaultEndpointsProtocol=http;AccountName=nobody;AccountKey=bm9ib2R5;TableEndpoint=${tables}/nobody`,
      PUBLIC_BASE_URL: 'https://scim.example/api/scim',
      ...settings,
    },
  })
  return { ...OUTCOME.parse(JSON.parse(stdout)), stderr }
}

function connectionTo(endpoint: string): {
  readonly APPLICATIONINSIGHTS_CONNECTION_STRING: string
} {
  const key = '00000000-0000-4000-8000-000000000000'
  const text = `InstrumentationKey=${key};IngestionEndpoint=${endpoint}/`
  return { APPLICATIONINSIGHTS_CONNECTION_STRING: text }
}

const ENVELOPES = z.array(
  z.strictObject({
    ver: z.literal(1),
    name: z.literal('Microsoft.ApplicationInsights.Metric'),
    time: z.iso.datetime(),
    sampleRate: z.literal(100),
    iKey: z.string(),
    tags: z.record(z.string(), z.string()),
    data: z.strictObject({
      baseType: z.literal('MetricData'),
      baseData: z.strictObject({
        ver: z.literal(2),
        metrics: z.tuple([
          z.strictObject({
            name: z.enum(Object.keys(METRICS)),
            kind: z.literal('Aggregation'),
            value: z.number(),
            count: z.literal(1),
            min: z.number(),
            max: z.number(),
          }),
        ]),
        properties: z.strictObject({ kind: z.enum(Object.values(METRICS).flat()) }),
      }),
    }),
  }),
)

function envelopesOf(received: readonly Received[]): z.infer<typeof ENVELOPES> {
  return received.flatMap(({ body }) => ENVELOPES.parse(JSON.parse(body)))
}

/** The sums that arrived, by `metric: kind`. */
function sumsOf(received: readonly Received[]): Readonly<Record<string, number>> {
  const sums: Record<string, number> = {}
  for (const { data } of envelopesOf(received)) {
    const [{ name, value }] = data.baseData.metrics
    const key = `${name}: ${data.baseData.properties.kind}`
    sums[key] = (sums[key] ?? 0) + value
  }
  return sums
}

const ALL = {
  'credentials.lookUps: read': 1,
  'credentials.lookUps: cached': 79,
  'storage.retries: busy': 1,
  'storage.throttles: busy': 1,
}

describe.concurrent('the built app', () => {
  test('sends what it has counted when it stops, as metrics alone, with nothing of anybody', async () => {
    const received: Received[] = []
    const endpoint = urlOf(await listening(taking(received)))
    const { ended, stderr } = await run(connectionTo(endpoint))
    expect(stderr).toBe('')
    expect(ended).toBeLessThan(3_500)
    expect(sumsOf(received)).toEqual(ALL)
    const texts = received.map(({ url, headers, body }) => url + JSON.stringify(headers) + body)
    for (const personal of [TENANT, SECRET, 'lovelace', 'example.com']) {
      expect(texts.join()).not.toContain(personal)
    }
    const [envelope] = envelopesOf(received)
    const { 'ai.internal.sdkVersion': _, ...tags } = envelope?.tags ?? {}
    expect(tags).toEqual({
      'ai.cloud.role': 'scim-endpoint',
      'ai.cloud.roleInstance': 'local',
    })
  })

  test('begins to send by itself, some seconds after the first answer', async () => {
    const received: Received[] = []
    const endpoint = urlOf(await listening(taking(received)))
    await run(connectionTo(endpoint), { pause: PAST_FIRST_SENDING })
    expect(received.length).toBeGreaterThan(1)
    expect(sumsOf(received)).toEqual(ALL)
  })

  test('authenticates by its identity where ingestion takes nothing else', async () => {
    const received: Received[] = []
    const asked: Received[] = []
    const endpoint = urlOf(await listening(taking(received)))
    const identity = urlOf(
      await listening(({ headers, url = '' }, response) => {
        asked.push({ headers, url, body: '' })
        response.setHeader('content-type', 'application/json')
        response.end(
          '{"access_token":"a-token-of-the-app","expires_on":"4102444800","resource":"x","token_type":"Bearer"}',
        )
      }),
    )
    await run({
      ...connectionTo(endpoint),
      APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=the-client-id;Authorization=AAD',
      IDENTITY_ENDPOINT: `${identity}/token`,
      IDENTITY_HEADER: 'header',
      WEBSITE_SITE_NAME: 'func-scim-prod',
      WEBSITE_INSTANCE_ID: 'instance-1',
    })
    expect(asked[0]?.url).toContain('client_id=the-client-id')
    expect(received[0]?.headers.authorization).toBe('Bearer a-token-of-the-app')
    expect(sumsOf(received)).toEqual(ALL)
    expect(envelopesOf(received)[0]?.tags).toMatchObject({
      'ai.cloud.role': 'func-scim-prod',
      'ai.cloud.roleInstance': 'instance-1',
    })
  })

  test('sends nothing, and loads nothing for it, where there is no Application Insights', async () => {
    const { first, ended } = await run({})
    expect(first.statuses).toEqual([401])
    expect(ended).toBeLessThan(250)
  })
})

const ENDPOINTS: Readonly<Record<string, () => Promise<string>>> = {
  hangs: async () => urlOf(await listening(() => undefined)),
  refuses: async () => 'http://127.0.0.1:1',
  fails: async () =>
    urlOf(
      await listening((_, response) => {
        response.writeHead(500).end()
      }),
    ),
}

describe.concurrent.each(Object.entries(ENDPOINTS))('an endpoint that %s', (_, open) => {
  test('costs no request anything, and the app its end a few seconds at most', async () => {
    const endpoint = await open()
    const { first, second, ended, stderr } = await run(connectionTo(endpoint), {
      pause: PAST_FIRST_SENDING,
    })
    expect(stderr).toBe('')
    expect(first.statuses).toEqual([401])
    expect(second.statuses).toEqual([401])
    // All of them together would be far longer if one waited.
    expect(second.longest).toBeLessThan(1_000)
    expect(ended).toBeLessThan(4_000)
  })
})
