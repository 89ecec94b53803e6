import { settingsSchema } from '../../lib/manage/documents.ts'
import { settingsTable, shownSetting } from './settings-table.ts'
import { listCredentials } from '../../lib/tenants/credentials.ts'
import { readSettings } from '../../lib/tenants/settings.ts'
import type { KeySource } from '../../lib/oauth/signing-key.ts'
import type { PeopleParts } from '../../lib/people/people-context.ts'
import type { TeamsParts } from '../../lib/people/teams-context.ts'
import type { ResourceType } from '../../lib/scim/resource-type.ts'
import { ScimError } from '../../lib/scim/errors.ts'
import { memoryTenantStore } from '../../lib/storage/memory/tenants.ts'
import type { ActivityStore } from '../../lib/storage/activity-port.ts'
import type {
  EraseResources,
  MaintenanceStore,
  PartitionStore,
  TenantStore,
  TenantSettings,
} from '../../lib/storage/tenant-port.ts'
import {
  createTenant,
  CREDENTIAL_CACHE_SECONDS,
  deleteTenant,
  renameTenant,
  requireTenant,
  setTenantStatus,
} from '../../lib/tenants/tenants.ts'
import type { MaintenanceParts } from '../../lib/tenants/maintenance.ts'
import type { IssueOptions } from '../../lib/tenants/new-credential.ts'
import { issueToken, listTokens, revokeToken } from '../../lib/tenants/tokens.ts'
import type { Host } from '../local-host/host.ts'
import { listActivity } from './activity.ts'
import {
  addAttribute,
  changeOfAttribute,
  listAttributes,
  removeOfAttribute,
  showAttribute,
} from './attribute-commands.ts'
import { BACKUP_COMMANDS, type BackupTools } from './backup-commands.ts'
import { check, type CheckOn } from './check-command.ts'
import { change, merged, settingsOf } from './change.ts'
import { UsageError } from '../command-line.ts'
import type { Progress } from '../progress.ts'
import type { CommandName, OptionValues } from './command-line.ts'
import {
  changeOfAnyKind,
  credentialTable,
  issueOfKind,
  listOfAllKinds,
  revokeOfAnyKind,
  rotate,
  showOfAnyKind,
  shownCredential,
} from './credential-commands.ts'
import { parseExpiry } from './expiry.ts'
import { guide } from './guide.ts'
import { overviewOf, overviewText } from './health-text.ts'
import { INVITATION_COMMANDS } from './invitation-commands.ts'
import { LEVEL_COMMANDS } from './level-commands.ts'
import { listTenants } from './list.ts'
import { maintain } from './maintain.ts'
import { rotateKeys } from './keys.ts'
import { countPeople, GROUPS, listPeople, type PeopleStore, USERS } from './people.ts'
import { PEOPLE_COMMANDS } from './people-commands.ts'
import { TEAM_COMMANDS } from './team-commands.ts'
import { seed } from './seed.ts'
import { sweepOrphans } from './sweep-orphans.ts'
import {
  countedTenantTable,
  credentialLines,
  type Outcome,
  shownTenant,
  shownToken,
  tenantUrlLine,
  tokenTable,
} from './text.ts'

/** What commands work with. */
export interface Workplace {
  readonly store: TenantStore
  readonly people: PeopleStore
  /** What people are read and changed with as an application has them. */
  readonly peopleParts: Omit<PeopleParts, 'typesOf'>
  readonly teamsParts: TeamsParts
  readonly backupParts: BackupTools
  readonly activity: ActivityStore
  readonly partitions: PartitionStore
  readonly erase: EraseResources
  readonly runs: MaintenanceStore
  /** Finishes interrupted deletions of a tenant's resources, by its PartitionKey; tells how many. */
  readonly sweep: (partitionKey: string) => Promise<number>
  /** Takes the values of attributes out that a tenant has removed. */
  readonly takeOut: MaintenanceParts['takeOut']
  readonly fillIndexes: MaintenanceParts['fillIndexes']
  /** The app's own functions, in this process. */
  readonly functions: () => Promise<Host>
  /** Looks whether a tenant's rows fit each other; absent where there are no tables. */
  readonly check?: CheckOn | undefined
  readonly tenantUrl?: string
  /** The users' type as every tenant has it. */
  readonly usersType: ResourceType
  /** What credentials are issued for, as far as the settings tell. */
  readonly issuing: IssueOptions
  /** The keys that sign access tokens; absent where nothing says where they are. */
  readonly keySource?: KeySource
  /** The text of a file of the project, undefined when there is none. */
  readonly readText: (path: string) => string | undefined
  readonly now: () => Date
  readonly settle: (seconds: number, signal?: AbortSignal) => Promise<void>
  /** Writes a line of an outcome that has no end. */
  readonly out: (line: string) => void
  /** For progress; the outcome is not said with it. */
  readonly say: (line: string) => void
  /** Shows how far it is; an empty text when it is done. */
  readonly progress: Progress
  /** Absent when there is nobody to answer. */
  readonly ask?: (question: string) => Promise<string>
}

