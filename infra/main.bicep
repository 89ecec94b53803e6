// The endpoint and all that it needs, in one resource group. docs/operations.md has the commands and every parameter.

import { narrow, rulesFor } from 'modules/access.bicep'
import { isNamePart } from 'modules/names.bicep'

targetScope = 'resourceGroup'

@description('Begins the names of all resources: letters, digits and dashes within.')
@minLength(2)
@maxLength(8)
param workloadName string = 'scim'

@description('Tells one deployment from another: `dev`, `prod`, the name of an azd environment. It is in names and tags: letters, digits, and `-` or `_` within.')
@minLength(1)
@maxLength(64)
param environmentName string

@description('Region. It must have Flex Consumption.')
param location string = resourceGroup().location

@description('Further tags of all resources.')
param tags { *: string } = {}

@description('Version of Node.js that the app runs on.')
param nodeVersion ('22' | '24') = '24'

@description('Memory of an instance, in MB.')
param instanceMemoryMB (512 | 2048 | 4096) = 2048

@description('How many instances there may be at most: a limit for costs, too.')
@minValue(40)
@maxValue(1000)
param maximumInstanceCount int = 40

@description('Requests that one instance answers at once; without it the platform’s default: 4, 16 or 32 by memory.')
@minValue(1)
@maxValue(1000)
param httpPerInstanceConcurrency int?

@description('Instances that are always there, so that no request waits for a cold start. With `zoneRedundant` 0 or at least 2.')
@minValue(0)
@maxValue(20)
param alwaysReadyHttpInstances int = 0

@description('Spreads instances over the region’s zones, and the host’s storage with them.')
param zoneRedundant bool = false

@description('Redundancy of the data.')
param dataStorageSku ('Standard_LRS' | 'Standard_ZRS' | 'Standard_GRS' | 'Standard_GZRS' | 'Standard_RAGRS' | 'Standard_RAGZRS') = 'Standard_LRS'

@description('Locks the account of the data against deletion, and that of the backups.')
param lockDataStorage bool = false

@description('What is logged of the tables besides the app’s own log.')
param dataStorageLogs ('StorageRead' | 'StorageWrite' | 'StorageDelete')[] = []

@description('Makes an account of its own for the nightly backup.')
param enableBackup bool = false

@description('Redundancy of the backups.')
param backupStorageSku ('Standard_LRS' | 'Standard_ZRS' | 'Standard_GRS' | 'Standard_GZRS' | 'Standard_RAGRS' | 'Standard_RAGZRS') = 'Standard_LRS'

@description('Days that a backup is kept, before it goes within a week.')
@minValue(7)
@maxValue(365)
param backupRetentionInDays int = 35

@description('Object id of the identity that makes the backups: it may read the tables, and write backups.')
param backupPrincipalId string = ''

@description('Makes the Key Vault with the key that signs access tokens; without it OAuth is off.')
param enableSigningKey bool = true

@description('Keeps anybody from purging the vault for 90 days after its deletion. It cannot be taken back.')
param purgeProtection bool = true

@description('How old the signing key gets before the vault makes its next version, as ISO 8601 duration; it holds for a new key.')
param signingKeyRotation ('P30D' | 'P60D' | 'P90D' | 'P180D' | 'P1Y' | 'P2Y') = 'P180D'

@description('Logs each use of the signing key.')
param keyVaultLogs bool = false

@description('Host of the Tenant URL where a proxy of your own stands before the app; else the host of the app or of Front Door.')
param publicHostName string = ''

@description('Page for customers who connect; discovery links to it.')
param documentationUrl string = ''

@description('URN of the extension with `level`, `startDate` and so on, to have your product in it; empty for the default.')
param peopleExtensionUrn string = ''

@description('Lets in requests only from `allowedServiceTags` and `allowedIpRanges`.')
param restrictInboundAccess bool = false

@description('Service tags to let in.')
param allowedServiceTags string[] = ['AzureActiveDirectory']

