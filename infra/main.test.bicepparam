using './main.bicep'

// As production, on one zone and without what only production needs.
param environmentName = 'test'
param purgeProtection = false
param enableAlerts = true
param alertEmailAddresses = filter(split(readEnvironmentVariable('ALERT_EMAIL_ADDRESSES', ''), ','), address => !empty(address))
param operatorPrincipalId = readEnvironmentVariable('OPERATOR_PRINCIPAL_ID', '')
param operatorPrincipalType = readEnvironmentVariable('OPERATOR_PRINCIPAL_TYPE', 'Group')
param backupPrincipalId = readEnvironmentVariable('BACKUP_PRINCIPAL_ID', '')
