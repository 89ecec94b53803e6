// Every role that is given, and why: the reason stands in the assignment, too.

@export()
@description('A built-in role, and what it is given for.')
type role = {
  @description('Id of the role definition.')
  id: string

  @description('Why it is given.')
  reason: string
}

@export()
@description('What the app may do.')
var appRoles = {
  hostStorage: {
    id: 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b' // Storage Blob Data Owner
    reason: 'The host keeps its locks, its function keys and the state of the timer in blobs, and the package is read from one.'
  }
  hostEvents: {
    id: '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3' // Storage Table Data Contributor
    reason: 'The host writes its diagnostic events to a table.'
  }
  data: {
    id: '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3' // Storage Table Data Contributor
    reason: 'The app keeps tenants, users and groups in tables.'
  }
  telemetry: {
    id: '3913510d-42f4-4e42-8a64-420c390055eb' // Monitoring Metrics Publisher
    reason: 'The host and the app send their telemetry without a key.'
  }
  signing: {
    id: '12338af0-0e69-4776-bea7-57ae8d297424' // Key Vault Crypto User
    reason: 'The app signs access tokens with a key that it cannot read.'
  }
}

@export()
@description('What the operators may do.')
var operatorRoles = {
  data: {
    id: '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3' // Storage Table Data Contributor
    reason: 'Operators work on the tables with the tenant command.'
  }
  signing: {
    id: '14b46e9e-c2b7-41b4-b07b-48a6ebf60603' // Key Vault Crypto Officer
    reason: 'Operators rotate the signing key.'
  }
}

@export()
@description('What the nightly backup may do.')
var backupRoles = {
  data: {
    id: '76199698-9eea-4c19-bc75-cec21354c6b6' // Storage Table Data Reader
    reason: 'The backup reads all tables, and changes nothing in them.'
  }
  files: {
    id: 'ba92f5b4-2d11-453d-a403-e96b0029c9fe' // Storage Blob Data Contributor
    reason: 'The backup writes its files, and the restore drill reads one; it cannot delete their versions.'
  }
}
