import { isDeepStrictEqual } from 'node:util'
import type { JsonValue } from '../../lib/scim/json.ts'
import { BODY_LIMIT } from '../local-host/body-limit.ts'
import { at, type Deployment, type Finding, ofType, placeOf, textAt } from './deployment.ts'
import { minutesOf } from './duration.ts'

/** What every resource of a type has. */
interface Fact {
  readonly type: string
  readonly path: string
  readonly value: JsonValue
}

function facts(type: string, values: Readonly<Record<string, JsonValue>>): readonly Fact[] {
  return Object.entries(values).map(([path, value]) => ({ type, path, value }))
}

/** What holds in each environment, whatever its parameters are. */
const FACTS: readonly Fact[] = [
  ...facts('Storage/storageAccounts', {
    kind: 'StorageV2',
    'properties.allowBlobPublicAccess': false,
    'properties.allowCrossTenantReplication': false,
    'properties.allowSharedKeyAccess': false,
    'properties.defaultToOAuthAuthentication': true,
    'properties.minimumTlsVersion': 'TLS1_2',
    'properties.supportsHttpsTrafficOnly': true,
  }),
  ...facts('Storage/storageAccounts/blobServices', {
    'properties.deleteRetentionPolicy.enabled': true,
    'properties.containerDeleteRetentionPolicy.enabled': true,
  }),
  ...facts('Storage/storageAccounts/blobServices/containers', {
    'properties.publicAccess': 'None',
  }),
  ...facts('Web/serverfarms', {
    'sku.name': 'FC1',
    'sku.tier': 'FlexConsumption',
    'properties.reserved': true,
  }),
  ...facts('Web/sites', {
    kind: 'functionapp,linux',
    'identity.type': 'UserAssigned',
    'tags.azd-service-name': 'api',
    'properties.httpsOnly': true,
    'properties.clientAffinityEnabled': false,
    'properties.siteConfig.minTlsVersion': '1.2',
    'properties.siteConfig.scmMinTlsVersion': '1.2',
    'properties.siteConfig.scmIpSecurityRestrictionsUseMain': false,
    'properties.siteConfig.scmIpSecurityRestrictionsDefaultAction': 'Allow',
    'properties.functionAppConfig.runtime.name': 'node',
    'properties.functionAppConfig.deployment.storage.authentication.type': 'UserAssignedIdentity',
  }),
  ...facts('Web/sites/config', { [`properties.${BODY_LIMIT}`]: '16777216' }),
  ...facts('Web/sites/basicPublishingCredentialsPolicies', { 'properties.allow': false }),
  ...facts('KeyVault/vaults', {
    'properties.enableRbacAuthorization': true,
    'properties.enableSoftDelete': true,
    // Once a vault is there another number is refused.
    'properties.softDeleteRetentionInDays': 90,
  }),
  ...facts('KeyVault/vaults/keys', {
    'properties.kty': 'EC',
    'properties.curveName': 'P-256',
    'properties.keyOps': ['sign', 'verify'],
    'properties.rotationPolicy.lifetimeActions.0.action.type': 'rotate',
  }),
  ...facts('Insights/scheduledQueryRules', { 'properties.enabled': true }),
  ...facts('Insights/metricAlerts', { 'properties.enabled': true }),
  ...facts('Insights/actionGroups', { 'properties.enabled': true }),
  ...facts('Insights/webtests', { 'properties.Enabled': true }),
  ...facts('OperationalInsights/workspaces', { 'properties.features.disableLocalAuth': true }),
  ...facts('Insights/components', {
    'properties.DisableLocalAuth': true,
    'properties.IngestionMode': 'LogAnalytics',
  }),
  ...facts('Authorization/locks', { 'properties.level': 'CanNotDelete' }),
  ...facts('Cdn/profiles/customDomains', { 'properties.tlsSettings.minimumTlsVersion': 'TLS12' }),
  ...facts('Cdn/profiles/afdEndpoints/routes', {
    'properties.supportedProtocols': ['Https'],
    'properties.forwardingProtocol': 'HttpsOnly',
  }),
  ...facts('Cdn/profiles/originGroups/origins', { 'properties.enforceCertificateNameCheck': true }),
]

/** What no resource of a type has, whatever its value would be. */
const ABSENT: readonly (readonly [type: string, path: string])[] = [
  // Answers are one customer's each.
  ['Cdn/profiles/afdEndpoints/routes', 'properties.cacheConfiguration'],
  ['KeyVault/vaults/keys', 'properties.attributes.exportable'],
  ['KeyVault/vaults/keys', 'properties.release_policy'],
]

/** How many there are of each type, in each environment. */
const NUMBERS: Readonly<Record<string, number>> = {
  'ManagedIdentity/userAssignedIdentities': 1,
  'Storage/storageAccounts': 2,
  'Storage/storageAccounts/blobServices': 1,
  'Storage/storageAccounts/blobServices/containers': 1,
  'Storage/storageAccounts/managementPolicies': 0,
  'Web/serverfarms': 1,
  'Web/sites': 1,
  'Web/sites/config': 1,
  'Web/sites/basicPublishingCredentialsPolicies': 2,
  'OperationalInsights/workspaces': 1,
  'Insights/components': 1,
  'Insights/workbooks': 1,
  'KeyVault/vaults/secrets': 0,
  'Resources/deploymentScripts': 0,
}

