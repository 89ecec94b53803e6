import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { askPerson } from '../../../tools/tenant/ask.ts'
import { aDesk } from './tenant-terminal.ts'

/** A terminal at which somebody types these keys when asked. */
function typing(keys: string): (question: string) => Promise<string> {
  return (question) => {
    const from = new PassThrough()
    const to = Object.assign(new PassThrough(), { isTTY: true })
    const answer = askPerson(question, { from, to })
    from.write(keys)
    return answer
  }
}

test('a line is the answer', async () => {
  expect(await typing('acme\r')('Which? ')).toBe('acme')
})

test.each([
  ['Ctrl-C', '\x03'],
  ['Ctrl-C behind the right answer', 'acme\x03'],
  ['Ctrl-D', '\x04'],
])('%s at the question of delete deletes nothing, in one line', async (_, keys) => {
  const desk = aDesk({ ask: typing(keys) })
  await desk.run('create', 'acme')
  const { code, out, err } = await desk.run('delete', 'acme')
  expect([code, out, err]).toEqual([1, '', 'nothing is deleted'])
  expect(await desk.store.get('acme')).toMatchObject({ status: 'enabled' })
})

test('Ctrl-C at the question of sweep --orphans removes nothing', async () => {
  const desk = aDesk({ ask: typing('\x03') })
  await desk.run('create', 'acme')
  await desk.store.update('acme', () => ({ status: 'deleting' }))
  const { code, err } = await desk.run('sweep', '--orphans')
  expect([code, err.split('\n').at(-1)]).toEqual([1, 'nothing is removed'])
  expect(desk.erased).toEqual([])
})
