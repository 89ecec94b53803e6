import { LOCAL_SETTING_NAMES, SETTING_NAMES } from '../../lib/config.ts'
import { isObject } from '../../lib/scim/json.ts'
import { TABLE_NAMES } from '../../lib/storage/table/tables.ts'
import { TELEMETRY_SETTING_NAMES } from '../../lib/telemetry/settings.ts'
import { BODY_LIMIT } from '../local-host/body-limit.ts'
import {
  at,
  textAt,
  type Deployment,
  type Finding,
  named,
  ofType,
  placeOf,
  type Resource,
} from './deployment.ts'
import { evaluated, SUFFIX } from './expression.ts'

/** The settings that are not the app's own, and whose they are. */
const PLATFORM_SETTINGS: Readonly<Record<string, string>> = {
  AzureWebJobsStorage__blobServiceUri: 'the host',
  AzureWebJobsStorage__tableServiceUri: 'the host',
  AzureWebJobsStorage__credential: 'the host',
  AzureWebJobsStorage__clientId: 'the host',
  ...Object.fromEntries(TELEMETRY_SETTING_NAMES.map((name) => [name, 'the host and the app'])),
  AZURE_CLIENT_ID: 'DefaultAzureCredential: which identity',
  [BODY_LIMIT]: 'the host',
}

/** All that siteConfig may have: Flex Consumption refuses much of the rest, and settings have a place of their own. */
const SITE_CONFIG: ReadonlySet<string> = new Set([
  'http20Enabled',
  'minTlsVersion',
  'scmMinTlsVersion',
  'ipSecurityRestrictions',
  'ipSecurityRestrictionsDefaultAction',
  'scmIpSecurityRestrictionsUseMain',
  'scmIpSecurityRestrictionsDefaultAction',
])

/** The settings of the app, its site and its tables. */
export function appFindings(deployment: Deployment): readonly Finding[] {
  return [
    ...settingFindings(deployment),
    ...siteConfigFindings(deployment),
    ...accessFindings(deployment),
    ...tableFindings(deployment),
    ...packageFindings(deployment),
    ...endpointFindings(deployment),
  ]
}

function settingFindings(deployment: Deployment): readonly Finding[] {
  const settings = named(deployment, 'Web/sites/config', '/appsettings')
  const given = settings === undefined ? undefined : at(settings, 'properties')
  const names = isObject(given) ? Object.keys(given) : []
  const wanted = [
    ...SETTING_NAMES.filter((name) => !LOCAL_SETTING_NAMES.includes(name)),
    ...Object.keys(PLATFORM_SETTINGS),
  ]
  const finding = (says: string): Finding => ({ rule: 'settings', where: deployment.name, says })
  return [
    ...wanted
      .filter((name) => !names.includes(name))
      .map((name) => finding(`the setting ${name} is not given`)),
    ...names
      .filter((name) => !wanted.includes(name))
      .map((name) => finding(`${name} is no setting that the app or its host should have`)),
  ]
}

function siteConfigFindings(deployment: Deployment): readonly Finding[] {
  return ofType(deployment, 'Web/sites').flatMap((site) => {
    const config = at(site, 'properties.siteConfig')
    const names = isObject(config) ? Object.keys(config) : []
    return names
      .filter((name) => !SITE_CONFIG.has(name))
      .map((name) => ({
        rule: 'siteConfig',
        where: placeOf(deployment, site),
        says: `${name} does not belong into siteConfig on Flex Consumption`,
      }))
  })
}

/** Those with `restrictInboundAccess`, whoever is let in then. */
const RESTRICTED: ReadonlySet<string> = new Set(['restricted', 'closed'])

/** Whoever is not named is shut out where access is restricted, or anybody is named; else nobody is. */
function accessFindings(deployment: Deployment): readonly Finding[] {
  return ofType(deployment, 'Web/sites').flatMap((site) => {
    const rules = at(site, 'properties.siteConfig.ipSecurityRestrictions')
    const action = at(site, 'properties.siteConfig.ipSecurityRestrictionsDefaultAction')
    const isOpen = !RESTRICTED.has(deployment.name) && Array.isArray(rules) && rules.length === 0
    const right = isOpen ? 'Allow' : 'Deny'
    if (action === right) return []
    const says = `what no rule names must be ${right}, not ${JSON.stringify(action)}`
    return [{ rule: 'access', where: placeOf(deployment, site), says }]
  })
}

function tableFindings(deployment: Deployment): readonly Finding[] {
  const tables = ofType(deployment, 'Storage/storageAccounts/tableServices/tables')
  const names = new Set(tables.map(({ name }) => name.split('/').at(-1)))
  if (names.size === TABLE_NAMES.length && TABLE_NAMES.every((name) => names.has(name))) return []
  const says = `the tables must be ${TABLE_NAMES.join(', ')}, not ${[...names].join(', ')}`
  return [{ rule: 'tables', where: deployment.name, says }]
}

/** The package is read from a container that is made. */
function packageFindings(deployment: Deployment): readonly Finding[] {
  const containers = ofType(deployment, 'Storage/storageAccounts/blobServices/containers')
  const urls = new Set(
    containers.map(({ name }) => {
      const [account = '', , container = ''] = name.split('/')
      return `https://${account}.blob.${SUFFIX}/${container}`
    }),
  )
  return ofType(deployment, 'Web/sites')
    .filter((site) => {
      const url = textAt(site, 'properties.functionAppConfig.deployment.storage.value')
      return !urls.has(evaluated(url))
    })
    .map((site) => ({
      rule: 'package',
      where: placeOf(deployment, site),
      says: 'the package is read from a container that nobody makes',
    }))
}

/** Each endpoint is that of the account that has what is looked for there. */
function endpointFindings(deployment: Deployment): readonly Finding[] {
  const [tables] = ofType(deployment, 'Storage/storageAccounts/tableServices')
  const [blobs] = ofType(deployment, 'Storage/storageAccounts/blobServices')
  const endpoints = [
    ['TABLES_ENDPOINT', `${accountOf(tables)}.table`, 'the tables'],
    ['AzureWebJobsStorage__blobServiceUri', `${accountOf(blobs)}.blob`, 'the package'],
    ['AzureWebJobsStorage__tableServiceUri', `${accountOf(blobs)}.table`, 'the package'],
  ] as const
  const settings = named(deployment, 'Web/sites/config', '/appsettings')
  return endpoints.flatMap(([setting, host, what]) => {
    const value = settings === undefined ? '' : textAt(settings, `properties.${setting}`)
    if (value === '' || evaluated(value) === `https://${host}.${SUFFIX}`) return []
    const says = `${setting} must be that of the account with ${what}`
    return [{ rule: 'settings', where: deployment.name, says }]
  })
}

/** The account of one of its services, `account/default`. */
function accountOf(service: Resource | undefined): string {
  return service?.name.split('/')[0] ?? ''
}
