// What the app and the operators may do, each on the one resource that it is for.

import { appRoles, operatorRoles } from 'role-ids.bicep'

@description('Resource id of the identity of the app.')
param identityId string

@description('Principal of the identity of the app.')
param identityPrincipalId string

@description('Object id of the operators; none when it is empty.')
param operatorPrincipalId string

@description('What the operators are.')
param operatorPrincipalType ('User' | 'Group' | 'ServicePrincipal')

@description('Account of the host.')
param hostStorageName string

@description('Account of the data.')
param dataStorageName string

@description('The Application Insights component.')
param applicationInsightsName string

@description('The vault; none when it is empty.')
param keyVaultName string

var hasOperators = !empty(operatorPrincipalId)
var hasVault = !empty(keyVaultName)

resource hostStorage 'Microsoft.Storage/storageAccounts@2025-01-01' existing = {
  name: hostStorageName
}

resource dataStorage 'Microsoft.Storage/storageAccounts@2025-01-01' existing = {
  name: dataStorageName
}

resource applicationInsights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: applicationInsightsName
}

resource vault 'Microsoft.KeyVault/vaults@2024-11-01' existing = if (hasVault) {
  name: keyVaultName
}

resource appHostStorage 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: hostStorage
  name: guid(hostStorage.id, identityId, appRoles.hostStorage.id)
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', appRoles.hostStorage.id)
    principalId: identityPrincipalId
    principalType: 'ServicePrincipal'
    description: appRoles.hostStorage.reason
  }
}

resource appHostEvents 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: hostStorage
  name: guid(hostStorage.id, identityId, appRoles.hostEvents.id)
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', appRoles.hostEvents.id)
    principalId: identityPrincipalId
    principalType: 'ServicePrincipal'
    description: appRoles.hostEvents.reason
  }
}

resource appData 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: dataStorage
  name: guid(dataStorage.id, identityId, appRoles.data.id)
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', appRoles.data.id)
    principalId: identityPrincipalId
    principalType: 'ServicePrincipal'
    description: appRoles.data.reason
  }
}

resource appTelemetry 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: applicationInsights
  name: guid(applicationInsights.id, identityId, appRoles.telemetry.id)
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', appRoles.telemetry.id)
    principalId: identityPrincipalId
    principalType: 'ServicePrincipal'
    description: appRoles.telemetry.reason
  }
}

resource appSigning 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (hasVault) {
  scope: vault
  name: guid(vault.id, identityId, appRoles.signing.id)
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', appRoles.signing.id)
    principalId: identityPrincipalId
    principalType: 'ServicePrincipal'
    description: appRoles.signing.reason
  }
}

resource operatorData 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (hasOperators) {
  scope: dataStorage
  name: guid(dataStorage.id, operatorPrincipalId, operatorRoles.data.id)
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', operatorRoles.data.id)
    principalId: operatorPrincipalId
    principalType: operatorPrincipalType
    description: operatorRoles.data.reason
  }
}

resource operatorSigning 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (hasOperators && hasVault) {
  scope: vault
  name: guid(vault.id, operatorPrincipalId, operatorRoles.signing.id)
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', operatorRoles.signing.id)
    principalId: operatorPrincipalId
    principalType: operatorPrincipalType
    description: operatorRoles.signing.reason
  }
}
