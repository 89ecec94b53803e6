// Azure Front Door before the app: a custom domain with a certificate that Azure renews. Its way to the app is in
// front-door-route.bicep, as the app has to know the front door first, and the route the app.

@description('Name of the profile.')
param name string

@description('Name of the endpoint, the first part of its host.')
param endpointName string

@description('Tags of the resources.')
param tags { *: string }

@description('Standard, or Premium for rules on service tags.')
param sku ('Standard_AzureFrontDoor' | 'Premium_AzureFrontDoor')

@description('The host that customers call; empty for the one of the endpoint.')
param customDomain string

resource profile 'Microsoft.Cdn/profiles@2025-06-01' = {
  name: name
  location: 'global'
  tags: tags
  sku: { name: sku }
  properties: {
    // A bulk request may take nearly as long as the Functions host lets it.
    originResponseTimeoutSeconds: 240
  }

  resource endpoint 'afdEndpoints' = {
    name: endpointName
    location: 'global'
    tags: tags
    properties: { enabledState: 'Enabled' }
  }

  resource domain 'customDomains' = if (!empty(customDomain)) {
    name: replace(customDomain, '.', '-')
    properties: {
      hostName: customDomain
      tlsSettings: { certificateType: 'ManagedCertificate', minimumTlsVersion: 'TLS12' }
    }
  }
}

@description('What Front Door says who it is with.')
output frontDoorId string = profile.properties.frontDoorId

@description('The host that customers call.')
output hostName string = empty(customDomain) ? profile::endpoint.properties.hostName : customDomain
