// A network of the app's own, through which alone the storage and the vault are reached.

@description('Name of the network.')
param name string

@description('Region.')
param location string

@description('Tags of the resources.')
param tags { *: string }

@description('Addresses of the network: a /25 or larger.')
param addressPrefix string

@description('Account of the host.')
param hostStorageName string

@description('Account of the data.')
param dataStorageName string

@description('The vault; none when it is empty.')
param keyVaultName string

resource hostStorage 'Microsoft.Storage/storageAccounts@2025-01-01' existing = {
  name: hostStorageName
}

resource dataStorage 'Microsoft.Storage/storageAccounts@2025-01-01' existing = {
  name: dataStorageName
}

resource vault 'Microsoft.KeyVault/vaults@2024-11-01' existing = if (!empty(keyVaultName)) {
  name: keyVaultName
}

var storageSuffix = environment().suffixes.storage
var zones = {
  blob: 'privatelink.blob.${storageSuffix}'
  table: 'privatelink.table.${storageSuffix}'
  // The public suffix begins with a dot, and in public Azure with `.vault`, which the private zone calls `vaultcore`.
  vault: 'privatelink${replace(environment().suffixes.keyvaultDns, '.vault.', '.vaultcore.')}'
}
var ends = concat(
  [
    { name: 'host-blob', resource: hostStorage.id, groupId: 'blob', zone: zones.blob }
    { name: 'host-table', resource: hostStorage.id, groupId: 'table', zone: zones.table }
    { name: 'data-table', resource: dataStorage.id, groupId: 'table', zone: zones.table }
  ],
  empty(keyVaultName) ? [] : [{ name: 'vault', resource: vault.id, groupId: 'vault', zone: zones.vault }]
)
var zoneNames = empty(keyVaultName) ? [zones.blob, zones.table] : [zones.blob, zones.table, zones.vault]

resource network 'Microsoft.Network/virtualNetworks@2024-05-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    addressSpace: { addressPrefixes: [addressPrefix] }
    subnets: [
      {
        name: 'app'
        properties: {
          addressPrefix: cidrSubnet(addressPrefix, 26, 0)
          delegations: [{ name: 'flex', properties: { serviceName: 'Microsoft.App/environments' } }]
        }
      }
      {
        name: 'ends'
        properties: {
          addressPrefix: cidrSubnet(addressPrefix, 26, 1)
          defaultOutboundAccess: false
        }
      }
    ]
  }

  resource appSubnet 'subnets' existing = {
    name: 'app'
  }

  resource endSubnet 'subnets' existing = {
    name: 'ends'
  }
}

resource dnsZones 'Microsoft.Network/privateDnsZones@2024-06-01' = [
  for zone in zoneNames: {
    name: zone
    location: 'global'
    tags: tags
  }
]

resource links 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2024-06-01' = [
  for (zone, index) in zoneNames: {
    parent: dnsZones[index]
    name: name
    location: 'global'
    tags: tags
    properties: {
      registrationEnabled: false
      virtualNetwork: { id: network.id }
    }
  }
]

resource endpoints 'Microsoft.Network/privateEndpoints@2024-05-01' = [
  for end in ends: {
    name: '${name}-${end.name}'
    location: location
    tags: tags
    properties: {
      subnet: { id: network::endSubnet.id }
      privateLinkServiceConnections: [
        {
          name: end.name
          properties: { privateLinkServiceId: end.resource, groupIds: [end.groupId] }
        }
      ]
    }
  }
]

resource zoneGroups 'Microsoft.Network/privateEndpoints/privateDnsZoneGroups@2024-05-01' = [
  for (end, index) in ends: {
    parent: endpoints[index]
    name: 'default'
    properties: {
      privateDnsZoneConfigs: [
        {
          name: end.groupId
          properties: { privateDnsZoneId: resourceId('Microsoft.Network/privateDnsZones', end.zone) }
        }
      ]
    }
    dependsOn: [dnsZones]
  }
]

@description('Where the app calls out from.')
output appSubnetId string = network::appSubnet.id
