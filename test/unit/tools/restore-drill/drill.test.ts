import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { drill, type Scratch } from '../../../../tools/restore-drill/drill.ts'
import { expectedCounts } from '../../../../tools/restore-drill/expected.ts'

let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'drill-'))
})

afterAll(() => rmSync(folder, { recursive: true }))

const NONE = { users: 0, hidden: 0, groups: 0, teams: 0, members: 0, membersByHand: 0 }

interface Written {
  readonly lines: readonly object[]
  readonly counts: object
  readonly passes?: number
  readonly whole?: boolean
}

const FIRST = { kind: 'tenant', id: 'contoso' }

/** A file of an export. */
function write(name: string, { lines, counts, passes = 0, whole = true }: Written): string {
  const end = { kind: 'end', lines: lines.length, counts, passes, whole }
  return writeText(name, [FIRST, ...lines, end])
}

function writeText(name: string, lines: readonly object[]): string {
  const file = join(folder, name)
  writeFileSync(file, gzipSync(lines.map((line) => `${JSON.stringify(line)}\n`).join('')))
  return file
}

const user = (id: string, more: object = {}): object => ({ kind: 'user', id, ...more })
const group = (id: string, more: object = { group: {} }): object => ({ kind: 'group', id, ...more })
const members = (more: object): object => ({ kind: 'members', ...more })

const QUIET: Written = {
  lines: [user('a'), user('b'), group('g'), members({ users: ['a', 'b'] })],
  counts: { ...NONE, users: 2, groups: 1, members: 2, removed: 0, credentials: 0 },
}

const ALL_IN = {
  left: { count: 0, first: [] as string[] },
  leftMemberships: { ofLeftOut: 0, ofNobody: 0, takenOut: 0 },
  check: { consistent: true },
}

/** With a copy that has these counts; the commands are in the list. */
function scratchThat(
  copies: object,
  { commands = [], imported = ALL_IN }: { commands?: string[]; imported?: typeof ALL_IN } = {},
): Scratch {
  return {
    folder,
    createTenant: async (id) => void commands.push(`create ${id}`),
    tenant: async (args) => {
      commands.push(args.join(' '))
      if (args[0] === 'export') write('copy.jsonl.gz', { lines: [], counts: copies })
      return args[0] === 'import' ? JSON.stringify(imported) : ''
    },
    say: () => {},
  }
}

test('what was restored and exported again with the same counts is told', async () => {
  const file = write('contoso.jsonl.gz', QUIET)
  const commands: string[] = []
  expect(await drill(file, scratchThat(QUIET.counts, { commands }))).toMatch(
    /^contoso was restored in \d+ s and is consistent: 2 users, 0 hidden accounts, 1 group with 2 members, 0 teams made by hand, /,
  )
  expect(commands).toEqual([
    'create contoso',
    `import contoso --in ${file} --json`,
    `export contoso --out ${join(folder, 'copy.jsonl.gz')}`,
  ])
})

test('credentials are restored where the file has some, into the tenant that its first line names', async () => {
  const counts = { ...QUIET.counts, credentials: 1 }
  const lines = [...QUIET.lines, { kind: 'credential', id: 't' }]
  const file = write('of-last-night.jsonl.gz', { lines, counts })
  const commands: string[] = []
  await drill(file, scratchThat(counts, { commands }))
  expect(commands).toEqual([
    'create contoso',
    `import contoso --in ${file} --with-credentials --json`,
    `export contoso --out ${join(folder, 'copy.jsonl.gz')} --with-credentials`,
  ])
})

describe('what the import leaves out', () => {
  const imported = {
    ...ALL_IN,
    left: { count: 1, first: ['user b: why'] },
    leftMemberships: { ofLeftOut: 1, ofNobody: 0, takenOut: 0 },
  }
  const counts = { ...QUIET.counts, users: 1, members: 1 }

  test('of a file that is not whole is told, and no failure', async () => {
    const file = write('contoso.jsonl.gz', { ...QUIET, whole: false })
    const said: string[] = []
    const scratch = scratchThat(counts, { imported })
    expect(await drill(file, { ...scratch, say: (line) => said.push(line) })).toContain(': 1 user,')
    expect(said).toEqual(
      expect.arrayContaining([
        '1 is left out:',
        '  user b: why',
        '1 membership is left out with them',
      ]),
    )
  })

  test('of one that is whole is a failure', async () => {
    const file = write('contoso.jsonl.gz', QUIET)
    await expect(drill(file, scratchThat(counts, { imported }))).rejects.toThrow(
      /is whole, and not all of it can be restored:\n1 is left out:\n {2}user b: why/,
    )
  })

  test('is all that may be missing', async () => {
    const file = write('contoso.jsonl.gz', { ...QUIET, whole: false })
    const fewer = { ...counts, users: 0 }
    await expect(drill(file, scratchThat(fewer, { imported }))).rejects.toThrow(
      /users 0, not 2; 1 of users, hidden, groups, teams should be left out$/,
    )
  })

  test('says nothing of a tenant that is not consistent, which fails', async () => {
    const file = write('contoso.jsonl.gz', QUIET)
    const scratch = scratchThat(QUIET.counts, {
      imported: { ...ALL_IN, check: { consistent: false } },
    })
    const tenant: Scratch['tenant'] = async (args) => {
      if (args[0] === 'check') throw new Error('1 index row is missing')
      return scratch.tenant(args)
    }
    await expect(drill(file, { ...scratch, tenant })).rejects.toThrow('1 index row is missing')
  })
})

