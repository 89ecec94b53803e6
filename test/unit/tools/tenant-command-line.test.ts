import { describe, expect, test } from 'vitest'
import { BACKUP_SHAPES } from '../../../tools/tenant/backup-usage.ts'
import { parseCommandLine, USAGE } from '../../../tools/tenant/command-line.ts'
import { parseExpiry } from '../../../tools/tenant/expiry.ts'
import { COMMANDS } from '../../../tools/tenant/command-line.ts'
import { aDesk } from './tenant-terminal.ts'

describe('understood', () => {
  test('options may come anywhere', () => {
    const args = ['--json', 'token', 'issue', '--label', 'A b', 'acme', '--expires=90d']
    expect(parseCommandLine(args)).toEqual({
      help: false,
      command: 'token issue',
      operands: ['acme'],
      options: { json: true, label: 'A b', expires: '90d' },
    })
  })

  test.each([
    ['--help'],
    ['-h'],
    ['create', '--help'],
    ['nonsense', '--help'],
    ['help'],
    ['help', 'create'],
    ['help', 'token', 'issue'],
  ])('%s %s is help on stdout, which names every command', async (...args) => {
    const { code, out, err } = await aDesk().run(...args)
    expect([code, out, err]).toEqual([0, USAGE, ''])
    for (const command of Object.keys(COMMANDS)) expect(out).toContain(`${command} `)
  })
})

test('help tells what ends with 1 of the commands of backups, and of the check', () => {
  const [, exits = ''] = /\nThe exit status is 0 [^\n]*\n([^]*?)\n\n/.exec(USAGE) ?? []
  const told = [...exits.matchAll(/^ {2}(\w+(?: --all)?) +when /gm)].map(([, name]) => name)
  expect(told).toEqual([...Object.keys(BACKUP_SHAPES), 'check'])
})

describe('misunderstood', () => {
  test.each([
    [[], 'a command is missing; there are: create, list'],
    [['lst'], 'no command "lst"; there are: create, list'],
    [['token'], 'no command "token"; there are: create'],
    [['token', 'delete', 'acme'], 'no command "token delete"'],
    [['constructor'], 'no command "constructor"'],
    [['create'], 'create needs <id>'],
    [['token', 'revoke', 'acme'], 'token revoke needs <token id>'],
    [['create', 'Acme', 'Inc.'], 'create does not take "Inc."'],
    [['list', '--label', 'x'], 'list has no option --label'],
    [['disable', 'acme', '--yes'], 'disable has no option --yes'],
    [['list', '--colour'], "Unknown option '--colour'"],
    [['create', 'acme', '--name'], "'--name <value>' argument missing"],
    [['list', '--storage', 'a', '--endpoint', 'b'], 'give one'],
    [['list', '--data', 'a', '--endpoint', 'b'], 'give one'],
    [['list', '--storage', ''], '--storage is empty'],
  ])('%j', async (args, message) => {
    const desk = aDesk()
    const { code, out, err } = await desk.run(...args)
    expect([code, out]).toEqual([2, ''])
    expect(err).toContain(message)
    expect(err).toContain('npm run tenant -- --help')
    expect(desk.opened).toEqual([])
  })
})

describe('--expires', () => {
  const now = new Date('2026-11-22T08:00:00.000Z')

  test.each([
    ['2027-06-30', '2027-06-30T23:59:59.000Z'],
    ['2026-11-22', '2026-11-22T23:59:59.000Z'],
    ['2028-02-29', '2028-02-29T23:59:59.000Z'],
    ['1d', '2026-11-23T08:00:00.000Z'],
    ['90d', '2027-02-20T08:00:00.000Z'],
    ['3650d', '2036-11-19T08:00:00.000Z'],
  ])('%s is %s', (text, expected) => {
    expect(parseExpiry(text, now).toISOString()).toBe(expected)
  })

  test.each([
    ['2026-11-21', 'passed'],
    ['2027-02-30', 'like 2027-06-30'],
    ['2027-13-01', 'like 2027-06-30'],
    ['30.06.2027', 'like 2027-06-30'],
    ['2027-6-30', 'like 2027-06-30'],
    ['90', 'like 90d'],
    ['', 'like 90d'],
    ['never', 'like 90d'],
    ['0d', '1d to 3650d'],
    ['3651d', '1d to 3650d'],
    ['99999d', '1d to 3650d'],
    ['-1d', 'like 90d'],
  ])('%j is refused', (text, message) => {
    expect(() => parseExpiry(text, now)).toThrow(message)
  })
})
