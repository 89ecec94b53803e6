import { inParallel } from '../../../in-parallel.ts'
import type { ResourceType } from '../../../scim/resource-type.ts'
import { DEFAULT_LAYOUTS, indexesOf, type StorageLayout } from '../../layout.ts'
import type { MembershipCascade, MembershipLookup, Scope } from '../../port.ts'
import { partitionOf, type ResourcePartition, type ResourceTables } from '../partition.ts'
import { Differences, Ledger } from './ledger.ts'
import { lookAgain } from './look-again.ts'
import { triedSoon } from './readable.ts'
import {
  nameOf,
  UNDER_WAY,
  type Finding,
  type Found,
  type Ground,
  type Suspect,
  type Told,
} from './suspect.ts'
import { Tallies } from './tally.ts'
import { walk } from './walk.ts'

/** Suspects that are looked at; what is behind them the next check finds. */
const MOST_SUSPECTS = 50_000

/** Suspects that are looked at, or mended, at the same time. */
const AT_ONCE = 16

/** How often a look is taken at what does not fit, and how often it is taken up again where it moved each time. */
const LOOKS = 2
const MOST_LOOKS = 6

/** How often what is wrong is mended: what mends one thing may be what another is about. */
const MENDINGS = 3

/** How often all is checked again where something was mended: what was wrong may have hidden what else is. */
const CHECKS_BEHIND = 3

/** Longer than a request may take, and what it has sent to the storage. */
const PAUSE_SECONDS = 30

/** What a check is made with. */
export interface CheckOptions {
  /** The tenant's resource types as they are now, with all that it has declared; asked for before each look. */
  readonly typesOf: () => Promise<readonly ResourceType[]>
  readonly repair?: boolean
  /** Resolves after so many seconds. */
  readonly pause: (seconds: number) => Promise<void>
  /** Told of each row that has gone by, and of what is waited for. */
  readonly progress?: (done: CheckProgress) => void
  readonly layouts?: readonly StorageLayout[]
}

export interface CheckProgress {
  readonly rows: number
  /** How much does not fit as it was read, once that is known. */
  readonly suspects?: number
}

/** What a check has found. */
export interface CheckReport {
  /** Nothing is wrong, or nothing any more, and all could be looked at. */
  readonly consistent: boolean
  readonly rows: number
  readonly problems: readonly Told[]
  /** Deletions and the like that go on: not wrong. */
  readonly underWay: readonly Told[]
  /** What nobody could look at as it changed all the time. */
  readonly undecided: number
  /** Whether there was more to look at than one check does. */
  readonly more: boolean
}

/**
 * Checks that all rows of a tenant fit each other, beside whoever writes: what does not fit is read again, twice, after longer than a
 * write takes. Memory does not grow with the tenant.
 */
export async function checkTenant(
  tables: ResourceTables,
  memberships: MembershipCascade & MembershipLookup,
  scope: Scope,
  options: CheckOptions,
): Promise<CheckReport> {
  const checkNow = async (): Promise<CheckReport> => checkOnce(tables, memberships, scope, options)
  let report = await checkNow()
  let last = report
  for (let checks = 0; checks < CHECKS_BEHIND && last.problems.some(isMended); checks += 1) {
    last = await checkNow()
    report = together(report, last)
  }
  return report
}

function isMended({ mended }: Told): boolean {
  return mended === true
}

function nameOfTold({ problem, type, about, detail = '' }: Told): string {
  return JSON.stringify([problem, type, about, detail])
}

/** What was found by a check and by the one behind it, which finds again what could not be mended. */
function together(before: CheckReport, after: CheckReport): CheckReport {
  const again = new Set(after.problems.map(nameOfTold))
  const problems = [
    ...before.problems.filter((each) => !again.has(nameOfTold(each))),
    ...after.problems,
  ]
  const { consistent, underWay, undecided, more } = after
  return { consistent, rows: before.rows, problems, underWay, undecided, more }
}

async function checkOnce(
  tables: ResourceTables,
  memberships: MembershipCascade & MembershipLookup,
  scope: Scope,
  options: CheckOptions,
): Promise<CheckReport> {
  const { layouts = DEFAULT_LAYOUTS, typesOf, repair = false } = options
  const groundNow = async (): Promise<Ground> => {
    const types = await typesOf()
    return {
      partitions: types.map((each) => partitionOf(tables, layouts, scope, each)),
      memberships,
    }
  }
  const scan = new Scan(options)
  const suspects = await scan.run(await groundNow())
  const { found, undecided } = await lookedAt(suspects, groundNow, options)
  const told: readonly Told[] = repair
    ? await mendAll(found, groundNow)
    : found.map(({ finding }) => finding)
  const problems = told.filter(({ problem }) => !UNDER_WAY.has(problem))
  const more = scan.isFull
  return {
    consistent: problems.every(({ mended }) => mended === true) && undecided === 0 && !more,
    rows: scan.rows,
    problems,
    underWay: [
      ...told.filter(({ problem }) => UNDER_WAY.has(problem)),
      ...beingFilled(await groundNow()),
    ],
    undecided,
    more,
  }
}

