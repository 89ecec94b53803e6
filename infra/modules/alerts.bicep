// What somebody is woken for. docs/operations.md says of each what to do.

@description('Short text that all names end with.')
param nameSuffix string

@description('Region.')
param location string

@description('Tags of the resources.')
param tags { *: string }

@description('Who gets them by e-mail.')
param emailAddresses string[]

@description('The Log Analytics workspace.')
param workspaceName string

@description('The Application Insights component.')
param applicationInsightsName string

@description('The function app.')
param functionAppName string

@description('Account of the data.')
param dataStorageName string

@description('Whether there have to be backups.')
param hasBackup bool

@description('Whether the health URL is called from outside.')
param isWatchedFromOutside bool

@description('The health URL.')
param healthUrl string

@description('Where it is called from.')
param availabilityLocations string[]

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-02-01' existing = {
  name: workspaceName
}

resource applicationInsights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: applicationInsightsName
}

resource app 'Microsoft.Web/sites@2025-03-01' existing = {
  name: functionAppName
}

resource dataStorage 'Microsoft.Storage/storageAccounts@2025-01-01' existing = {
  name: dataStorageName
}

resource operators 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: 'ag-${nameSuffix}'
  location: 'global'
  tags: tags
  properties: {
    enabled: true
    groupShortName: 'scim'
    emailReceivers: [
      for address in emailAddresses: {
        name: address
        emailAddress: address
        useCommonAlertSchema: true
      }
    ]
  }
}

@description('An alert by a query of the log. It fires for each of its dimensions when more rows than the threshold are found.')
type logAlert = {
  @description('Name of the alert and of its file in queries.')
  name: string

  @description('What it means.')
  description: string

  @description('0 is the worst.')
  severity: 0 | 1 | 2 | 3 | 4

  @description('The query.')
  query: string

  @description('How often it is asked.')
  every: 'PT5M' | 'PT15M' | 'PT30M' | 'PT1H' | 'PT6H'

  @description('How far back it looks.')
  window: 'PT5M' | 'PT15M' | 'PT30M' | 'PT1H' | 'PT2H' | 'P2D'

  @description('Columns whose values are told apart.')
  dimensions: string[]

  @description('Whether there are too many rows, or too few.')
  operator: 'GreaterThan' | 'LessThan'

  @description('How many rows.')
  threshold: int
}

var backupAlerts logAlert[] = [
  {
    name: 'backup-missing'
    description: 'No whole backup has come for two days.'
    severity: 2
    query: loadTextContent('../queries/backup-missing.kql')
    every: 'PT6H'
    window: 'P2D'
    dimensions: []
    operator: 'LessThan'
    threshold: 1
  }
]

var appAlerts logAlert[] = [
  {
    name: 'server-errors'
    description: 'Requests were answered with 500 or 503.'
    severity: 1
    query: loadTextContent('../queries/server-errors.kql')
    every: 'PT5M'
    window: 'PT5M'
    dimensions: []
    operator: 'GreaterThan'
    threshold: 5
  }
  {
    name: 'maintenance-missing'
    description: 'No run of the maintenance has ended well for half an hour.'
    severity: 2
    query: loadTextContent('../queries/maintenance-missing.kql')
    every: 'PT15M'
    window: 'PT30M'
    dimensions: []
    operator: 'LessThan'
    threshold: 1
  }
  {
    name: 'slow-requests'
    description: 'One in twenty requests of an operation takes longer than three seconds.'
    severity: 2
    query: loadTextContent('../queries/slow-requests.kql')
    every: 'PT15M'
    window: 'PT15M'
    dimensions: ['operation']
    operator: 'GreaterThan'
    threshold: 0
  }
  {
    name: 'refused-credentials'
    description: 'The credentials of a tenant are refused, and none of its requests is answered.'
    severity: 3
    query: loadTextContent('../queries/refused-credentials.kql')
    every: 'PT30M'
    window: 'PT2H'
    dimensions: ['tenant']
    operator: 'GreaterThan'
    threshold: 0
  }
  {
    name: 'throttled-tenants'
    description: 'A tenant sends more requests than it may.'
    severity: 3
    query: loadTextContent('../queries/throttled-tenants.kql')
    every: 'PT15M'
    window: 'PT15M'
    dimensions: ['tenant']
    operator: 'GreaterThan'
    threshold: 0
  }
  {
    name: 'expiring-credentials'
    description: 'A credential expires in 30, 14, 7 days or one.'
    severity: 3
    query: loadTextContent('../queries/expiring-credentials.kql')
    every: 'PT1H'
    window: 'PT2H'
    dimensions: ['tenant', 'credential', 'days']
    operator: 'GreaterThan'
    threshold: 0
  }
]

var logAlerts = concat(appAlerts, hasBackup ? backupAlerts : [])