@description('Ranges of addresses to let in, none wider than a /8.')
param allowedIpRanges string[] = []

@description('Gives the app a network of its own, and opens storage and vault only to that.')
param enableNetwork bool = false

@description('Addresses of that network, a /25 or larger.')
param networkAddressPrefix string = '10.42.0.0/24'

@description('Public IPv4 addresses of operators that storage and vault are open to all the same.')
param operatorIpRanges string[] = []

@description('Puts Azure Front Door before the app, which then takes requests from nowhere else.')
param enableFrontDoor bool = false

@description('Kind of the front door.')
param frontDoorSku ('Standard_AzureFrontDoor' | 'Premium_AzureFrontDoor') = 'Standard_AzureFrontDoor'

@description('Your own host for the Tenant URL. It needs `enableFrontDoor`.')
param customDomain string = ''

@description('Days that the log is kept.')
@minValue(30)
@maxValue(730)
param logRetentionInDays int = 30

@description('Gigabytes a day after which the log takes in nothing more, and log alerts see nothing; -1 for no limit.')
@minValue(-1)
param logDailyQuotaGb int = 1

@description('Makes the alerts.')
param enableAlerts bool = false

@description('Who gets the alerts by e-mail.')
param alertEmailAddresses string[] = []

@description('Calls the health URL from outside every 15 minutes, and alerts. It needs `enableAlerts`.')
param enableAvailabilityTest bool = false

@description('Where it is called from.')
param availabilityTestLocations string[] = ['emea-nl-ams-azr', 'us-va-ash-azr', 'apac-sg-sin-azr']

@description('Object id of the operators, best a group: they may use the tenant command and rotate the signing key.')
param operatorPrincipalId string = ''

@description('What the operators are.')
param operatorPrincipalType ('User' | 'Group' | 'ServicePrincipal') = 'Group'

var token = uniqueString(subscription().id, resourceGroup().id, environmentName)
var workload = isNamePart(workloadName)
  ? toLower(workloadName)
  : fail('workloadName has letters, digits and single dashes within, and nothing else.')
var shortName = replace(workload, '-', '')
var environmentPart = isNamePart(replace(environmentName, '_', '-'))
  ? toLower(replace(environmentName, '_', '-'))
  : fail('environmentName has letters, digits, and single - or _ within, and nothing else.')
var suffix = '${workload}-${take(environmentPart, 10)}-${take(token, 6)}'
var names = {
  identity: 'id-${suffix}'
  hostStorage: 'st${shortName}host${take(token, 10)}'
  dataStorage: 'st${shortName}data${take(token, 10)}'
  backupStorage: 'st${shortName}back${take(token, 10)}'
  keyVault: 'kv-${workload}-${take(token, 12)}'
  workspace: 'log-${suffix}'
  applicationInsights: 'appi-${suffix}'
  plan: 'plan-${suffix}'
  app: 'func-${suffix}'
  network: 'vnet-${suffix}'
  frontDoor: 'afd-${suffix}'
}
var tenantPath = '/api/scim'
var healthPath = '/api/health'
var packageContainer = 'app-package'
var allTags = union(tags, { 'azd-env-name': environmentName, workload: workloadName })
var domain = !empty(customDomain) && !enableFrontDoor ? fail('customDomain needs enableFrontDoor.') : customDomain
var alwaysReady = zoneRedundant && alwaysReadyHttpInstances == 1
  ? fail('With zoneRedundant, alwaysReadyHttpInstances is 0 or at least 2.')
  : alwaysReadyHttpInstances
var isRestricted = restrictInboundAccess && enableFrontDoor
  ? fail('With enableFrontDoor only it is let in; restrictInboundAccess would open the app beside it.')
  : restrictInboundAccess
var networkAddresses = parseCidr(networkAddressPrefix).cidr > 25
  ? fail('networkAddressPrefix needs room for two subnets of 64 addresses: a /25 or larger.')
  : networkAddressPrefix
