import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { ATTRIBUTE } from '../../../lib/manage/answers.ts'
import { URN } from '../../../lib/scim/urn.ts'
import { SURVEY } from '../../support/definitions.ts'
import { aDesk, type Desk } from './tenant-terminal.ts'

const ONE = z.strictObject({ attribute: ATTRIBUTE })
const ALL = z.strictObject({ attributes: z.array(ATTRIBUTE) })

type Attribute = z.infer<typeof ATTRIBUTE>

async function deskWithAcme(): Promise<Desk> {
  const desk = aDesk()
  await desk.run('create', 'acme')
  return desk
}

/** Runs a command that is done, and takes what it says as JSON: as the manage API has it. */
async function told(desk: Desk, ...args: readonly string[]): Promise<Attribute> {
  const { code, out, err } = await desk.run('attribute', ...args, '--json')
  expect([code, err]).toEqual([0, ''])
  return ONE.parse(JSON.parse(out)).attribute
}

async function listed(desk: Desk): Promise<readonly Attribute[]> {
  const { out } = await desk.run('attribute', 'list', 'acme', '--json')
  return ALL.parse(JSON.parse(out)).attributes
}

describe('attribute', () => {
  test('add, show, change and remove one, by its name in any case', async () => {
    const desk = await deskWithAcme()
    const options = [
      '--label',
      'Shoe size',
      '--allowed-values',
      '["42", "43"]',
      '--type',
      'integer',
    ]
    const added = await told(desk, 'add', 'acme', 'shoe', ...options, '--unique', 'true')
    expect(added).toMatchObject({
      id: 'shoe',
      label: 'Shoe size',
      type: 'integer',
      allowedValues: ['42', '43'],
      unique: true,
      schema: URN.peopleUser,
      state: 'active',
    })
    expect(added.targets.target).toBe(`${URN.peopleUser}:shoe`)
    expect(await told(desk, 'show', 'acme', 'SHOE')).toEqual(added)
    const change = ['--unique', 'false', '--allowed-values', '[]', '--description', 'EU']
    const changed = await told(desk, 'change', 'acme', 'shoe', ...change)
    const { index, ...others } = added
    expect(index).toEqual({ complete: true, clashes: [] })
    expect(changed).toEqual({ ...others, unique: false, allowedValues: [], description: 'EU' })
    const removed = await told(desk, 'remove', 'acme', 'shoe')
    expect(removed).toMatchObject({ state: 'removed', removed: desk.at.toISOString() })
    const purged = await told(desk, 'remove', 'acme', 'shoe', '--purge', '--yes')
    expect(purged.state).toBe('purging')
    expect(await listed(desk)).toEqual([purged])
  })

  test('says to people what goes into the mapping, and what cannot be sent', async () => {
    const desk = await deskWithAcme()
    const options = ['--multi-valued', '--schema', SURVEY]
    const { out } = await desk.run('attribute', 'add', 'acme', 'skills', ...options)
    expect(out).toMatch(/^attribute skills of tenant acme is there, everywhere within 30 s\n/)
    expect(out).toContain(`Target        ${SURVEY}:skills\n`)
    expect(out).toContain(`Older form    ${SURVEY}.skills\n`)
    expect(out).toContain('one simple value')
    const list = await desk.run('attribute', 'list', 'acme')
    expect(list.out).toMatch(/^ATTRIBUTE +LABEL +TYPE .*\nskills +skills +string, several /)
  })

  test('has the URN of the people extension that the app has', async () => {
    const desk = await deskWithAcme()
    const urn = 'urn:ietf:params:scim:schemas:extension:acmehr:2.0:User'
    desk.environment['PEOPLE_EXTENSION_URN'] = urn
    const { schema, targets } = await told(desk, 'add', 'acme', 'shoe')
    expect([schema, targets.target]).toEqual([urn, `${urn}:shoe`])
  })

  test('is the command line’s in the journal', async () => {
    const desk = await deskWithAcme()
    await told(desk, 'add', 'acme', 'shoe')
    const { out } = await desk.run('activity', 'acme', '--json')
    expect(out).toContain('create attribute')
    expect(out).toMatch(/"actor": "cli"/)
  })

  test.each([
    [['add', 'acme', 'shoe', '--type', 'x'], 2, '--type must be one of string, integer'],
    [['add', 'acme', 'shoe', '--unique', 'yes'], 2, '--unique must be true or false, not "yes"'],
    [['add', 'acme', 'shoe', '--allowed-values', 'S'], 2, '--allowed-values must be a JSON array'],
    [['add', 'acme', 'level'], 1, 'every tenant has the attribute level'],
    [['add', 'nope', 'shoe'], 1, 'no tenant nope; there are: acme'],
    [['add', 'acme'], 2, 'attribute add needs <name>'],
    [['show', 'acme', 'shoe'], 1, 'tenant acme has declared no attribute shoe; there are: hat'],
    [['list', 'nope'], 1, 'no tenant nope; there are: acme'],
    [['change', 'acme', 'hat'], 2, 'attribute change needs one of --label, --description'],
    [['change', 'acme', 'hat', '--type', 'integer'], 2, 'attribute change has no option --type'],
    [['change', 'acme', 'shoe', '--label', 'x'], 1, 'has declared no attribute shoe'],
    [['remove', 'acme', 'hat', '--purge'], 2, 'attribute remove --purge needs --yes when'],
  ] as const)('%j', async (args, expected, message) => {
    const desk = await deskWithAcme()
    await told(desk, 'add', 'acme', 'hat')
    const { code, out, err } = await desk.run('attribute', ...args)
    expect([code, out]).toEqual([expected, ''])
    expect(err).toContain(message)
    expect(await listed(desk)).toMatchObject([{ id: 'hat', state: 'active' }])
  })

  test('asks before what cannot be undone', async () => {
    const desk = await deskWithAcme()
    await told(desk, 'add', 'acme', 'hat')
    desk.answer = 'no'
    const refused = await desk.run('attribute', 'remove', 'acme', 'hat', '--purge')
    expect([refused.code, refused.err]).toEqual([1, 'nothing is removed'])
    desk.answer = 'hat'
    expect((await told(desk, 'remove', 'acme', 'hat', '--purge')).state).toBe('purging')
  })
})
