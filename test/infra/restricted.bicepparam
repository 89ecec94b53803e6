using '../../infra/main.bicep'

// The other choices: access by address, no signing key, a proxy of one's own.
param environmentName = 'restricted'
param location = 'northeurope'
param enableSigningKey = false
param publicHostName = 'scim.example.com'
param restrictInboundAccess = true
param allowedIpRanges = ['198.51.100.0/24']
param enableAlerts = true
param enableAvailabilityTest = true
param enableBackup = true
param backupStorageSku = 'Standard_ZRS'
param backupRetentionInDays = 90
