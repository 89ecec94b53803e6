import { randomUUID } from 'node:crypto'
import { EventEmitter, once } from 'node:events'
import { expect, test } from 'vitest'
import { Turns } from '../../../lib/service/turns.ts'

const turns = new Turns()
const inTurn: Turns['inTurn'] = (key, work) => turns.inTurn(key, work)
const alongside: Turns['alongside'] = (key, work) => turns.alongside(key, work)

type Way = Turns['inTurn']

/** Starts work on one key; each runs until it is told to end. Tells what has begun so far. */
class Stage {
  readonly begun: string[] = []
  readonly #key = randomUUID()

  start(way: Way, name: string): { readonly done: Promise<string>; end(): Promise<void> } {
    const told = new EventEmitter()
    const done = way(this.#key, async () => {
      this.begun.push(name)
      await once(told, 'end')
      return name
    })
    const end = async (): Promise<void> => {
      told.emit('end')
      await settle()
    }
    return { done, end }
  }
}

/** Lets everything run that can. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

test('work in turn runs one after the other, in its order', async () => {
  const stage = new Stage()
  const [one, two, three] = [
    stage.start(inTurn, 'a'),
    stage.start(inTurn, 'b'),
    stage.start(inTurn, 'c'),
  ]
  await settle()
  expect(stage.begun).toEqual(['a'])
  await one.end()
  expect(stage.begun).toEqual(['a', 'b'])
  await two.end()
  await three.end()
  expect(await Promise.all([one.done, two.done, three.done])).toEqual(['a', 'b', 'c'])
})

test('work alongside runs at the same time', async () => {
  const stage = new Stage()
  stage.start(alongside, 'a')
  stage.start(alongside, 'b')
  await settle()
  expect(stage.begun).toEqual(['a', 'b'])
})

test('work in turn waits for all that runs alongside, and those who come later wait for it', async () => {
  const stage = new Stage()
  const before = [stage.start(alongside, 'a'), stage.start(alongside, 'b')]
  const turn = stage.start(inTurn, 'turn')
  const late = stage.start(alongside, 'late')
  await settle()
  await before[0]?.end()
  expect(stage.begun).toEqual(['a', 'b'])
  await before[1]?.end()
  expect(stage.begun).toEqual(['a', 'b', 'turn'])
  await turn.end()
  expect(stage.begun).toEqual(['a', 'b', 'turn', 'late'])
  await late.end()
})

async function failing(): Promise<never> {
  throw new Error('mine')
}

test('a failure is told to its own caller and keeps nobody waiting', async () => {
  const works = [
    inTurn('failing', failing),
    alongside('failing', failing),
    inTurn('failing', async () => 'turn'),
    alongside('failing', async () => 'beside'),
  ]
  expect(await Promise.allSettled(works)).toMatchObject([
    { reason: { message: 'mine' } },
    { reason: { message: 'mine' } },
    { value: 'turn' },
    { value: 'beside' },
  ])
})

test('keys do not wait for each other', async () => {
  const never = inTurn('stuck', () => new Promise<never>(() => undefined))
  expect(await inTurn('other', async () => 'done')).toBe('done')
  expect(await Promise.race([never, settle()])).toBeUndefined()
})