/** Indexes that do not have all values yet, so that no filter asks them. */
function beingFilled({ partitions }: Ground): readonly Told[] {
  return partitions.flatMap(({ resourceType, layout }) => {
    const open = indexesOf(layout, resourceType).filter(({ complete }) => !complete)
    const paths = new Set(open.map(({ path }) => path))
    return [...paths].map((path): Told => ({
      problem: 'index being filled',
      type: resourceType.name,
      about: path,
    }))
  })
}

/** Reads all rows, and those of buckets that differ once more. */
class Scan {
  rows = 0
  readonly #suspects = new Map<string, Suspect>()
  readonly #progress: CheckOptions['progress']

  constructor({ progress }: CheckOptions) {
    this.#progress = progress
  }

  get isFull(): boolean {
    return this.#suspects.size >= MOST_SUSPECTS
  }

  async run({ partitions }: Ground): Promise<readonly Suspect[]> {
    const ledger = new Ledger()
    await inParallel(partitions, partitions.length, (each) => this.#first(each, ledger))
    for (const part of ledger.parts()) {
      if (this.isFull) break
      const differences = new Differences(part)
      const note: Ledger['note'] = (side, fact) => differences.note(side, fact)
      await inParallel(partitions, partitions.length, (each) => walk(each, { note }))
      for (const suspect of differences.suspects()) this.#add(suspect)
    }
    return [...this.#suspects.values()]
  }

  async #first(partition: ResourcePartition, ledger: Ledger): Promise<void> {
    const tallies = new Tallies(partition)
    await walk(partition, {
      note: (side, fact) => ledger.note(side, fact),
      others: {
        suspect: (suspect) => this.#add(suspect),
        resource: (position, stored) => tallies.add(position, stored),
        passed: (rows) => {
          this.rows += rows
          this.#progress?.({ rows: this.rows })
        },
      },
    })
    for (const suspect of await tallies.suspects()) this.#add(suspect)
  }

  #add(suspect: Suspect): void {
    if (!this.isFull) this.#suspects.set(nameOf(suspect), suspect)
  }
}

/** What is wrong, and how it is looked at again. */
interface Wrong {
  readonly suspect: Suspect
  readonly finding: Finding
}

/** Looks at once, which clears most of what was changed in between, and then twice after a pause. */
async function lookedAt(
  suspects: readonly Suspect[],
  groundNow: () => Promise<Ground>,
  { pause, progress }: CheckOptions,
): Promise<{ readonly found: readonly Wrong[]; readonly undecided: number }> {
  let open = suspects
  let found: readonly Wrong[] = []
  let undecided = 0
  for (let looks = 0; looks < MOST_LOOKS && open.length > 0; looks += 1) {
    if (looks > 0) await pause(PAUSE_SECONDS)
    progress?.({ rows: 0, suspects: open.length })
    const ground = await groundNow()
    const looked = await inParallel(open, AT_ONCE, async (suspect) => {
      return { suspect, look: await lookAgain(ground, suspect) }
    })
    found = looked.flatMap(({ suspect, look }) =>
      look === undefined || look === 'moving' ? [] : [{ suspect, finding: findingOf(look) }],
    )
    undecided = looked.filter(({ look }) => look === 'moving').length
    open = looked.flatMap(({ suspect, look }) => (look === undefined ? [] : [suspect]))
    if (looks >= LOOKS && undecided === 0) break
  }
  return { found, undecided }
}

/** Looks once more, mends what is still wrong, and looks whether it is right. */
async function mendAll(
  found: readonly Wrong[],
  groundNow: () => Promise<Ground>,
): Promise<readonly Told[]> {
  let open = found
  for (let round = 0; round < MENDINGS && open.length > 0; round += 1) {
    const ground = await groundNow()
    const left = await inParallel(open, AT_ONCE, async (wrong) => {
      const look = await lookAgain(ground, wrong.suspect)
      if (look === undefined) return []
      // What mends one row may meet another that nobody can read.
      if (look !== 'moving') await triedSoon(async () => look.mend?.())
      return (await lookAgain(ground, wrong.suspect)) === undefined ? [] : [wrong]
    })
    open = left.flat()
  }
  const unmended = new Set(open.map(({ finding }) => finding))
  return found.map(({ finding }) => ({ ...finding, mended: !unmended.has(finding) }))
}

/** Without what mends it: for whoever prints it. */
function findingOf({ problem, type, about, detail }: Found): Finding {
  return { problem, type, about, ...(detail === undefined ? {} : { detail }) }
}
