import { elementsOf, own, type JsonValue } from '../../lib/scim/json.ts'
import { at, type Deployment, type Finding, ofType, placeOf, type Resource } from './deployment.ts'

/** Less helps against nothing that is seen on a Monday; for longer than a year nobody has asked to keep people. */
const DAYS = [7, 365] as const

/** As long as that somebody has to find out that backups were deleted. */
const DAYS_OF_DELETED = 7

/** Where the backups are kept: apart from the data, against whoever deletes them, and for so long as is said and no longer. */
export function backupFindings(deployment: Deployment): readonly Finding[] {
  const account = deployment.outputs['backupStorageAccountName']
  if (typeof account !== 'string' || account === '') return []
  const isOfIt = ({ name }: Resource): boolean => name.split('/')[0] === account
  const accounts = ofType(deployment, 'Storage/storageAccounts').filter(isOfIt)
  const services = ofType(deployment, 'Storage/storageAccounts/blobServices').filter(isOfIt)
  const policies = ofType(deployment, 'Storage/storageAccounts/managementPolicies').filter(isOfIt)
  const tables = ofType(deployment, 'Storage/storageAccounts/tableServices').filter(isOfIt)
  const told = (resource: Resource, says: string): Finding => ({
    rule: 'backup',
    where: placeOf(deployment, resource),
    says,
  })
  return [
    ...(accounts.length === 1 && services.length === 1 && policies.length === 1
      ? []
      : [{ rule: 'backup', where: deployment.name, says: `${account} is not made, or not whole` }]),
    ...tables.map((each) => told(each, 'the backups must be in another account than the data')),
    ...accounts.flatMap((each) => accountProblems(each).map((says) => told(each, says))),
    ...services.flatMap((each) => serviceProblems(each).map((says) => told(each, says))),
    ...policies.flatMap((each) => policyProblems(each).map((says) => told(each, says))),
    ...watchProblems(deployment, services),
  ]
}

/** The deletion of old backups comes from a service of Azure. */
function accountProblems(account: Resource): readonly string[] {
  return at(account, 'properties.networkAcls.bypass') === 'AzureServices'
    ? []
    : ['networkAcls.bypass must be AzureServices: nobody else deletes what is old']
}

function serviceProblems(service: Resource): readonly string[] {
  const kept = ['deleteRetentionPolicy', 'containerDeleteRetentionPolicy']
  return [
    ...(at(service, 'properties.isVersioningEnabled') === true
      ? []
      : ['isVersioningEnabled must be true: what is written over is gone else']),
    ...kept
      .filter((policy) => Number(at(service, `properties.${policy}.days`) ?? 0) < DAYS_OF_DELETED)
      .map((policy) => `${policy}.days must be ${DAYS_OF_DELETED} at least`),
  ]
}

function policyProblems(policy: Resource): readonly string[] {
  const rules = elementsOf(at(policy, 'properties.policy.rules'))
  const [shortest, longest] = DAYS
  const limits = rules.flatMap((rule) =>
    own(rule, 'enabled') === true && isForBackups(rule)
      ? [daysOf(rule, 'baseBlob'), daysOf(rule, 'version')]
      : [],
  )
  const [first] = limits
  const isRight =
    limits.length === 2 &&
    limits.every((days) => days === first && days >= shortest && days <= longest)
  return isRight
    ? []
    : [`backups and their versions must go after the same ${shortest} to ${longest} days`]
}

function isForBackups(rule: JsonValue): boolean {
  const filters = own(own(rule, 'definition'), 'filters')
  return elementsOf(own(filters, 'prefixMatch')).includes('backups/')
}

function daysOf(rule: JsonValue, kind: 'baseBlob' | 'version'): number {
  const actions = own(own(rule, 'definition'), 'actions')
  const days = own(own(own(actions, kind), 'delete'), 'daysAfterCreationGreaterThan')
  return typeof days === 'number' ? days : Number.NaN
}

/** The alert asks what the account logs. */
function watchProblems(deployment: Deployment, services: readonly Resource[]): readonly Finding[] {
  const hasAlerts = ofType(deployment, 'Insights/actionGroups').length > 0
  if (!hasAlerts) return []
  const isThere = ofType(deployment, 'Insights/scheduledQueryRules').some(({ name }) =>
    name.startsWith('backup-missing-'),
  )
  const isLogged = ofType(deployment, 'Insights/diagnosticSettings').some(
    (setting) =>
      services.some(({ id }) => setting.id.startsWith(`${id}/`)) &&
      elementsOf(at(setting, 'properties.logs')).some(
        (log) => own(log, 'category') === 'StorageWrite' && own(log, 'enabled') === true,
      ),
  )
  const finding = (says: string): Finding => ({ rule: 'backup', where: deployment.name, says })
  return [
    ...(isThere ? [] : [finding('there is no alert backup-missing')]),
    ...(isLogged ? [] : [finding('nothing is logged of what is written to the backups')]),
  ]
}
