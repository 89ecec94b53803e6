import { tenantTypes, unfilledIndexes } from '../../lib/people/tenant-types.ts'
import { GROUP } from '../../lib/scim/default-resource-types.ts'
import { ScimError } from '../../lib/scim/errors.ts'
import type { ResourceType } from '../../lib/scim/resource-type.ts'
import { NO_DEADLINE } from '../../lib/storage/deadline.ts'
import type { Scope } from '../../lib/storage/port.ts'
import type { CheckOptions, CheckReport } from '../../lib/storage/table/check/check-tenant.ts'
import { PROBLEMS, type Told } from '../../lib/storage/table/check/suspect.ts'
import type { Declarations } from '../../lib/storage/tenant-port.ts'
import { requireTenant } from '../../lib/tenants/tenants.ts'
import type { Progress } from '../progress.ts'
import type { OptionValues } from './command-line.ts'
import type { Workplace } from './commands.ts'
import { counted } from './counted.ts'
import { Interrupted, interruptible } from './interruption.ts'
import { columns, type Outcome } from './text.ts'

/** Looks whether a tenant's rows fit each other. */
export type CheckOn = (scope: Scope, options: CheckOptions) => Promise<CheckReport>

/** Looks whether all rows of a tenant fit each other, and mends them where that is wanted. @throws ScimError */
export async function check(
  workplace: Workplace,
  [id = '']: readonly string[],
  { repair = false }: OptionValues,
): Promise<Outcome> {
  const report = await reportOn(workplace, id, { repair })
  if (report === undefined) throw new ScimError('forbidden', ONLY_TABLES)
  const json = { tenant: { id }, ...report }
  return { text: textOf(id, report, repair), json, ...failureOf(report) }
}

const ONLY_TABLES = 'only tables can be checked'

/** The same of a tenant that has just been imported, which stays so when this is interrupted. */
export async function checkImported(workplace: Workplace, id: string): Promise<Outcome> {
  try {
    const report = await interruptible(
      `it was interrupted; all of the import is done, and npm run tenant -- check ${id} checks it`,
      async (signal) => reportOn(workplace, id, { repair: false, signal }),
    )
    if (report === undefined) return { text: `not checked: ${ONLY_TABLES}`, json: null }
    const { rows, problems, underWay, consistent } = report
    const isWell = consistent && problems.length + underWay.length === 0
    const well = `checked: ${counted(rows, 'row')}, nothing is wrong`
    return { text: isWell ? well : textOf(id, report, false), json: report, ...failureOf(report) }
  } catch (error) {
    if (error instanceof Interrupted) {
      workplace.progress('')
      const { message } = error
      return { text: `not checked: ${message}`, json: { failed: message }, exitCode: 1 }
    }
    if (!(error instanceof ScimError)) throw error
    const { detail } = error
    return { text: `not checked: ${detail}; check ${id}`, json: { failed: detail }, exitCode: 1 }
  }
}

function failureOf({ consistent }: CheckReport): Pick<Outcome, 'exitCode'> {
  return consistent ? {} : { exitCode: 1 }
}

/** Undefined where there are no tables. @throws ScimError */
async function reportOn(
  workplace: Workplace,
  id: string,
  { repair, signal }: { readonly repair: boolean; readonly signal?: AbortSignal },
): Promise<CheckReport | undefined> {
  const { check: checkOn, settle, progress } = workplace
  if (checkOn === undefined) return undefined
  const { tenant } = await declarationsOf(workplace, id)
  if (tenant.status === 'deleting') {
    throw new ScimError('forbidden', `tenant ${id} is being deleted: there is nothing to check`)
  }
  const { partitionKey } = tenant
  const scope: Scope = { partitionKey, deadline: NO_DEADLINE }
  const report = await checkOn(scope, {
    typesOf: async () => typesOf(workplace, await declarationsOf(workplace, id)),
    repair,
    pause: async (seconds) => {
      progress(`looking once more in ${String(seconds)} s`)
      await settle(seconds, signal)
    },
    progress: (done) => {
      signal?.throwIfAborted()
      show(progress, done)
    },
  })
  progress('')
  const underWay = [...report.underWay, ...purged(await declarationsOf(workplace, id))]
  return { ...report, underWay }
}

async function declarationsOf({ store }: Workplace, id: string): Promise<Declarations> {
  const declared = await store.definitions(id)
  return declared ?? { tenant: await requireTenant(store, id), definitions: [] }
}

function typesOf(
  { usersType }: Workplace,
  { tenant, definitions }: Declarations,
): readonly ResourceType[] {
  const live = definitions.filter(({ removed }) => removed === undefined)
  return tenantTypes([usersType, GROUP])(live, unfilledIndexes(tenant))
}

function purged({ definitions }: Declarations): readonly Told[] {
  return definitions
    .filter(({ purging }) => purging === true)
    .map(({ id }) => ({ problem: 'attribute being purged', type: 'User', about: id }))
}

function show(
  progress: Progress,
  { rows, suspects }: Parameters<NonNullable<CheckOptions['progress']>>[0],
): void {
  progress(
    suspects === undefined ? `${counted(rows, 'row')} read` : `looking at ${String(suspects)}`,
  )
}

function textOf(id: string, report: CheckReport, repair: boolean): string {
  const { problems, underWay, rows } = report
  const found = [...problems, ...underWay]
  const parts = [
    ...(found.length === 0 ? [] : [tableOf(found, repair), meanings(found)]),
    `tenant ${id}: ${counted(rows, 'row')} read, ${endOf(report, repair)}`,
  ]
  return parts.join('\n\n')
}

function tableOf(found: readonly Told[], repair: boolean): string {
  const rows = found.map(({ problem, type, about, detail = '', mended }) => {
    const end = repair ? [mended === true ? 'yes' : 'no'] : []
    return [problem, type, about, detail, ...end]
  })
  const heading = ['FOUND', 'TYPE', 'ABOUT', 'DETAIL', ...(repair ? ['MENDED'] : [])]
  return columns([heading, ...rows])
}

function meanings(found: readonly Told[]): string {
  const names = [...new Set(found.map(({ problem }) => problem))]
  return names.map((name) => `${name}: ${PROBLEMS[name]}`).join('\n')
}

function endOf({ problems, undecided, more }: CheckReport, repair: boolean): string {
  const left = problems.filter(({ mended }) => mended !== true).length
  const parts = [
    ...(problems.length === 0
      ? ['nothing is wrong']
      : [`${counted(problems.length, 'problem')} found`]),
    ...(repair && problems.length > 0 ? [`${String(problems.length - left)} mended`] : []),
    ...(undecided === 0 ? [] : [`${String(undecided)} changed at each look: check again`]),
    ...(more ? ['there is more than one check looks at: check again'] : []),
  ]
  const hint = left > 0 && !repair ? '; --repair mends what it is sure of' : ''
  return parts.join(', ') + hint
}
