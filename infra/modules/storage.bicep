// One account. Nothing in it is reached by a key: account keys are refused, and so are the signatures that they make.

@description('Name of the account.')
@minLength(3)
@maxLength(24)
param name string

@description('Region.')
param location string

@description('Tags of the resource.')
param tags { *: string }

@description('Redundancy.')
param sku ('Standard_LRS' | 'Standard_ZRS' | 'Standard_GRS' | 'Standard_GZRS' | 'Standard_RAGRS' | 'Standard_RAGZRS')

@description('Tables to make.')
param tables string[] = []

@description('Blob containers to make.')
param containers string[] = []

@description('Whether the account cannot be deleted.')
param lock bool = false

@description('What whoever takes the lock away is told.')
param lockNotes string = 'Table Storage has no backup and no soft delete: what is deleted with this account is gone.'

@description('Whether the network opens the account only to private endpoints and to `allowedIpRanges`.')
param isPrivate bool

@description('Public IPv4 addresses and ranges that a private account is open to.')
param allowedIpRanges string[]

@description('Which services of Azure the network lets in all the same.')
param bypass ('None' | 'AzureServices') = 'None'

@description('What is logged of the tables.')
param tableLogs ('StorageRead' | 'StorageWrite' | 'StorageDelete')[] = []

@description('The workspace that the logs go to.')
param workspaceId string

resource account 'Microsoft.Storage/storageAccounts@2025-01-01' = {
  name: name
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: { name: sku }
  properties: {
    accessTier: 'Hot'
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    allowSharedKeyAccess: false
    defaultToOAuthAuthentication: true
    // Absent, it would be TLS 1.0.
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    publicNetworkAccess: isPrivate && empty(allowedIpRanges) ? 'Disabled' : 'Enabled'
    networkAcls: {
      // Functions is none of the services that `bypass` lets in, so without a network of its own the app would be shut out.
      bypass: bypass
      defaultAction: isPrivate ? 'Deny' : 'Allow'
      ipRules: [for range in allowedIpRanges: { value: range, action: 'Allow' }]
    }
  }
}

resource tableService 'Microsoft.Storage/storageAccounts/tableServices@2025-01-01' = if (!empty(tables)) {
  parent: account
  name: 'default'

  resource table 'tables' = [for table in tables: { name: table }]
}

resource blobService 'Microsoft.Storage/storageAccounts/blobServices@2025-01-01' = if (!empty(containers)) {
  parent: account
  name: 'default'
  properties: {
    deleteRetentionPolicy: { enabled: true, days: 7 }
    containerDeleteRetentionPolicy: { enabled: true, days: 7 }
  }

  resource container 'containers' = [
    for container in containers: {
      name: container
      properties: { publicAccess: 'None' }
    }
  ]
}

resource accountLock 'Microsoft.Authorization/locks@2020-05-01' = if (lock) {
  scope: account
  name: 'keep-data'
  properties: {
    level: 'CanNotDelete'
    notes: lockNotes
  }
}

resource logs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = if (!empty(tables) && !empty(tableLogs)) {
  scope: tableService
  name: 'to-workspace'
  properties: {
    workspaceId: workspaceId
    logs: [for category in tableLogs: { category: category, enabled: true }]
  }
}
