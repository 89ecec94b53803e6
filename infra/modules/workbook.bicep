// The page that an operator opens first.

@description('Region.')
param location string

@description('Tags of the resource.')
param tags { *: string }

@description('Title of the page.')
param displayName string

@description('The Log Analytics workspace.')
param workspaceName string

@description('Account of the data.')
param dataStorageName string

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-02-01' existing = {
  name: workspaceName
}

resource dataStorage 'Microsoft.Storage/storageAccounts@2025-01-01' existing = {
  name: dataStorageName
}

resource workbook 'Microsoft.Insights/workbooks@2023-06-01' = {
  name: guid(workspace.id, 'workbook')
  location: location
  tags: tags
  kind: 'shared'
  properties: {
    displayName: displayName
    category: 'workbook'
    sourceId: workspace.id
    serializedData: replace(loadTextContent('../workbook.json'), '<data storage>', dataStorage.id)
  }
}