var operatorRanges = narrow('operatorIpRanges', operatorIpRanges)
var hasBackup = enableBackup && enableNetwork && empty(operatorIpRanges)
  ? fail('With enableNetwork, enableBackup needs operatorIpRanges with the address of the runner that makes the backups.')
  : enableBackup
var isWatchedFromOutside = enableAlerts && enableAvailabilityTest
var serviceTags = union(allowedServiceTags, isWatchedFromOutside ? ['ApplicationInsightsAvailability'] : [])

module identity 'modules/identity.bicep' = {
  params: {
    name: names.identity
    location: location
    tags: allTags
  }
}

module monitoring 'modules/monitoring.bicep' = {
  params: {
    workspaceName: names.workspace
    applicationInsightsName: names.applicationInsights
    location: location
    tags: allTags
    retentionInDays: logRetentionInDays
    dailyQuotaGb: logDailyQuotaGb
  }
}

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-02-01' existing = {
  name: names.workspace
}

module hostStorage 'modules/storage.bicep' = {
  params: {
    name: names.hostStorage
    location: location
    tags: allTags
    sku: zoneRedundant ? 'Standard_ZRS' : 'Standard_LRS'
    containers: [packageContainer]
    isPrivate: enableNetwork
    allowedIpRanges: operatorRanges
    workspaceId: workspace.id
  }
  dependsOn: [monitoring]
}

module dataStorage 'modules/storage.bicep' = {
  params: {
    name: names.dataStorage
    location: location
    tags: allTags
    sku: dataStorageSku
    tables: ['tenants', 'users', 'groups']
    lock: lockDataStorage
    tableLogs: dataStorageLogs
    isPrivate: enableNetwork
    allowedIpRanges: operatorRanges
    workspaceId: workspace.id
  }
  dependsOn: [monitoring]
}

module backup 'modules/backup.bicep' = if (hasBackup) {
  params: {
    name: names.backupStorage
    location: location
    tags: allTags
    sku: backupStorageSku
    lock: lockDataStorage
    retentionInDays: backupRetentionInDays
    isPrivate: enableNetwork
    allowedIpRanges: operatorRanges
    principalId: backupPrincipalId
    dataStorageName: names.dataStorage
    isWatched: enableAlerts
    workspaceId: workspace.id
  }
  dependsOn: [dataStorage, monitoring]
}

module keyVault 'modules/key-vault.bicep' = if (enableSigningKey) {
  params: {
    name: names.keyVault
    location: location
    tags: allTags
    keyName: 'access-tokens'
    purgeProtection: purgeProtection
    rotateAfter: signingKeyRotation
    isPrivate: enableNetwork
    allowedIpRanges: operatorRanges
    logUses: keyVaultLogs
    workspaceId: workspace.id
  }
  dependsOn: [monitoring]
}

module roles 'modules/roles.bicep' = {
  params: {
    identityId: resourceId('Microsoft.ManagedIdentity/userAssignedIdentities', names.identity)
    identityPrincipalId: identity.outputs.principalId
    operatorPrincipalId: operatorPrincipalId
    operatorPrincipalType: operatorPrincipalType
    hostStorageName: names.hostStorage
    dataStorageName: names.dataStorage
    applicationInsightsName: names.applicationInsights
    keyVaultName: enableSigningKey ? names.keyVault : ''
  }
  dependsOn: [hostStorage, dataStorage, monitoring, keyVault]
}

module network 'modules/network.bicep' = if (enableNetwork) {
  params: {
    name: names.network
    location: location
    tags: allTags
    addressPrefix: networkAddresses
    hostStorageName: names.hostStorage
    dataStorageName: names.dataStorage
    keyVaultName: enableSigningKey ? names.keyVault : ''
  }
  dependsOn: [hostStorage, dataStorage, keyVault]
}

module frontDoor 'modules/front-door.bicep' = if (enableFrontDoor) {
  params: {
    name: names.frontDoor
    endpointName: suffix
    tags: allTags
    sku: frontDoorSku
    customDomain: domain
  }
}

