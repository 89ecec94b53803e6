using './main.bicep'

param environmentName = 'prod'
param zoneRedundant = true
param alwaysReadyHttpInstances = 2
param dataStorageSku = 'Standard_GZRS'
param lockDataStorage = true
param dataStorageLogs = ['StorageDelete']
param keyVaultLogs = true
param logRetentionInDays = 90
param logDailyQuotaGb = 10
param enableAlerts = true
param enableAvailabilityTest = true
param alertEmailAddresses = filter(split(readEnvironmentVariable('ALERT_EMAIL_ADDRESSES', ''), ','), address => !empty(address))
param operatorPrincipalId = readEnvironmentVariable('OPERATOR_PRINCIPAL_ID', '')
param operatorPrincipalType = readEnvironmentVariable('OPERATOR_PRINCIPAL_TYPE', 'Group')
param backupPrincipalId = readEnvironmentVariable('BACKUP_PRINCIPAL_ID', '')
