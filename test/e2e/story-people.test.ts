import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createServer, request as httpRequest, type Server } from 'node:http'
import { once } from 'node:events'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import * as z from 'zod'
import { startApp, type RunningApp } from './running-app.ts'

let app: RunningApp

beforeAll(async () => {
  app = await startApp()
})

afterAll(() => app.stop())

let proxy: Server | undefined

afterEach(() => {
  proxy?.close()
  proxy?.closeAllConnections()
})

interface Ran {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** Runs the tool against the app, or what stands before it. */
function story(args: readonly string[], origin = new URL(app.baseUrl).origin): Promise<Ran> {
  const env = { ...process.env, MANAGE_KEY: app.functionKey }
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      ['tools/story-people.ts', '--url', origin, ...args],
      { env },
      (_, out, err) => resolve({ code: child.exitCode, out, err }),
    )
  })
}

/** The table below a heading. */
function rowsBelow(out: string, heading: string): readonly string[] {
  const [, table = ''] = out.split(`\n${heading}\n\n`)
  const [rows = ''] = table.split('\n\n')
  return rows.split('\n').slice(1)
}

/** Name, position, level, manager and teams. */
const BEFORE = [
  ['Amara Okoye', 'Managing Director', 'Director', '-', 'Leadership team'],
  [
    'Lars Holmgren',
    'Head of Operations',
    'Lead',
    'Amara Okoye',
    'Leadership team, Operations team',
  ],
  ['Mei Tanaka', 'Head of Sales', 'Lead', 'Amara Okoye', 'Leadership team, Sales team'],
  ['Diego Salazar', 'Account Manager', 'Senior', 'Mei Tanaka', 'Sales team'],
  ['Fatima El Amrani', 'Account Manager', 'Senior', 'Mei Tanaka', 'Product team, Sales team'],
  ['Priya Raman', 'Head of Product', 'Lead', 'Amara Okoye', 'Leadership team, Product team'],
  ['Zofia Wójcik', 'Designer', 'Senior', 'Priya Raman', 'Product team'],
  ['Noah Becker', 'Product Analyst', 'Junior', 'Priya Raman', 'Product team'],
  ['Tomás O’Brien', 'Office Manager', 'Senior', 'Lars Holmgren', 'Operations team'],
  ['Aisha Bello', 'Planner', 'Junior', 'Tomás O’Brien', 'Operations team'],
  ['Kwame Mensah', 'Planner', 'Junior', 'Tomás O’Brien', 'Operations team'],
  ['Ines Duarte', 'Account Manager', 'Junior', 'Mei Tanaka', 'Sales team'],
] as const

const AFTER = [
  ['Amara Okoye', 'Managing Director', 'Director', '-', 'Leadership team'],
  [
    'Lars Holmgren',
    'Head of Operations',
    'Lead',
    'Amara Okoye',
    'Leadership team, Operations team',
  ],
  ['Mei Tanaka', 'Head of Sales', 'Lead', 'Amara Okoye', 'Leadership team, Mentors, Sales team'],
  ['Diego Salazar', 'Account Manager', 'Senior', 'Mei Tanaka', 'Sales team'],
  ['Fatima El Amrani', 'Key Account Manager', 'Senior', 'Mei Tanaka', 'Sales team'],
  [
    'Priya Raman',
    'Head of Product',
    'Lead',
    'Amara Okoye',
    'Leadership team, Mentors, Product team',
  ],
  ['Zofia Lindqvist', 'Designer', 'Senior', 'Priya Raman', 'Product team'],
  ['Noah Becker', 'Product Analyst', 'Junior', 'Priya Raman', 'Mentors, Sales team'],
  ['Aisha Bello', 'Planner', 'Junior', '-', 'Operations team'],
  ['Kwame Mensah', 'Planner', 'Junior', 'Lars Holmgren', 'Operations team'],
  ['Ines Duarte', 'Account Manager', 'Junior', 'Mei Tanaka', 'Sales team'],
] as const

/** Of a row what the tables above have. */
function cellsOf(row: string): readonly string[] {
  const [name = '', , position = '', level = '', manager = '', , , , teams = ''] =
    row.split(/ {2,}/)
  return [name, position, level, manager, teams]
}

const PEOPLE = z.object({
  items: z.array(
    z.looseObject({
      email: z.string(),
      firstName: z.string(),
      lastName: z.string(),
      position: z.string(),
      level: z.string(),
      status: z.string(),
      weeklyHours: z.number(),
      firstAider: z.boolean(),
      contract: z.string(),
      manager: z.object({ name: z.string(), exists: z.literal(true) }).exactOptional(),
      teams: z.array(z.object({ name: z.string() })),
    }),
  ),
})

async function manage(path: string): Promise<unknown> {
  const { origin } = new URL(app.baseUrl)
  const headers = { 'x-functions-key': app.functionKey }
  return (await fetch(`${origin}/api/manage/tenants${path}`, { headers })).json()
}