/** How many there are more of where backups are made; their account is in the outputs then. */
const OF_BACKUP: Readonly<Record<string, number>> = {
  'Storage/storageAccounts': 1,
  'Storage/storageAccounts/blobServices': 1,
  'Storage/storageAccounts/blobServices/containers': 1,
  'Storage/storageAccounts/managementPolicies': 1,
}

/** What an environment has beyond that; a number is how many there are of a type. */
interface Environment {
  readonly facts: readonly Fact[]
  readonly numbers: Readonly<Record<string, number>>
}

/** What somebody would have to be asked for before it goes. */
const ENVIRONMENTS: Readonly<Record<string, Environment>> = {
  // Below one US dollar a month while nobody calls.
  dev: {
    facts: facts('Web/sites', {
      'properties.functionAppConfig.scaleAndConcurrency.alwaysReady': [],
      'properties.functionAppConfig.scaleAndConcurrency.instanceMemoryMB': 512,
    }),
    numbers: {
      'Authorization/locks': 0,
      'Insights/scheduledQueryRules': 0,
      'Insights/metricAlerts': 0,
      'Insights/webtests': 0,
      'Insights/diagnosticSettings': 0,
    },
  },
  test: {
    facts: [],
    numbers: {
      'Authorization/locks': 0,
      'Insights/scheduledQueryRules': 6,
      'Insights/metricAlerts': 3,
      'Insights/webtests': 0,
    },
  },
  prod: {
    facts: [
      ...facts('Web/serverfarms', { 'properties.zoneRedundant': true }),
      ...facts('Web/sites', {
        'properties.functionAppConfig.scaleAndConcurrency.alwaysReady': [
          { name: 'http', instanceCount: 2 },
        ],
      }),
      ...facts('KeyVault/vaults', { 'properties.enablePurgeProtection': true }),
    ],
    numbers: {
      'Authorization/locks': 1,
      'KeyVault/vaults': 1,
      'Insights/scheduledQueryRules': 6,
      'Insights/metricAlerts': 4,
      'Insights/webtests': 1,
      'Insights/diagnosticSettings': 2,
    },
  },
}

/** What is not as the tables say. */
export function factFindings(deployment: Deployment): readonly Finding[] {
  const environment = ENVIRONMENTS[deployment.name]
  return [
    ...wrongFacts(deployment, FACTS, 'facts'),
    ...presentFacts(deployment),
    ...rotationFindings(deployment),
    ...wrongNumbers(deployment, numbersOf(deployment), 'numbers'),
    ...(environment === undefined
      ? []
      : [
          ...wrongFacts(deployment, environment.facts, 'environment'),
          ...wrongNumbers(deployment, environment.numbers, 'environment'),
        ]),
  ]
}

function wrongFacts(
  deployment: Deployment,
  expected: readonly Fact[],
  rule: string,
): readonly Finding[] {
  return expected.flatMap(({ type, path, value }) =>
    ofType(deployment, type)
      .filter((resource) => !isDeepStrictEqual(at(resource, path), value))
      .map((resource) => ({
        rule,
        where: placeOf(deployment, resource),
        says: `${path} must be ${JSON.stringify(value)}, not ${JSON.stringify(at(resource, path))}`,
      })),
  )
}

function presentFacts(deployment: Deployment): readonly Finding[] {
  return ABSENT.flatMap(([type, path]) =>
    ofType(deployment, type)
      .filter((resource) => at(resource, path) !== undefined)
      .map((resource) => ({
        rule: 'facts',
        where: placeOf(deployment, resource),
        says: `there must be no ${path}`,
      })),
  )
}

/** Days that a signing key may get old: below a month clients see too many, beyond two years it is none. */
const KEY_DAYS = [28, 2 * 366] as const

function rotationFindings(deployment: Deployment): readonly Finding[] {
  const [shortest, longest] = KEY_DAYS
  return ofType(deployment, 'KeyVault/vaults/keys')
    .filter((key) => {
      const trigger = 'properties.rotationPolicy.lifetimeActions.0.trigger.timeAfterCreate'
      const days = (minutesOf(textAt(key, trigger)) ?? 0) / (24 * 60)
      return days < shortest || days > longest
    })
    .map((key) => ({
      rule: 'facts',
      where: placeOf(deployment, key),
      says: `it must be rotated after ${shortest} to ${longest} days`,
    }))
}

function numbersOf({ outputs }: Deployment): Readonly<Record<string, number>> {
  if (outputs['backupStorageAccountName'] === '') return NUMBERS
  const numbers = Object.entries(NUMBERS).map(
    ([type, number]) => [type, number + (OF_BACKUP[type] ?? 0)] as const,
  )
  return Object.fromEntries(numbers)
}

function wrongNumbers(
  deployment: Deployment,
  expected: Readonly<Record<string, number>>,
  rule: string,
): readonly Finding[] {
  return Object.entries(expected).flatMap(([type, number]) => {
    const there = ofType(deployment, type).length
    if (there === number) return []
    return [{ rule, where: deployment.name, says: `${number} of ${type}, not ${there}` }]
  })
}