// The first start needs the roles: without them the host can read neither its storage nor the package.
module app 'modules/app.bicep' = {
  params: {
    planName: names.plan
    name: names.app
    location: location
    tags: allTags
    azdServiceName: 'api'
    identityName: names.identity
    hostStorageName: names.hostStorage
    packageContainer: packageContainer
    dataStorageName: names.dataStorage
    applicationInsightsName: names.applicationInsights
    nodeVersion: nodeVersion
    instanceMemoryMB: instanceMemoryMB
    maximumInstanceCount: maximumInstanceCount
    alwaysReadyHttpInstances: alwaysReady
    httpPerInstanceConcurrency: httpPerInstanceConcurrency
    zoneRedundant: zoneRedundant
    publicHostName: !empty(publicHostName) ? publicHostName : frontDoor.?outputs.hostName ?? ''
    tenantPath: tenantPath
    keyVaultKeyId: keyVault.?outputs.keyId ?? ''
    documentationUrl: documentationUrl
    peopleExtensionUrn: peopleExtensionUrn
    inboundRules: isRestricted ? rulesFor(serviceTags, narrow('allowedIpRanges', allowedIpRanges)) : []
    isRestricted: isRestricted
    isBehindFrontDoor: enableFrontDoor
    frontDoorId: frontDoor.?outputs.frontDoorId ?? ''
    subnetId: network.?outputs.appSubnetId ?? ''
  }
  dependsOn: [roles]
}

module frontDoorRoute 'modules/front-door-route.bicep' = if (enableFrontDoor) {
  params: {
    profileName: names.frontDoor
    endpointName: suffix
    customDomain: domain
    appHostName: app.outputs.hostName
  }
}

module alerts 'modules/alerts.bicep' = if (enableAlerts) {
  params: {
    nameSuffix: suffix
    location: location
    tags: allTags
    emailAddresses: alertEmailAddresses
    workspaceName: names.workspace
    applicationInsightsName: names.applicationInsights
    functionAppName: names.app
    dataStorageName: names.dataStorage
    hasBackup: hasBackup
    isWatchedFromOutside: isWatchedFromOutside
    healthUrl: 'https://${publicHost}${healthPath}'
    availabilityLocations: availabilityTestLocations
  }
  dependsOn: [dataStorage, monitoring]
}

module workbook 'modules/workbook.bicep' = {
  params: {
    location: location
    tags: allTags
    displayName: 'SCIM endpoint, ${environmentName}'
    workspaceName: names.workspace
    dataStorageName: names.dataStorage
  }
  dependsOn: [monitoring, dataStorage]
}

var publicHost = !empty(publicHostName) ? publicHostName : frontDoor.?outputs.hostName ?? app.outputs.hostName

@description('What customers paste into their identity provider: the same for every tenant.')
output tenantUrl string = 'https://${publicHost}${tenantPath}'

@description('Answers 200 when all is well.')
output healthUrl string = 'https://${publicHost}${healthPath}'

@description('The function app.')
output functionAppName string = names.app

@description('The host of the function app itself.')
output functionAppHostName string = app.outputs.hostName

@description('The group that all of it is in.')
output resourceGroupName string = resourceGroup().name

@description('The account of the host, with the package.')
output hostStorageAccountName string = names.hostStorage

@description('The account of the data.')
output dataStorageAccountName string = names.dataStorage

@description('The account of the backups; empty without one.')
output backupStorageAccountName string = hasBackup ? names.backupStorage : ''

@description('What `npm run tenant -- --endpoint` takes.')
output tablesEndpoint string = 'https://${names.dataStorage}.table.${environment().suffixes.storage}'

@description('The vault; empty without one.')
output keyVaultName string = enableSigningKey ? names.keyVault : ''

@description('What `KEY_VAULT_KEY_ID` is for `npm run tenant -- keys rotate`; empty without a vault.')
output keyVaultKeyId string = keyVault.?outputs.keyId ?? ''

@description('The Application Insights component.')
output applicationInsightsName string = names.applicationInsights