/** What a command does with its operands and options. @throws ScimError, UsageError */
export type Command = (
  workplace: Workplace,
  operands: readonly string[],
  options: OptionValues,
) => Promise<Outcome>

/** What each command does. @throws ScimError, UsageError */
export const RUN: Readonly<Record<CommandName, Command>> = {
  create: async (workplace, [id = ''], options) => {
    const { store, now } = workplace
    const expires = expiryOf(workplace, options)
    const named = {
      ...(options.name === undefined ? {} : { name: options.name }),
      ...(options.reference === undefined ? {} : { reference: options.reference }),
      settings: options.settings === undefined ? {} : merged({}, settingsOf(options.settings)),
    }
    await rehearse(id, named, options, now())
    const tenant = await createTenant(store, { id, ...named, now: now() })
    try {
      const { text, json } = await issue(workplace, id, options, expires)
      return { text, json: { tenant: shownTenant(tenant), ...json } }
    } catch (error) {
      workplace.say(`the tenant ${id} was created, but has no token: token issue ${id}`)
      throw error
    }
  },

  list: listTenants,

  show: async (workplace, [id = '']) => {
    const { store, people, tenantUrl, now } = workplace
    const tenant = await requireTenant(store, id)
    const [counts, kept, credentials] = await Promise.all([
      countPeople(people, tenant.partitionKey),
      listTokens(store, id),
      listCredentials(store, id),
    ])
    const overview = await overviewOf(workplace, tenant, credentials)
    const tokens = kept.map((token) => shownToken(token, now()))
    const others = credentials.filter(({ kind }) => kind !== 'token')
    const url = tenantUrl === undefined ? {} : { tenantUrl }
    const shown = shownTenant(tenant)
    const { settings, deletion } = tenant
    const parts = [
      countedTenantTable(shown, counts),
      tenantUrlLine(tenantUrl),
      settingsLine(tenant.settings),
      overviewText(overview, credentials),
      tokenTable(tokens),
      ...(others.length === 0 ? [] : [credentialTable(others, now())]),
      ...(deletion === undefined ? [] : [`it is being deleted: ${deletion.phase}`]),
    ]
    const more = {
      settings: readSettings(settings),
      ...overview,
      ...(deletion === undefined ? {} : { deletion }),
      credentials: others.map((each) => shownCredential(each, now())),
    }
    return { text: parts.join('\n\n'), json: { tenant: shown, ...url, ...counts, ...more, tokens } }
  },

  activity: listActivity,
  guide,
  users: (workplace, operands, options) => listPeople(USERS, workplace, operands, options),

  groups: (workplace, operands, options) => listPeople(GROUPS, workplace, operands, options),

  rename: async ({ store }, [id = ''], { name }) => {
    if (name === undefined) throw new UsageError('rename needs --name TEXT')
    const tenant = shownTenant(await renameTenant(store, id, name))
    return { text: `tenant ${id} is called ${tenant.name}`, json: { tenant } }
  },

  change,
  settings: async () => ({ text: settingsTable(), json: settingsSchema() }),

  disable: async ({ store }, [id = '']) => {
    const tenant = shownTenant(await setTenantStatus(store, id, 'disabled'))
    return { text: `tenant ${id} is disabled, ${EVERYWHERE_SOON}`, json: { tenant } }
  },

  enable: async ({ store }, [id = '']) => {
    const tenant = shownTenant(await setTenantStatus(store, id, 'enabled'))
    return { text: `tenant ${id} is enabled, ${EVERYWHERE_SOON}`, json: { tenant } }
  },

  delete: async (workplace, [id = ''], options) => {
    const { store, erase, settle, say } = workplace
    await requireTenant(store, id)
    if (options.yes !== true) await confirmDeletion(workplace, id)
    const removed = await deleteTenant(store, id, {
      erase,
      settle: async (seconds) => {
        say(
          `tenant ${id} is refused ${EVERYWHERE_SOON}; waiting ${String(seconds)} s until no request can still run for it`,
        )
        await settle(seconds)
        say(`removing the users and groups of ${id}; if this is interrupted, delete it again`)
      },
    })
    return {
      text: `tenant ${id} is deleted, and ${String(removed)} rows of users, groups and memberships`,
      json: { deleted: id, rows: removed },
    }
  },

  check,
  maintenance: maintain,
  seed: (workplace, [id = '']) => seed(workplace, id),

  sweep: async ({ store, sweep }, [id = '']) => {
    const { partitionKey } = await requireTenant(store, id)
    const finished = await sweep(partitionKey)
    const text = `tenant ${id}: ${String(finished)} interrupted deletions are finished`
    return { text, json: { tenant: { id }, finished } }
  },

  'sweep --orphans': (workplace, _operands, options) => sweepOrphans(workplace, options),

  'keys rotate': rotateKeys,

  'attribute add': addAttribute,
  'attribute list': listAttributes,
  'attribute show': showAttribute,
  'attribute change': changeOfAttribute,
  'attribute remove': removeOfAttribute,
  ...PEOPLE_COMMANDS,
  ...TEAM_COMMANDS,
  ...LEVEL_COMMANDS,
  ...INVITATION_COMMANDS,
  ...BACKUP_COMMANDS,

  'token issue': async (workplace, [id = ''], options) => {
    const { text, json } = await issue(workplace, id, options, expiryOf(workplace, options))
    return { text, json: { tenant: { id }, ...json } }
  },

  'token list': async ({ store, now }, [id = '']) => {
    const tokens = (await listTokens(store, id)).map((token) => shownToken(token, now()))
    return { text: tokenTable(tokens), json: { tokens } }
  },

  'token revoke': async ({ store, now }, [id = '', tokenId = '']) => {
    const token = shownToken(await revokeToken(store, id, tokenId, now()), now())
    const text = `token ${tokenId} of tenant ${id} is revoked, ${EVERYWHERE_SOON}`
    return { text, json: { token } }
  },

  'token rotate': rotate('token'),
  'credential issue': issueOfKind,
  'credential list': listOfAllKinds,
  'credential show': showOfAnyKind,
  'credential change': changeOfAnyKind,
  'credential rotate': rotate(),
  'credential revoke': revokeOfAnyKind,
}

