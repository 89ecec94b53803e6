import { runBackendStory } from '../test/support/history/run.ts'
import { readOptions, runTool, wholeNumber } from './command-line.ts'

const USAGE = `npm run story:backend -- [options]

Plays a vendor's backend on two instances of the app whose storage fails now and then: a first load of all people by cursor, into
a copy of its own; then what has changed since, again and again, while an identity provider sends changes. The backend is stopped
between pages, too, and goes on with nothing but its last position. At the end the copy must be what is there, and whoever
came twice without a change must have come in the same version. What is wrong is printed; the last line is the summary.

  --seed N        another story; without it a new one
  --people N      in the beginning (default 1000)
  --changes N     that are sent meanwhile (default 2000)
  --clients N     requests of the identity provider at the same time (default 8)
  --help          this text`

const OPTIONS = {
  seed: { type: 'string' },
  people: { type: 'string', default: '1000' },
  changes: { type: 'string', default: '2000' },
  clients: { type: 'string', default: '8' },
} as const

await runTool(USAGE, async (args) => {
  const values = readOptions(OPTIONS, args)
  const seed = wholeNumber('--seed', values.seed ?? String(Date.now() % 2 ** 31))
  const report = await runBackendStory({
    seed,
    people: wholeNumber('--people', values.people),
    changes: wholeNumber('--changes', values.changes),
    clients: wholeNumber('--clients', values.clients),
  })
  const { wrong, calls, failed } = report
  for (const each of wrong) console.log(`This is wrong: ${each}`)
  console.log(
    [
      `seed ${seed}: ${report.loaded} people loaded`,
      `${report.made} changes`,
      `${report.unknown} answers left open whether one was made`,
      `${report.rounds} rounds of the backend, which was stopped ${report.stops} times`,
      `${report.pages} pages`,
      `${report.again} people came again in the same version`,
      `${calls} calls of the storage, ${Math.round((100 * failed) / calls)} % of which failed`,
      `${report.people} people in the end`,
      `${wrong.length === 0 ? 'nothing' : wrong.length} wrong`,
    ].join(', '),
  )
  return wrong.length === 0 ? 0 : 1
})