test('each kind that is otherwise is told', async () => {
  const file = write('contoso.jsonl.gz', QUIET)
  const copies = { ...QUIET.counts, users: 1, membersByHand: 3 }
  await expect(drill(file, scratchThat(copies))).rejects.toThrow(
    /otherwise than it is in .*: users 1, not 2; membersByHand 3, not 0$/,
  )
})

test('a command that fails is the end of it', async () => {
  const file = write('contoso.jsonl.gz', QUIET)
  const scratch: Scratch = {
    ...scratchThat(QUIET.counts),
    tenant: async ([command]) => {
      if (command === 'import') throw new Error('1 index row is missing')
      return ''
    },
  }
  await expect(drill(file, scratch)).rejects.toThrow('1 index row is missing')
})

test('a file that lacks changes is restored, and that is said', async () => {
  const said: string[] = []
  const file = write('contoso.jsonl.gz', { ...QUIET, whole: false })
  await drill(file, { ...scratchThat(QUIET.counts), say: (line) => said.push(line) })
  expect(said[0]).toContain('lacks some of what has changed while it was written')
})

test('an id that no tenant has is refused', async () => {
  const file = writeText('contoso.jsonl.gz', [{ kind: 'tenant', id: '../contoso' }])
  await expect(drill(file, scratchThat({}))).rejects.toThrow('is no export')
})

test('a file that is no export is told in one line', async () => {
  const file = join(folder, 'contoso.jsonl.gz')
  const texts: readonly (readonly [Buffer, string])[] = [
    [Buffer.from('no gzip'), 'incorrect header check'],
    [gzipSync(JSON.stringify(FIRST)).subarray(0, -9), 'unexpected end of file'],
    [gzipSync(`${JSON.stringify(FIRST)}\n{"kind":"user"}\n`), 'it has a line of another kind'],
    [gzipSync(`${JSON.stringify(FIRST)}\n`), 'its last line is missing'],
    [gzipSync(''), 'its first line is of no tenant'],
    [gzipSync('{'), 'JSON'],
  ]
  for (const [bytes, says] of texts) {
    writeFileSync(file, bytes)
    await expect(drill(file, scratchThat({}))).rejects.toThrow(
      new RegExp(`^${file} is no export: .*${says}`),
    )
  }
  const missing = join(folder, 'fabrikam.jsonl.gz')
  await expect(drill(missing, scratchThat({}))).rejects.toThrow('ENOENT')
})

test('what was written again stands for all before it', async () => {
  const file = write('contoso.jsonl.gz', {
    lines: [
      user('a'),
      user('b'),
      user('c', { hidden: true }),
      user('d'),
      group('g'),
      members({ users: ['a', 'b', 'd'], groups: ['h'] }),
      group('h', { group: {}, team: {} }),
      members({ users: ['a'], byHand: ['b', 'd'] }),
      members({ users: ['a', 'd'] }),
      group('i', { team: {} }),
      members({ byHand: ['a'] }),
      { kind: 'pass', pass: 1 },
      user('c'),
      user('e'),
      { kind: 'removed', of: 'user', id: 'd' },
      group('h', { group: {} }),
      members({ users: ['a', 'b'] }),
      { kind: 'removed', of: 'group', id: 'i' },
      { kind: 'pass', pass: 2 },
      user('e', { hidden: true }),
      { kind: 'credential', id: 't' },
    ],
    // Of all lines, whatever stands for them later.
    counts: {
      users: 6,
      hidden: 2,
      groups: 3,
      teams: 2,
      members: 9,
      membersByHand: 3,
      removed: 2,
      credentials: 1,
    },
    passes: 2,
  })
  expect(await expectedCounts(file)).toEqual({
    users: 3,
    hidden: 1,
    groups: 2,
    teams: 0,
    // a, b and h of g; a and b of h.
    members: 5,
    membersByHand: 0,
    removed: 0,
    credentials: 1,
  })
})
