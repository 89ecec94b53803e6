@description('Name of the profile.')
param profileName string

@description('Name of the endpoint.')
param endpointName string

@description('The host that customers call; empty for the one of the endpoint.')
param customDomain string

@description('The host of the app.')
param appHostName string

resource profile 'Microsoft.Cdn/profiles@2025-06-01' existing = {
  name: profileName

  resource endpoint 'afdEndpoints' existing = {
    name: endpointName
  }

  resource domain 'customDomains' existing = if (!empty(customDomain)) {
    name: replace(customDomain, '.', '-')
  }
}

resource origins 'Microsoft.Cdn/profiles/originGroups@2025-06-01' = {
  parent: profile
  name: 'app'
  properties: {
    // No health probes: with one origin they would change nothing, and come from every place that Front Door has.
    loadBalancingSettings: { sampleSize: 4, successfulSamplesRequired: 3 }
  }

  resource origin 'origins' = {
    name: 'app'
    properties: {
      hostName: appHostName
      originHostHeader: appHostName
      httpsPort: 443
      enforceCertificateNameCheck: true
    }
  }
}

resource route 'Microsoft.Cdn/profiles/afdEndpoints/routes@2025-06-01' = {
  parent: profile::endpoint
  name: 'everything'
  properties: {
    originGroup: { id: origins.id }
    customDomains: empty(customDomain) ? [] : [{ id: profile::domain.id }]
    patternsToMatch: ['/*']
    supportedProtocols: ['Https']
    forwardingProtocol: 'HttpsOnly'
    httpsRedirect: 'Disabled'
    linkToDefaultDomain: empty(customDomain) ? 'Enabled' : 'Disabled'
    // Without `cacheConfiguration` nothing is cached.
  }
  dependsOn: [origins::origin]
}