const EVERYWHERE_SOON = `everywhere within ${String(CREDENTIAL_CACHE_SECONDS)} s`

function expiryOf({ now }: Workplace, { expires }: OptionValues): Date | undefined {
  return expires === undefined ? undefined : parseExpiry(expires, now())
}

async function issue(
  { store, tenantUrl, now }: Workplace,
  id: string,
  { label }: OptionValues,
  expires: Date | undefined,
): Promise<{ text: string; json: Record<string, unknown> }> {
  const { token, secretToken } = await issueToken(store, id, {
    ...(label === undefined ? {} : { label }),
    ...(expires === undefined ? {} : { expires }),
    now: now(),
  })
  const validity = token.expires === undefined ? 'does not expire' : `expires ${token.expires}`
  const note = `The Secret Token is not shown again. Its id is ${token.id}, it ${validity}.`
  const url = tenantUrl === undefined ? {} : { tenantUrl }
  return {
    text: `${credentialLines(tenantUrl, secretToken)}\n\n${note}`,
    json: { ...url, secretToken, token: shownToken(token, now()) },
  }
}

/** Those in effect. */
function settingsLine(settings: TenantSettings): string {
  const shown = Object.entries(readSettings(settings)).map(
    ([name, value]) => `${name} ${shownSetting(value)}`,
  )
  return `Settings      ${shown.join(', ')}`
}

/** A tenant whose token is refused would be left behind: the same steps first, on a store that keeps nothing. */
async function rehearse(
  id: string,
  named: Omit<Parameters<typeof createTenant>[1], 'id' | 'now'>,
  { label }: OptionValues,
  now: Date,
): Promise<void> {
  const nowhere = memoryTenantStore()
  await createTenant(nowhere, { id, ...named, now })
  await issueToken(nowhere, id, { ...(label === undefined ? {} : { label }), now })
}

async function confirmDeletion({ ask }: Workplace, id: string): Promise<void> {
  if (ask === undefined) throw new UsageError(`delete ${id} needs --yes when nobody can be asked`)
  const answer = await ask(`Type ${id} to delete this tenant with all its users and groups: `)
  if (answer.trim() !== id) throw new ScimError('forbidden', 'nothing is deleted')
}