const TENANTS = z.object({ items: z.array(z.object({ id: z.string() })) })

/** The tenants of stories that nobody has deleted. */
async function tenantsLeft(): Promise<readonly string[]> {
  const { items } = TENANTS.parse(await manage('?q=story-&status=enabled'))
  return items.map(({ id }) => id)
}

test('the story is played, and the people are what it shows', async () => {
  const { code, out, err } = await story(['--keep'])
  expect({ code, err }).toEqual({ code: 0, err: '' })
  expect(rowsBelow(out, 'People before').map(cellsOf)).toEqual(BEFORE)
  expect(rowsBelow(out, 'People after').map(cellsOf)).toEqual(AFTER)
  const [, id = ''] = /\nTenant (story-[0-9a-f]{12}) is left\n$/.exec(out) ?? []
  const { items } = PEOPLE.parse(await manage(`/${id}/people`))
  const byName = new Map(items.map((each) => [`${each.firstName} ${each.lastName}`, each]))
  for (const [name, position, level, manager, teams] of AFTER) {
    const person = byName.get(name)
    expect([name, person?.position, person?.level]).toEqual([name, position, level])
    expect(person?.manager?.name ?? '-').toBe(manager)
    expect(
      person?.teams
        .map((team) => team.name)
        .toSorted()
        .join(', '),
    ).toBe(teams)
  }
  expect(items).toHaveLength(AFTER.length)
  expect(byName.get('Diego Salazar')?.email).toBe('diego.salazar-ruiz@contoso.example')
  const { contract, weeklyHours, firstAider, status } = byName.get('Fatima El Amrani') ?? {}
  expect({ contract, weeklyHours, firstAider, status }).toEqual({
    contract: 'permanent',
    weeklyHours: 36,
    firstAider: true,
    status: 'active',
  })
})

/** A path has the first characters of an id. */
function withoutIds(line: string): string {
  return line.replaceAll(/(\/(?:Users|Groups)\/)[\da-f]{4}…/g, '$1…')
}

test('the README shows what it prints, and the tenant is deleted', async () => {
  const before = await tenantsLeft()
  const { code, out } = await story([])
  expect(code).toBe(0)
  expect(await tenantsLeft()).toEqual(before)
  const [, shown = ''] =
    /npm run story:people\n```\n\n```\n([^]*?)```/.exec(readFileSync('README.md', 'utf8')) ?? []
  const printed = new Set(out.split('\n').map(withoutIds))
  const lines = shown.split('\n').filter((line) => line !== '…')
  expect(lines.length).toBeGreaterThan(20)
  expect(lines.map(withoutIds).filter((line) => !printed.has(line))).toEqual([])
})

/** Stands before the app, and changes what it answers. */
async function inFront(change: (path: string, text: string) => string): Promise<string> {
  const { port: appPort } = new URL(app.baseUrl)
  proxy = createServer((incoming, answer) => {
    const { method, url: path = '', headers } = incoming
    const passed = httpRequest({ port: appPort, method, path, headers }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => {
        const { 'content-length': _, ...others } = response.headers
        answer.writeHead(response.statusCode ?? 0, others)
        answer.end(change(path, Buffer.concat(chunks).toString()))
      })
    })
    incoming.pipe(passed)
  }).listen(0, 'localhost')
  await once(proxy, 'listening')
  const address = proxy.address()
  return `http://localhost:${typeof address === 'object' ? address?.port : ''}`
}

test.each([
  [
    'a level that is not shown',
    (path: string, text: string) =>
      /people\?count/.test(path) ? text.replace('"level":"Lead"', '"level":"Senior"') : text,
    /^\S+@contoso\.example is not as the directory says: /,
  ],
  [
    'a change that is not told',
    (path: string, text: string) =>
      path.includes('changedSince') ? text.replace(/"items":\[.*\]/, '"items":[]') : text,
    /^the change of \S+@contoso\.example is missed\n$/,
  ],
  [
    'a hand-made team that stays apart',
    (path: string, text: string) =>
      /\/teams\/[^/]+$/.test(path) ? text.replace('"source":"both"', '"source":"manual"') : text,
    /^the team is manual\n$/,
  ],
])('%s ends it, and the tenant is deleted', async (_, change, message) => {
  const left = await tenantsLeft()
  const { code, out, err } = await story([], await inFront(change))
  expect(code).toBe(1)
  expect(err).toMatch(message)
  expect(out).not.toContain('All as it should be')
  expect(await tenantsLeft()).toEqual(left)
})

test('without an endpoint it says what to do', async () => {
  const child = execFile(process.execPath, ['tools/story-people.ts', '--data', 'nowhere'])
  let told = ''
  child.stderr?.on('data', (text: string) => (told += text))
  await once(child, 'close')
  expect(child.exitCode).toBe(1)
  expect(told).toBe(
    'no npm start is running on nowhere: start it, or give --url of another endpoint\n',
  )
})
