using './main.bicep'

// For a try: below one US dollar a month while nobody calls. When its group is deleted the key vault stays for 90 days, unless it is purged.
param environmentName = 'dev'
param instanceMemoryMB = 512
param purgeProtection = false
param operatorPrincipalId = readEnvironmentVariable('OPERATOR_PRINCIPAL_ID', '')
param operatorPrincipalType = readEnvironmentVariable('OPERATOR_PRINCIPAL_TYPE', 'Group')
param backupPrincipalId = readEnvironmentVariable('BACKUP_PRINCIPAL_ID', '')
