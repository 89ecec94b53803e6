import { parseArgs } from 'node:util'
import { UsageError } from '../command-line.ts'
import {
  BACKUP_EXITS_USAGE,
  BACKUP_OPTIONS,
  BACKUP_OPTIONS_USAGE,
  BACKUP_SHAPES,
  BACKUP_USAGE,
} from './backup-usage.ts'
import { COUNTED_SHAPES, COUNTED_USAGE } from './counted-usage.ts'
import { PEOPLE_SHAPES, PEOPLE_USAGE } from './people-usage.ts'
import { TEAM_SHAPES, TEAM_USAGE } from './team-usage.ts'
import { UPKEEP_SHAPES, UPKEEP_USAGE } from './upkeep-usage.ts'

const OPTIONS = {
  storage: { type: 'string' },
  endpoint: { type: 'string' },
  data: { type: 'string' },
  url: { type: 'string' },
  name: { type: 'string' },
  product: { type: 'string' },
  reference: { type: 'string' },
  settings: { type: 'string' },
  status: { type: 'string' },
  kind: { type: 'string' },
  issuer: { type: 'string' },
  audience: { type: 'string' },
  subject: { type: 'string' },
  'jwks-uri': { type: 'string' },
  'entra-tenant': { type: 'string' },
  'overlap-hours': { type: 'string' },
  label: { type: 'string' },
  expires: { type: 'string' },
  description: { type: 'string' },
  type: { type: 'string' },
  schema: { type: 'string' },
  'multi-valued': { type: 'boolean' },
  'allowed-values': { type: 'string' },
  unique: { type: 'string' },
  indexed: { type: 'string' },
  purge: { type: 'boolean' },
  'changed-since': { type: 'string' },
  q: { type: 'string' },
  force: { type: 'boolean' },
  refused: { type: 'boolean' },
  since: { type: 'string' },
  until: { type: 'string' },
  follow: { type: 'boolean' },
  count: { type: 'string' },
  all: { type: 'boolean' },
  orphans: { type: 'boolean' },
  repair: { type: 'boolean' },
  ...BACKUP_OPTIONS,
  yes: { type: 'boolean' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const

type OptionName = keyof typeof OPTIONS

/** Options that npm has under the same name, and passes on in no way that tells whose they are. */
const NPMS: ReadonlySet<string> = new Set([
  'all',
  'description',
  'dry-run',
  'force',
  'help',
  'json',
  'yes',
])

/** Those that are this tool's alone. */
export const NOT_NPMS: readonly string[] = Object.keys(OPTIONS).filter((name) => !NPMS.has(name))

/** What was given as options. */
export type OptionValues = {
  readonly [Name in OptionName]?: (typeof OPTIONS)[Name]['type'] extends 'string' ? string : boolean
}

/** The command line of one command. */
export interface CommandShape {
  /** What each operand is, in their order: `id`. */
  readonly operands: readonly string[]
  /** One more that may be left out. */
  readonly optional?: string
  /** Beside those that every command has. */
  readonly options: readonly OptionName[]
}

const EVERYWHERE: readonly OptionName[] = ['storage', 'endpoint', 'data', 'json', 'help']

const LIST_OPTIONS = ['count', 'all'] as const

const ACTIVITY_OPTIONS = ['subject', 'refused', 'since', 'until', 'count', 'follow'] as const

const CREDENTIAL_OPTIONS = ['label', 'expires', 'url'] as const

const ROTATION_OPTIONS = ['overlap-hours', 'url'] as const

const KIND_OPTIONS = ['kind', 'issuer', 'audience', 'subject', 'jwks-uri', 'entra-tenant'] as const

const ATTRIBUTE_OPTIONS = ['label', 'description', 'allowed-values', 'unique', 'indexed'] as const

const OF_ATTRIBUTE = ['id', 'name'] as const

const OF_CREDENTIAL = ['id', 'credential id'] as const

/** All commands there are. */
export const COMMANDS = {
  create: { operands: ['id'], options: ['name', 'reference', 'settings', ...CREDENTIAL_OPTIONS] },
  list: { operands: [], optional: 'text', options: ['status'] },
  show: { operands: ['id'], options: ['url'] },
  activity: { operands: ['id'], options: ACTIVITY_OPTIONS },
  guide: { operands: ['id'], options: ['product', 'url'] },
  users: { operands: ['id'], optional: 'text', options: LIST_OPTIONS },
  groups: { operands: ['id'], optional: 'text', options: LIST_OPTIONS },
  rename: { operands: ['id'], options: ['name'] },
  change: { operands: ['id'], options: ['name', 'reference', 'settings'] },
  settings: { operands: [], options: [] },
  disable: { operands: ['id'], options: [] },
  enable: { operands: ['id'], options: [] },
  delete: { operands: ['id'], options: ['yes'] },
  seed: { operands: ['id'], options: [] },
  ...UPKEEP_SHAPES,
  'attribute add': {
    operands: OF_ATTRIBUTE,
    options: ['type', 'multi-valued', 'schema', ...ATTRIBUTE_OPTIONS],
  },
  'attribute list': { operands: ['id'], options: [] },
  'attribute show': { operands: OF_ATTRIBUTE, options: [] },
  'attribute change': { operands: OF_ATTRIBUTE, options: ATTRIBUTE_OPTIONS },
  'attribute remove': { operands: OF_ATTRIBUTE, options: ['purge', 'yes'] },
  ...PEOPLE_SHAPES,
  ...TEAM_SHAPES,
  ...COUNTED_SHAPES,
  ...BACKUP_SHAPES,
  'token issue': { operands: ['id'], options: CREDENTIAL_OPTIONS },
  'token list': { operands: ['id'], options: [] },
  'token rotate': { operands: ['id', 'token id'], options: ROTATION_OPTIONS },
  'token revoke': { operands: ['id', 'token id'], options: [] },
  'credential issue': { operands: ['id'], options: [...KIND_OPTIONS, ...CREDENTIAL_OPTIONS] },
  'credential list': { operands: ['id'], options: [] },
  'credential show': { operands: OF_CREDENTIAL, options: [] },
  'credential change': { operands: OF_CREDENTIAL, options: ['label', 'expires'] },
  'credential rotate': { operands: OF_CREDENTIAL, options: ROTATION_OPTIONS },
  'credential revoke': { operands: OF_CREDENTIAL, options: [] },
  'keys rotate': { operands: [], options: [] },
} as const satisfies Record<string, CommandShape>

export type CommandName = keyof typeof COMMANDS

/** Commands of two words begin with one of these. */
const OBJECTS: ReadonlySet<string | undefined> = new Set(
  Object.keys(COMMANDS).flatMap((name) => /^(\w+) \w/.exec(name)?.[1] ?? []),
)

export const USAGE = `npm run tenant -- <command> [options]

  create <id>                   a tenant and its first Secret Token; the id has 1 to 32 characters a-z 0-9 -
  list [text]                   all tenants, or those with the text in id, name or reference
  guide <id>                    the page for the customer's IT admin, to hand out: Markdown on stdout
  show <id>                     one tenant: its Tenant URL, how many users and groups, how it goes, each token's last use
  activity <id>                 what was changed and what was refused, the newest first
  users <id> [text]             its users, or those with the text in userName, displayName, externalId or an e-mail address
  groups <id> [text]            its groups, or those with the text in displayName or externalId
  rename <id> --name TEXT       another name for people; its id and its tokens stay
  change <id>                   its name, reference or settings
  settings                      what can be set for a tenant: meaning, default, range
  disable <id>, enable <id>     refuse or accept all its tokens; effective within 30 s
  delete <id>                   the tenant with all its users and groups
  seed <id>                     12 invented people in 4 teams, to try things with; what is there already stays
${UPKEEP_USAGE}
  attribute add <id> <name>     an attribute of its users that SCIM has not, such as costCentre; effective within 30 s
  attribute list <id>           all that the tenant has declared
  attribute show <id> <name>    one of them, with its names for the mappings of an identity provider
  attribute change <id> <name>  its label, description, allowed values, unique or indexed
  attribute remove <id> <name>  hides what users have of it; with --purge it is taken out
${PEOPLE_USAGE}
${TEAM_USAGE}
${COUNTED_USAGE}
${BACKUP_USAGE}
  token issue <id>              one more Secret Token, to replace another without an outage
  token list <id>               the tokens: label, status, expiry, last use
  token rotate <id> <token id>  one more Secret Token in its place: the old one expires a day later
  token revoke <id> <token id>  effective within 30 s; the token id is the part of the token behind the tenant
  credential issue <id> --kind KIND            a token, or what OAuth takes in its place: clientSecret, federated, entra
  credential list <id>                         the credentials of all kinds
  credential show <id> <credential id>         one of them, with all that it is for
  credential change <id> <credential id>       its label or expiry
  credential rotate <id> <credential id>       as token rotate, of a token or client secret
  credential revoke <id> <credential id>       effective within 30 s, also for the access tokens that it has earned
  keys rotate                                  a new key for OAuth's access tokens; those that are out stay good

  --name TEXT        of a new tenant, or the new one of rename and change
  --reference TEXT   your own id of the customer, 100 characters at most; "" takes it away
  --settings JSON    the settings to change, such as '{"requestsPerSecond": 50}'; null gives the default back
  --status STATUS    list only those: enabled, disabled, deleting
  --product TEXT     the name of your product, for guide
  --label TEXT       of a credential, such as the identity provider that gets it; of an attribute, for people
  --expires WHEN     of a credential: 2027-06-30 (valid through that day, UTC), or 90d from now; else never. Of a
                     client secret else a year from now; credential issue and change take never, too
  --kind KIND        token, clientSecret, federated or entra
  --issuer TEXT      of a federated credential: iss of the assertions that earn access tokens
  --audience TEXT    of a federated credential: their aud; of an Entra credential: another aud than the usual one
  --subject TEXT     of a federated credential: their sub; of the activity: whom it is about, memberships included, by
                     id, userName, a group's name or externalId
  --jwks-uri URL     of a federated credential: where the issuer's keys are; https only
  --entra-tenant ID  of an Entra credential: the customer's Entra tenant id
  --overlap-hours N  how long the old secret goes on, 0 to 720; else 24
  --type TYPE        of an attribute: string, integer, decimal, boolean, dateTime or reference; else string
  --multi-valued     an attribute with several values
  --schema URN       the extension that an attribute is in; else the people extension
  --description TEXT  of an attribute, in /Schemas; "" takes it away
  --allowed-values JSON  all values that an attribute may have, such as '["S", "M", "L"]'; [] any
  --unique BOOLEAN   whether no two users may have the same value of an attribute: true or false
  --indexed BOOLEAN  whether filters find an attribute without a scan: true or false
  --purge            remove an attribute with all that users have of it, which cannot be undone
  --changed-since POSITION  only what has changed since then: people or teams, and who or what is removed
  --q TEXT           only people whose user name, e-mail, family or given name begins so; case is ignored
  --force            delete an active person, too
  --url URL          the Tenant URL to print; else PUBLIC_BASE_URL
  --refused          only what was refused
  --since WHEN       from then on: 2026-11-27, 2026-11-27T14:00 (local time), or 30m, 24h, 7d ago
  --until WHEN       up to then
  --follow           go on with what is new, the newest last, until it is interrupted
  --count N          so many users, groups, people, teams, members or invitations, instead of 100; entries: instead of 50
  --all              all users, groups, people, teams, members or invitations
${BACKUP_OPTIONS_USAGE}
  --yes              delete, purge, or remove orphans, without asking
  --repair           mend what check finds, as far as it is sure what is right
  --json             one JSON document (npm run --silent tenant -- ...)

${BACKUP_EXITS_USAGE}

For an account in Azure: sign in (az login) and give its endpoint, or keep its connection string in the environment.
  TABLES_ENDPOINT=https://<account>.table.core.windows.net npm run tenant -- list
Where the tables are, the first of these that is given:
  --endpoint https://<account>.table.core.windows.net   with your Azure login
  --data DIRECTORY                                      of the npm start -- --data DIRECTORY that runs
  --storage "<connection string>"                       of an emulator only: a command line is in the
                                                        shell's history and the list of processes
  TABLES_ENDPOINT or TABLES_CONNECTION_STRING           in the environment
  npm start                                             while it runs, without --data and --storage
  TABLES_ENDPOINT or TABLES_CONNECTION_STRING           in local.settings.json
Unless it was an option, stderr says which it is; before what removes tenants it always does.`

/** What to do. */
export type Request =
  | { readonly help: true }
  | {
      readonly help: false
      readonly command: CommandName
      readonly operands: readonly string[]
      readonly options: OptionValues
    }

/** @throws UsageError that names what is wrong. */
export function parseCommandLine(args: readonly string[]): Request {
  const { values: options, positionals } = parse(args)
  if (options.help === true || positionals[0] === 'help') return { help: true }
  const words = OBJECTS.has(positionals[0]) ? 2 : 1
  const named = positionals.slice(0, words).join(' ')
  const command = withOption(named, options)
  if (!isCommand(command)) {
    const names = Object.keys(COMMANDS).join(', ')
    const wrong = command === '' ? 'a command is missing' : `no command "${command}"`
    throw new UsageError(`${wrong}; there are: ${names}`)
  }
  const operands = positionals.slice(words)
  checkOperands(command, operands)
  checkOptions(command, options)
  return { help: false, command, operands, options }
}

/** Commands that are others with an option. */
function withOption(named: string, { orphans, all }: OptionValues): string {
  if (named === 'sweep' && orphans === true) return 'sweep --orphans'
  return named === 'export' && all === true ? 'export --all' : named
}

function parse(args: readonly string[]): { values: OptionValues; positionals: string[] } {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: OPTIONS,
      allowPositionals: true,
    })
    return { values: { ...values }, positionals }
  } catch (error) {
    const [reason = ''] = error instanceof Error ? error.message.split(/[.\n] ?/) : []
    throw new UsageError(reason, { cause: error })
  }
}

function isCommand(text: string): text is CommandName {
  return Object.hasOwn(COMMANDS, text)
}

function checkOperands(command: CommandName, operands: readonly string[]): void {
  const shape: CommandShape = COMMANDS[command]
  const missing = shape.operands[operands.length]
  if (missing !== undefined) throw new UsageError(`${command} needs <${missing}>`)
  const most = shape.operands.length + (shape.optional === undefined ? 0 : 1)
  const [extra] = operands.slice(most)
  if (extra !== undefined) {
    throw new UsageError(`${command} does not take "${extra}"; a text with spaces needs quotes`)
  }
}

function checkOptions(command: CommandName, options: OptionValues): void {
  const shape: CommandShape = COMMANDS[command]
  const allowed = new Set<string>([...EVERYWHERE, ...shape.options])
  const wrong = Object.keys(options).find((name) => !allowed.has(name))
  if (wrong !== undefined) throw new UsageError(`${command} has no option --${wrong}`)
  const places = (['storage', 'endpoint', 'data'] as const).filter(
    (name) => options[name] !== undefined,
  )
  if (places.length > 1) {
    throw new UsageError(`--${places.join(' and --')} are different places; give one`)
  }
}
