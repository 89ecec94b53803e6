using '../../infra/main.bicep'

// What no environment has by itself, so that it is compiled and compared, too.
param environmentName = 'every_Option-of-all'
param workloadName = 'my-App'
param location = 'northeurope'
param tags = { costCenter: '4711' }
param nodeVersion = '22'
param instanceMemoryMB = 4096
param httpPerInstanceConcurrency = 8
param dataStorageLogs = ['StorageRead', 'StorageWrite', 'StorageDelete']
param documentationUrl = 'https://docs.example.com/scim'
param peopleExtensionUrn = 'urn:ietf:params:scim:schemas:extension:acme:2.0:User'
param enableNetwork = true
param operatorIpRanges = ['203.0.113.7']
param enableFrontDoor = true
param customDomain = 'scim.example.com'
param enableAlerts = true
param alertEmailAddresses = ['operators@example.com']
param enableAvailabilityTest = true
param operatorPrincipalId = '33333333-3333-3333-3333-333333333333'
param lockDataStorage = true
param enableBackup = true
param backupPrincipalId = '44444444-4444-4444-4444-444444444444'