resource logRules 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [
  for alert in logAlerts: {
    name: '${alert.name}-${nameSuffix}'
    location: location
    tags: tags
    kind: 'LogAlert'
    properties: {
      displayName: alert.name
      description: alert.description
      severity: alert.severity
      enabled: true
      scopes: [workspace.id]
      evaluationFrequency: alert.every
      windowSize: alert.window
      autoMitigate: true
      // A new workspace has no such table before the first line.
      skipQueryValidation: true
      criteria: {
        allOf: [
          {
            query: alert.query
            timeAggregation: 'Count'
            operator: alert.operator
            threshold: alert.threshold
            dimensions: [for column in alert.dimensions: { name: column, operator: 'Include', values: ['*'] }]
            failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 }
          }
        ]
      }
      actions: { actionGroups: [operators.id] }
    }
  }
]

resource hostErrors 'Microsoft.Insights/metricAlerts@2018-03-01' = {
  name: 'host-errors-${nameSuffix}'
  location: 'global'
  tags: tags
  properties: {
    description: 'Many requests were answered with 5xx, whether the app could log them or not.'
    severity: 1
    enabled: true
    autoMitigate: true
    scopes: [app.id]
    evaluationFrequency: 'PT1M'
    windowSize: 'PT5M'
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
      allOf: [
        {
          criterionType: 'StaticThresholdCriterion'
          name: 'errors'
          metricNamespace: 'Microsoft.Web/sites'
          metricName: 'Http5xx'
          timeAggregation: 'Total'
          operator: 'GreaterThan'
          threshold: 50
        }
      ]
    }
    actions: [{ actionGroupId: operators.id }]
  }
}

resource storageAvailability 'Microsoft.Insights/metricAlerts@2018-03-01' = {
  name: 'storage-availability-${nameSuffix}'
  location: 'global'
  tags: tags
  properties: {
    description: 'Table Storage fails to answer.'
    severity: 1
    enabled: true
    autoMitigate: true
    scopes: [dataStorage.id]
    evaluationFrequency: 'PT5M'
    windowSize: 'PT15M'
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
      allOf: [
        {
          criterionType: 'StaticThresholdCriterion'
          name: 'availability'
          metricNamespace: 'Microsoft.Storage/storageAccounts'
          metricName: 'Availability'
          timeAggregation: 'Average'
          operator: 'LessThan'
          threshold: json('99.9')
        }
      ]
    }
    actions: [{ actionGroupId: operators.id }]
  }
}

resource storageThrottled 'Microsoft.Insights/metricAlerts@2018-03-01' = {
  name: 'storage-throttled-${nameSuffix}'
  location: 'global'
  tags: tags
  properties: {
    description: 'Table Storage refuses requests as there are too many.'
    severity: 2
    enabled: true
    autoMitigate: true
    scopes: [dataStorage.id]
    evaluationFrequency: 'PT5M'
    windowSize: 'PT15M'
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
      allOf: [
        {
          criterionType: 'StaticThresholdCriterion'
          name: 'throttled'
          metricNamespace: 'Microsoft.Storage/storageAccounts'
          metricName: 'Transactions'
          dimensions: [
            {
              name: 'ResponseType'
              operator: 'Include'
              values: ['ServerBusyError', 'ServerTimeoutError', 'ClientThrottlingError', 'ClientAccountRequestThrottlingError']
            }
          ]
          timeAggregation: 'Total'
          operator: 'GreaterThan'
          threshold: 20
        }
      ]
    }
    actions: [{ actionGroupId: operators.id }]
  }
}

resource availabilityTest 'Microsoft.Insights/webtests@2022-06-15' = if (isWatchedFromOutside) {
  name: 'unreachable-${nameSuffix}'
  location: location
  // The portal finds the component by this tag.
  tags: union(tags, { 'hidden-link:${applicationInsights.id}': 'Resource' })
  kind: 'standard'
  properties: {
    SyntheticMonitorId: 'unreachable-${nameSuffix}'
    Name: 'health'
    Kind: 'standard'
    Enabled: true
    Frequency: 900
    Timeout: 30
    RetryEnabled: true
    Locations: [for region in availabilityLocations: { Id: region }]
    Request: { RequestUrl: healthUrl, HttpVerb: 'GET', FollowRedirects: false, ParseDependentRequests: false }
    ValidationRules: { ExpectedHttpStatusCode: 200, SSLCheck: true, SSLCertRemainingLifetimeCheck: 7 }
  }
}

resource unreachable 'Microsoft.Insights/metricAlerts@2018-03-01' = if (isWatchedFromOutside) {
  name: 'unreachable-${nameSuffix}'
  location: 'global'
  tags: tags
  properties: {
    description: 'The health URL does not answer 200, as seen from two places.'
    severity: 1
    enabled: true
    autoMitigate: true
    scopes: [availabilityTest.id, applicationInsights.id]
    evaluationFrequency: 'PT5M'
    windowSize: 'PT30M'
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.WebtestLocationAvailabilityCriteria'
      webTestId: availabilityTest.id
      componentId: applicationInsights.id
      failedLocationCount: 2
    }
    actions: [{ actionGroupId: operators.id }]
  }
}
