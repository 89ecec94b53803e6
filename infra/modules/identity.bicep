@description('Name of the identity.')
param name string

@description('Region.')
param location string

@description('Tags of the resource.')
param tags { *: string }

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: name
  location: location
  tags: tags
}

@description('What the app signs in with.')
output clientId string = identity.properties.clientId

@description('Whom the roles are given to.')
output principalId string = identity.properties.principalId
