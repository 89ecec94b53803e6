import {
  runChanges,
  runHistory,
  runPeople,
  runReturns,
  type Report,
} from '../test/support/history/run.ts'
import { readOptions, runTool, wholeNumber } from './command-line.ts'

const USAGE = `npm run history -- [options]

Clients work on two instances of the app that share a table service, while calls of it fail; then every answer is held
against what any order of the operations allows (docs/architecture.md, Histories). Operations that contradict each other
are printed. The last line is the summary.

With --changes they make changes only, in bulks and of the tenant itself too, and the journal is held against what they saw
and what is there: each change has one row.
 With --returns a few people are created, deleted and grouped again and again, for a tenant that keeps who is deleted.

With --people a vendor's backend keeps a copy of the people by what has changed since, and looks up who signs in; at the end
the copy is what is there, and nobody was let in behind the answer to active=false.

  --seed N        the history of another run; without it a new one
  --operations N  how many (default 20000)
  --clients N     how many work at the same time (default 8)
  --changes       changes only, held against the journal
  --returns       people who are deleted and come again
  --people        a backend's copy of people, held against what is there
  --help          this text`

const OPTIONS = {
  seed: { type: 'string' },
  operations: { type: 'string', default: '20000' },
  clients: { type: 'string', default: '8' },
  changes: { type: 'boolean', default: false },
  returns: { type: 'boolean', default: false },
  people: { type: 'boolean', default: false },
} as const

await runTool(USAGE, run)

async function run(args: readonly string[]): Promise<number> {
  const values = readOptions(OPTIONS, args)
  const seed = wholeNumber('--seed', values.seed ?? String(Date.now() % 2 ** 31))
  const operations = wholeNumber('--operations', values.operations)
  const clients = wholeNumber('--clients', values.clients)
  if (values.people) return ofPeople({ seed, operations, clients })
  if (values.changes) return ofChanges({ seed, operations, clients })
  if (values.returns) return ofReturns({ seed, operations, clients })
  const report = await runHistory({ seed, operations, clients })
  for (const { about, operations: events } of report.violations) {
    console.log([`Nothing explains ${about}:`, ...events].join('\n  '))
  }
  console.log(summary(seed, report))
  return report.violations.length === 0 ? 0 : 1
}

async function ofChanges(options: Parameters<typeof runChanges>[0]): Promise<number> {
  const { asked, succeeded, refused, unknown, unknownButMade, rows, calls, failed, wrong } =
    await runChanges(options)
  for (const each of wrong) console.log(`The journal is wrong: ${each}`)
  console.log(
    [
      `seed ${options.seed}: ${asked} changes`,
      `${succeeded} succeeded`,
      `${refused} were refused`,
      `${unknown} of unknown outcome, ${unknownButMade} of which were made`,
      `${calls} calls of the storage, ${Math.round((100 * failed) / calls)} % of which failed`,
      `${rows} rows in the journal`,
      `${wrong.length === 0 ? 'none' : wrong.length} wrong`,
    ].join(', '),
  )
  return wrong.length === 0 ? 0 : 1
}

async function ofReturns(options: Parameters<typeof runReturns>[0]): Promise<number> {
  const { operations, unknown, returned, calls, failed, wrong } = await runReturns(options)
  for (const each of wrong) console.log(`This cannot be: ${each}`)
  console.log(
    [
      `seed ${options.seed}: ${operations} operations`,
      `${unknown} of unknown outcome`,
      `${returned} returns`,
      `${calls} calls of the storage, ${Math.round((100 * failed) / calls)} % of which failed`,
      `${wrong.length === 0 ? 'nothing' : wrong.length} wrong`,
    ].join(', '),
  )
  return wrong.length === 0 ? 0 : 1
}

async function ofPeople(options: Parameters<typeof runPeople>[0]): Promise<number> {
  const { asked, unknown, lookUps, pages, people, checks, calls, failed, wrong } =
    await runPeople(options)
  for (const each of wrong) console.log(`This is wrong: ${each}`)
  console.log(
    [
      `seed ${options.seed}: ${asked} changes`,
      `${unknown} of unknown outcome`,
      `${lookUps} look-ups`,
      `${pages} pages of people`,
      `${people} people in the end`,
      `${checks} checks of its rows`,
      `${calls} calls of the storage, ${Math.round((100 * failed) / calls)} % of which failed`,
      `${wrong.length === 0 ? 'none' : wrong.length} wrong`,
    ].join(', '),
  )
  return wrong.length === 0 ? 0 : 1
}

function summary(seed: number, report: Report): string {
  const { operations, unknown, calls, failed, fingerprint, violations } = report
  const percent = Math.round((100 * failed) / calls)
  return [
    `seed ${seed}: ${operations} operations`,
    `${unknown} of unknown outcome`,
    `${calls} calls of the storage, ${percent} % of which failed`,
    `history ${fingerprint}`,
    `${violations.length === 0 ? 'no' : violations.length} contradictions`,
  ].join(', ')
}
