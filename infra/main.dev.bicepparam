using './main.bicep'

// For a try: below one US dollar a month while nobody calls, and gone without a trace when its group is deleted.
param environmentName = 'dev'
param instanceMemoryMB = 512
param purgeProtection = false
param operatorPrincipalId = readEnvironmentVariable('OPERATOR_PRINCIPAL_ID', '')
param operatorPrincipalType = readEnvironmentVariable('OPERATOR_PRINCIPAL_TYPE', 'Group')
