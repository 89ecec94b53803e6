// The function app on Flex Consumption. What that plan refuses (alwaysOn, ftpsState, linuxFxVersion, FUNCTIONS_WORKER_RUNTIME …)
// is not set, and no setting stands in siteConfig: all are in the child below, which can name the app's own host.

import { inboundRule } from 'access.bicep'

@description('Name of the plan.')
param planName string

@description('Name of the app.')
@maxLength(32)
param name string

@description('Region.')
param location string

@description('Tags of the resources.')
param tags { *: string }

@description('Name of the service in azure.yaml.')
param azdServiceName string

@description('Name of the identity that the app has.')
param identityName string

@description('Account of the host.')
param hostStorageName string

@description('Its container for the package.')
param packageContainer string

@description('Account of the data.')
param dataStorageName string

@description('The Application Insights component.')
param applicationInsightsName string

@description('Version of Node.js.')
param nodeVersion ('22' | '24')

@description('Memory of an instance.')
param instanceMemoryMB (512 | 2048 | 4096)

@description('How many instances there may be.')
param maximumInstanceCount int

@description('Instances that are always there.')
param alwaysReadyHttpInstances int

@description('Requests that one instance answers at once; null for the default of its memory.')
param httpPerInstanceConcurrency int?

@description('Whether instances are spread over zones.')
param zoneRedundant bool

@description('Host that customers call; empty for the host of the app.')
param publicHostName string

@description('Path of the Tenant URL.')
param tenantPath string

@description('The key that signs access tokens; empty for none.')
param keyVaultKeyId string

@description('The page for customers who connect; empty for the default.')
param documentationUrl string

@description('URN of the extension with level, startDate and so on, or empty.')
param peopleExtensionUrn string

@description('Whether nobody may send requests but whom `inboundRules` let in.')
param isRestricted bool

@description('Who may send requests.')
param inboundRules inboundRule[]

@description('Whether only a front door may send requests.')
param isBehindFrontDoor bool

@description('Which one.')
param frontDoorId string

@description('The subnet that the app calls out from; empty for none.')
param subnetId string

var storageSuffix = environment().suffixes.storage
var frontDoorRules = [
  {
    name: 'front-door'
    priority: 100
    action: 'Allow'
    tag: 'ServiceTag'
    ipAddress: 'AzureFrontDoor.Backend'
    headers: { 'x-azure-fdid': [frontDoorId] }
  }
]

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: identityName
}

resource applicationInsights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: applicationInsightsName
}

resource plan 'Microsoft.Web/serverfarms@2025-03-01' = {
  name: planName
  location: location
  tags: tags
  kind: 'functionapp'
  sku: { name: 'FC1', tier: 'FlexConsumption' }
  properties: {
    reserved: true
    zoneRedundant: zoneRedundant
  }
}

resource app 'Microsoft.Web/sites@2025-03-01' = {
  name: name
  location: location
  tags: union(tags, { 'azd-service-name': azdServiceName })
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: { '${identity.id}': {} }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    clientAffinityEnabled: false
    publicNetworkAccess: 'Enabled'
    virtualNetworkSubnetId: empty(subnetId) ? null : subnetId
    siteConfig: {
      http20Enabled: true
      minTlsVersion: '1.2'
      scmMinTlsVersion: '1.2'
      ipSecurityRestrictions: isBehindFrontDoor ? frontDoorRules : inboundRules
      ipSecurityRestrictionsDefaultAction: isBehindFrontDoor || isRestricted ? 'Deny' : 'Allow'
      // The pipeline deploys through it, from everywhere, and signs in to do so.
      scmIpSecurityRestrictionsUseMain: false
      scmIpSecurityRestrictionsDefaultAction: 'Allow'
    }
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: 'https://${hostStorageName}.blob.${storageSuffix}/${packageContainer}'
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identity.id
          }
        }
      }
      runtime: { name: 'node', version: nodeVersion }
      scaleAndConcurrency: {
        instanceMemoryMB: instanceMemoryMB
        maximumInstanceCount: maximumInstanceCount
        alwaysReady: alwaysReadyHttpInstances == 0 ? [] : [{ name: 'http', instanceCount: alwaysReadyHttpInstances }]
        triggers: httpPerInstanceConcurrency == null
          ? null
          : { http: { perInstanceConcurrency: httpPerInstanceConcurrency } }
      }
    }
  }

  resource settings 'config' = {
    name: 'appsettings'
    properties: {
      AzureWebJobsStorage__blobServiceUri: 'https://${hostStorageName}.blob.${storageSuffix}'
      AzureWebJobsStorage__tableServiceUri: 'https://${hostStorageName}.table.${storageSuffix}'
      AzureWebJobsStorage__credential: 'managedidentity'
      AzureWebJobsStorage__clientId: identity.properties.clientId
      AZURE_CLIENT_ID: identity.properties.clientId
      APPLICATIONINSIGHTS_CONNECTION_STRING: applicationInsights.properties.ConnectionString
      APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identity.properties.clientId};Authorization=AAD'
      FUNCTIONS_REQUEST_BODY_SIZE_LIMIT: '16777216'
      TABLES_ENDPOINT: 'https://${dataStorageName}.table.${storageSuffix}'
      PUBLIC_BASE_URL: 'https://${empty(publicHostName) ? app.properties.defaultHostName : publicHostName}${tenantPath}'
      KEY_VAULT_KEY_ID: keyVaultKeyId
      DOCUMENTATION_URL: documentationUrl
      PEOPLE_EXTENSION_URN: peopleExtensionUrn
    }
  }

  // Publishing by user name and password: off, as the package is deployed by who has signed in.
  resource ftp 'basicPublishingCredentialsPolicies' = {
    name: 'ftp'
    properties: { allow: false }
  }

  resource scm 'basicPublishingCredentialsPolicies' = {
    name: 'scm'
    properties: { allow: false }
  }
}

@description('The host of the app.')
output hostName string = app.properties.defaultHostName
