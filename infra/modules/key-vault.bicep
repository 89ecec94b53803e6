// The vault of the key that signs access tokens. The key is made in it and never leaves it; there is no secret in it.

@description('Name of the vault.')
@minLength(3)
@maxLength(24)
param name string

@description('Region.')
param location string

@description('Tags of the resource.')
param tags { *: string }

@description('Name of the key.')
param keyName string

@description('Whether nobody can purge the vault before its soft delete is over. It cannot be taken back.')
param purgeProtection bool

@description('How old a version of the key gets before the vault makes the next one, as ISO 8601 duration.')
param rotateAfter ('P30D' | 'P60D' | 'P90D' | 'P180D' | 'P1Y' | 'P2Y')

@description('Whether the network opens the vault only to private endpoints and to `allowedIpRanges`.')
param isPrivate bool

@description('Public IPv4 addresses and ranges that a private vault is open to.')
param allowedIpRanges string[]

@description('Whether each use of the key is logged.')
param logUses bool

@description('The workspace that the logs go to.')
param workspaceId string

resource vault 'Microsoft.KeyVault/vaults@2024-11-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    tenantId: tenant().tenantId
    sku: { family: 'A', name: 'standard' }
    enableRbacAuthorization: true
    enableSoftDelete: true
    // It cannot be changed: protection may be switched on later, the days not.
    softDeleteRetentionInDays: 90
    // `false` is refused: it is on, or absent.
    enablePurgeProtection: purgeProtection ? true : null
    publicNetworkAccess: isPrivate && empty(allowedIpRanges) ? 'Disabled' : 'Enabled'
    networkAcls: {
      bypass: 'None'
      defaultAction: isPrivate ? 'Deny' : 'Allow'
      ipRules: [for range in allowedIpRanges: { value: range }]
    }
  }

  // A deployment makes it once and never touches it again: neither a version nor the policy.
  resource key 'keys' = {
    name: keyName
    properties: {
      kty: 'EC'
      curveName: 'P-256'
      keyOps: ['sign', 'verify']
      rotationPolicy: {
        lifetimeActions: [
          {
            trigger: { timeAfterCreate: rotateAfter }
            action: { type: 'rotate' }
          }
        ]
      }
    }
  }
}

resource logs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = if (logUses) {
  scope: vault
  name: 'to-workspace'
  properties: {
    workspaceId: workspaceId
    logs: [{ category: 'AuditEvent', enabled: true }]
  }
}

@description('The id of the key, without a version.')
output keyId string = '${vault.properties.vaultUri}keys/${keyName}'
