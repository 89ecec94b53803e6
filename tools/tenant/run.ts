import { keySourceOf } from '../../lib/authentication.ts'
import { oauthKeysOf, signingKeysOf } from '../../lib/config.ts'
import { peopleSchemaOf } from '../../lib/scim/attribute-definition.ts'
import { defaultResourceTypes, USER } from '../../lib/scim/default-resource-types.ts'
import type { ActivityStore } from '../../lib/storage/activity-port.ts'
import { isMissingTable } from '../../lib/storage/table/failure.ts'
import type {
  EraseResources,
  MaintenanceStore,
  PartitionStore,
  TenantStore,
} from '../../lib/storage/tenant-port.ts'
import { changedBy } from '../../lib/tenants/changed-by.ts'
import type { IssueOptions } from '../../lib/tenants/new-credential.ts'
import { UsageError } from '../command-line.ts'
import {
  type CommandName,
  NOT_NPMS,
  parseCommandLine,
  type Request,
  USAGE,
} from './command-line.ts'
import { takenByNpm } from '../npm-options.ts'
import { RUN, type Workplace } from './commands.ts'
import { explain, inPlace } from './explain.ts'
import { describePlace, findPlace, type Place, type Surroundings } from './place.ts'
import { type Outcome, printableJson } from './text.ts'

/** The tables of one place. */
export interface Backing {
  readonly store: TenantStore
  readonly activity: ActivityStore
  readonly people: Workplace['people']
  readonly peopleParts: Workplace['peopleParts']
  readonly teamsParts: Workplace['teamsParts']
  readonly backupParts: Workplace['backupParts']
  readonly partitions: PartitionStore
  readonly erase: EraseResources
  readonly runs: MaintenanceStore
  readonly sweep: Workplace['sweep']
  readonly takeOut: Workplace['takeOut']
  readonly fillIndexes: Workplace['fillIndexes']
  readonly functions: Workplace['functions']
  readonly check?: Workplace['check']
  readonly createTables: () => Promise<void>
}

/** Before these it is always said whose tables they work on. */
const REMOVING: ReadonlySet<CommandName> = new Set(['delete', 'maintenance', 'sweep --orphans'])

/** All that the tool has of the world. */
export interface Terminal extends Surroundings, Pick<Workplace, 'now' | 'settle' | 'ask'> {
  /** Writes a line to stdout: the outcome. */
  readonly out: (text: string) => void
  /** Writes a line to stderr: progress and errors. */
  readonly err: (text: string) => void
  /** Absent where nobody looks. */
  readonly progress?: Workplace['progress']
  readonly open: (place: Place) => Promise<Backing>
}

/**
 * Runs one command line.
 * @returns the exit code: 0 done, 1 it could not be done or tells of what is wrong, 2 it could not be understood.
 */
export async function run(args: readonly string[], terminal: Terminal): Promise<0 | 1 | 2> {
  let request: Request
  try {
    const taken = takenByNpm(NOT_NPMS, 'npm run tenant', terminal.environment)
    if (taken !== undefined) throw new UsageError(taken)
    request = parseCommandLine(args)
  } catch (error) {
    return misunderstood(error, terminal)
  }
  if (request.help) {
    terminal.out(USAGE)
    return 0
  }
  try {
    const outcome = await execute(request, terminal)
    const asJson = request.options.json === true
    const say = outcome.onStderr === true ? terminal.err : terminal.out
    say(asJson ? printableJson(outcome.json) : outcome.text)
    return outcome.exitCode ?? 0
  } catch (error) {
    if (error instanceof UsageError) return misunderstood(error, terminal)
    terminal.err(explain(error))
    return 1
  }
}

function misunderstood(error: unknown, terminal: Terminal): 2 {
  if (!(error instanceof UsageError)) throw error
  terminal.err(`${error.message}\nnpm run tenant -- --help lists the commands`)
  return 2
}

async function execute(
  { command, operands, options }: Extract<Request, { help: false }>,
  terminal: Terminal,
): Promise<Outcome> {
  const place = findPlace(options, terminal)
  if (!place.given || REMOVING.has(command)) terminal.err(`using ${describePlace(place)}`)
  const keys = signingKeysOf(place)
  const { createTables, ...backing } = await terminal.open(place)
  const workplace: Workplace = {
    ...backing,
    store: changedBy(backing.store, { actor: 'cli' }),
    ...(place.publicBaseUrl === undefined ? {} : { tenantUrl: place.publicBaseUrl }),
    ...(keys === undefined ? {} : { keySource: keySourceOf(keys) }),
    usersType: usersTypeIn(place),
    issuing: issuingIn(place),
    readText: terminal.readText,
    now: terminal.now,
    settle: terminal.settle,
    out: terminal.out,
    say: terminal.err,
    progress: terminal.progress ?? (() => {}),
    ...(terminal.ask === undefined ? {} : { ask: terminal.ask }),
  }
  try {
    return await RUN[command](workplace, operands, options)
  } catch (error) {
    // The command has to begin anew.
    if (!isMissingTable(error)) throw inPlace(error, place)
  }
  try {
    await createTables()
    return await RUN[command](workplace, operands, options)
  } catch (error) {
    throw inPlace(error, place)
  }
}

/** With the URN of the people extension that the app has. */
function usersTypeIn({ peopleUrn }: Place): Workplace['usersType'] {
  const types = defaultResourceTypes(peopleUrn)
  return types.find((each) => peopleSchemaOf(each) !== undefined) ?? USER
}

/** The command line knows the app by its settings, so that it has to have them, too. */
function issuingIn(place: Place): IssueOptions {
  const { publicBaseUrl } = place
  return {
    ownHost: publicBaseUrl === undefined ? undefined : new URL(publicBaseUrl).hostname,
    oauthNeeds: oauthKeysOf(place) === undefined ? OAUTH_NEEDS : undefined,
  }
}

const OAUTH_NEEDS =
  'PUBLIC_BASE_URL (or --url) and KEY_VAULT_KEY_ID in the environment, as the app has them'
