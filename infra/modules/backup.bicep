// Where the nightly backup goes: an account of its own, which is still there when that of the data is gone.

import { backupRoles } from 'role-ids.bicep'

@description('Name of the account.')
@minLength(3)
@maxLength(24)
param name string

@description('Region.')
param location string

@description('Tags of the resources.')
param tags { *: string }

@description('Redundancy.')
param sku ('Standard_LRS' | 'Standard_ZRS' | 'Standard_GRS' | 'Standard_GZRS' | 'Standard_RAGRS' | 'Standard_RAGZRS')

@description('Whether the account cannot be deleted.')
param lock bool

@description('Days that a backup is kept.')
param retentionInDays int

@description('Whether the account is open only to `allowedIpRanges`.')
param isPrivate bool

@description('Public IPv4 addresses and ranges that a private account is open to.')
param allowedIpRanges string[]

@description('Object id of the identity that makes the backups; none when it is empty.')
param principalId string

@description('Account of the data.')
param dataStorageName string

@description('Whether an alert asks when the last backup has come.')
param isWatched bool

@description('The workspace that the logs go to.')
param workspaceId string

var container = 'backups'
var hasPrincipal = !empty(principalId)

// Within them what was deleted or written over comes back, whoever has done it: the backup may delete no version.
var daysOfDeleted = 7

module storage 'storage.bicep' = {
  params: {
    name: name
    location: location
    tags: tags
    sku: sku
    lock: lock
    lockNotes: 'The backups of all tenants: what is deleted with this account is gone.'
    isPrivate: isPrivate
    allowedIpRanges: allowedIpRanges
    // What deletes old backups comes from outside of the network.
    bypass: 'AzureServices'
    workspaceId: workspaceId
  }
}

resource account 'Microsoft.Storage/storageAccounts@2025-01-01' existing = {
  name: name
}

resource dataStorage 'Microsoft.Storage/storageAccounts@2025-01-01' existing = {
  name: dataStorageName
}

resource blobService 'Microsoft.Storage/storageAccounts/blobServices@2025-01-01' = {
  parent: account
  name: 'default'
  properties: {
    isVersioningEnabled: true
    deleteRetentionPolicy: { enabled: true, days: daysOfDeleted }
    containerDeleteRetentionPolicy: { enabled: true, days: daysOfDeleted }
  }
  dependsOn: [storage]

  resource backups 'containers' = {
    name: container
    properties: { publicAccess: 'None' }
  }
}

// What is deleted becomes a version, and goes as one.
resource retention 'Microsoft.Storage/storageAccounts/managementPolicies@2025-01-01' = {
  parent: account
  name: 'default'
  properties: {
    policy: {
      rules: [
        {
          name: 'delete-old-backups'
          enabled: true
          type: 'Lifecycle'
          definition: {
            filters: { blobTypes: ['blockBlob'], prefixMatch: ['${container}/'] }
            actions: {
              baseBlob: { delete: { daysAfterCreationGreaterThan: retentionInDays } }
              version: { delete: { daysAfterCreationGreaterThan: retentionInDays } }
            }
          }
        }
      ]
    }
  }
  dependsOn: [blobService]
}

resource readsData 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (hasPrincipal) {
  scope: dataStorage
  name: guid(dataStorage.id, principalId, backupRoles.data.id)
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', backupRoles.data.id)
    principalId: principalId
    principalType: 'ServicePrincipal'
    description: backupRoles.data.reason
  }
}

resource writesFiles 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (hasPrincipal) {
  scope: blobService::backups
  name: guid(blobService::backups.id, principalId, backupRoles.files.id)
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', backupRoles.files.id)
    principalId: principalId
    principalType: 'ServicePrincipal'
    description: backupRoles.files.reason
  }
}

resource logs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = if (isWatched) {
  scope: blobService
  name: 'to-workspace'
  properties: {
    workspaceId: workspaceId
    logs: [{ category: 'StorageWrite', enabled: true }]
  }
}
