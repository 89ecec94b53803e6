import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { isObject } from '../../../lib/scim/json.ts'
import { contentsOf } from '../../support/backup.ts'
import { take } from '../../support/backup-history.ts'
import { aDesk, type Desk } from './tenant-terminal.ts'

let folder: string
let desk: Desk
let file: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'backup-'))
  file = join(folder, 'acme.jsonl.gz')
  desk = aDesk()
  await desk.run('create', 'acme', '--name', 'Acme Inc.')
  for (const place of [0, 1, 2]) {
    for (const does of ['come', 'found', 'join', 'gather', 'take'] as const) {
      await take(desk.stores, 'acme', { does, name: place, other: 0, place })
    }
  }
})

afterEach(async () => {
  await rm(folder, { recursive: true })
})

describe('export', () => {
  test('writes a file that its owner alone can read, and nothing beside it', async () => {
    const { code, out, err } = await desk.run('export', 'acme', '--out', file)
    expect([code, err]).toEqual([0, ''])
    expect(out).toMatch(
      /^tenant acme is exported to \S+: 3 users, 0 hidden accounts, \d groups with \d+ members?, \d teams? made by hand, \d memberships? made by hand, 0 credentials$/,
    )
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    expect(await readdir(folder)).toEqual(['acme.jsonl.gz'])
    const lines = gunzipSync(await readFile(file))
      .toString()
      .trimEnd()
      .split('\n')
    expect(lines[0]).toMatch(/^\{"kind":"tenant","format":1,/)
    expect(lines.at(-1)).toMatch(/^\{"kind":"end",/)
  })

  test('as JSON tells what the last line says', async () => {
    const { out } = await desk.run('export', 'acme', '--out', file, '--json')
    const last =
      gunzipSync(await readFile(file))
        .toString()
        .trimEnd()
        .split('\n')
        .at(-1) ?? ''
    const told: unknown = JSON.parse(out)
    const end: unknown = JSON.parse(last)
    expect({ kind: 'end', ...(isObject(told) ? told : {}) }).toEqual({
      tenant: { id: 'acme' },
      file,
      ...(isObject(end) ? end : {}),
    })
  })

  test('that fails leaves nothing, and a file that was there as it was', async () => {
    await writeFile(file, 'the one of yesterday')
    const { teams } = desk.stores
    teams.all = async () => Promise.reject(new TypeError('out of order'))
    expect(await desk.run('export', 'acme', '--out', file)).toMatchObject({ code: 1, out: '' })
    expect(await readdir(folder)).toEqual(['acme.jsonl.gz'])
    expect(await readFile(file, 'utf8')).toBe('the one of yesterday')
  })

  test('into no folder, of no tenant, or without --out, is refused in one line', async () => {
    const nowhere = join(folder, 'none', 'acme.jsonl.gz')
    const unwritable = await desk.run('export', 'acme', '--out', nowhere)
    expect(unwritable.code).toBe(2)
    expect(unwritable.err).toContain(`${nowhere} cannot be written: ENOENT\n`)
    expect(await desk.run('export', 'nobody', '--out', file)).toMatchObject({ code: 1 })
    const without = await desk.run('export', 'acme')
    expect(without.code).toBe(2)
    expect(without.err).toContain('export needs --out FILE, or - for stdout')
    expect(await readdir(folder)).toEqual([])
  })

  test('--all writes a file for each tenant, goes on behind a failure, and tells it', async () => {
    await desk.run('create', 'contoso')
    await desk.run('create', 'fabrikam')
    const into = join(folder, 'all')
    const good = await desk.run('export', '--all', '--out-dir', into)
    expect([good.code, good.out]).toEqual([0, `3 tenants are exported to ${into}`])
    expect((await readdir(into)).toSorted()).toEqual([
      'acme.jsonl.gz',
      'contoso.jsonl.gz',
      'fabrikam.jsonl.gz',
    ])
    const { tenants } = desk.stores
    const definitions = tenants.definitions.bind(tenants)
    tenants.definitions = async (id) => {
      if (id === 'contoso') throw new TypeError('out of order')
      return definitions(id)
    }
    const other = join(folder, 'other')
    const bad = await desk.run('export', '--all', '--out-dir', other, '--json')
    expect(bad.code).toBe(1)
    expect(JSON.parse(bad.out)).toMatchObject({
      exported: [{ tenant: { id: 'acme' } }, { tenant: { id: 'fabrikam' } }],
      failed: [{ id: 'contoso' }],
    })
    expect(bad.err).toContain('tenant contoso is not exported: ')
    expect((await readdir(other)).toSorted()).toEqual(['acme.jsonl.gz', 'fabrikam.jsonl.gz'])
  })
})

describe('import', () => {
  test('brings a file into another tenant, compressed or not', async () => {
    await desk.run('export', 'acme', '--out', file)
    await desk.run('create', 'copy')
    const { code, out } = await desk.run('import', 'copy', '--in', file)
    expect(code).toBe(0)
    expect(out).toMatch(/^the tenant acme \(Acme Inc\.\) as of \S+ is imported into copy: 3 users,/)
    expect(await contentsOf(desk.stores, 'copy')).toEqual(await contentsOf(desk.stores, 'acme'))
    const plain = join(folder, 'acme.jsonl')
    await writeFile(plain, gunzipSync(await readFile(file)))
    await desk.run('create', 'other')
    expect(await desk.run('import', 'other', '--in', plain)).toMatchObject({ code: 0 })
    expect(await contentsOf(desk.stores, 'other')).toEqual(await contentsOf(desk.stores, 'acme'))
  })

  test('--dry-run and --resume say what they would do, and did', async () => {
    await desk.run('export', 'acme', '--out', file)
    await desk.run('create', 'copy')
    const dry = await desk.run('import', 'copy', '--in', file, '--dry-run')
    expect(dry.out).toContain('would be imported into copy: 3 users,')
    expect((await contentsOf(desk.stores, 'copy')).users).toEqual([])
    await desk.run('import', 'copy', '--in', file)
    const twice = await desk.run('import', 'copy', '--in', file)
    expect(twice.code).toBe(1)
    expect(twice.err).toContain('has people or teams already')
    const again = await desk.run('import', 'copy', '--in', file, '--resume')
    expect([again.code, again.out]).toEqual([
      0,
      expect.stringMatching(
        /: 0 users, .*\n\d+ were there already\nnot checked: only tables can be checked$/,
      ),
    ])
  })

  test('a file that is cut off, damaged or made to do harm ends in one line', async () => {
    await desk.run('export', 'acme', '--out', file)
    await desk.run('create', 'copy')
    const whole = await readFile(file)
    const damaged = Buffer.from(whole)
    damaged.fill(0x55, 200, 260)
    const bomb = gzipSync(Buffer.alloc(100 * 1_048_576, ' '.repeat(1023) + '\n'))
    for (const [bytes, why] of [
      [whole.subarray(0, whole.length - 20), /^(?:the|line \d+ of the) file is cut off/],
      [damaged, /^the file is damaged|^line/],
      [bomb, /^line 1 of the file is no JSON/],
      [Buffer.from(''), /^the file is empty/],
    ] as const) {
      await writeFile(file, bytes)
      const { code, err } = await desk.run('import', 'copy', '--in', file)
      expect(code).toBe(1)
      expect(err).toMatch(why)
      expect(err).not.toContain('\n')
    }
    expect((await contentsOf(desk.stores, 'copy')).users).toEqual([])
    expect(await desk.run('import', 'copy', '--in', join(folder, 'none'))).toMatchObject({
      code: 2,
    })
    expect(await desk.run('import', 'copy')).toMatchObject({ code: 2 })
  })

  test('a file of lines that are right, but of nothing but one letter, ends early, too', async () => {
    const stamp = {
      version: 'v',
      created: '2026-11-28T00:00:00.000Z',
      lastModified: '2026-11-28T00:00:00.000Z',
    }
    const emails = Array.from({ length: 50 }, (_, n) => ({
      value: `${n}@acme.example`,
      display: 'x'.repeat(8000),
    }))
    const lines = Array.from({ length: 200 }, (_, n) => ({
      kind: 'user',
      id: `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
      ...stamp,
      content: { userName: `user${n}`, emails },
    }))
    const tenant = { kind: 'tenant', format: 1, exported: stamp.created, id: 'a', name: 'A' }
    const all = [{ ...tenant, settings: {}, definitions: [] }, ...lines]
    await writeFile(file, gzipSync(all.map((each) => `${JSON.stringify(each)}\n`).join('')))
    await desk.run('create', 'copy')
    const { code, err } = await desk.run('import', 'copy', '--in', file)
    expect(code).toBe(1)
    expect(err).toMatch(/^the file is compressed to less than 1\/200 of its size.* unpack it first/)
  })

  test('what is left out is told, and by the exit status', async () => {
    await take(desk.stores, 'acme', { does: 'come', name: 6, other: 2, place: 0 })
    await desk.run('export', 'acme', '--out', file)
    await desk.run('create', 'copy')
    await take(desk.stores, 'copy', { does: 'come', name: 6, other: 2, place: 0 })
    const { code, out } = await desk.run('import', 'copy', '--in', file, '--resume')
    expect(code).toBe(1)
    expect(out).toMatch(/\n1 is left out:\n {2}user \S+: Another User has this userName/)
  })
})

describe('with --json', () => {
  test('stdout has one document and nothing else, progress aside', async () => {
    const into = join(folder, 'all')
    const all = await desk.run('export', '--all', '--out-dir', into, '--json')
    expect(all.code).toBe(0)
    expect(JSON.parse(all.out)).toMatchObject({
      exported: [{ tenant: { id: 'acme' }, counts: { users: 3 }, whole: true }],
      failed: [],
    })
    expect(all.err).toMatch(/^tenant acme is exported to /)
    await desk.run('create', 'copy')
    for (const options of [['--dry-run'], [], ['--resume']]) {
      const line = ['import', 'copy', '--in', join(into, 'acme.jsonl.gz'), ...options]
      const { code, out, err } = await desk.run(...line, '--json')
      expect([code, err]).toEqual([0, ''])
      expect(JSON.parse(out)).toMatchObject({
        tenant: { id: 'copy' },
        dryRun: options.includes('--dry-run'),
        from: { id: 'acme', name: 'Acme Inc.' },
        whole: true,
        brought: { users: options.includes('--resume') ? 0 : 3 },
        left: { count: 0, first: [] },
      })
    }
  })

  test('a failure is a line on stderr, as of every command', async () => {
    await desk.run('export', 'acme', '--out', file)
    await writeFile(join(folder, 'none.gz'), 'nothing')
    for (const line of [
      ['export', 'nobody', '--out', file],
      ['import', 'nobody', '--in', file],
      ['import', 'acme', '--in', file],
      ['import', 'acme', '--in', join(folder, 'none.gz')],
    ]) {
      const { code, out, err } = await desk.run(...line, '--json')
      expect([code, out]).toEqual([1, ''])
      expect(err).toMatch(/^[^{\n]+$/)
    }
  })
})
