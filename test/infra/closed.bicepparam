using '../../infra/main.bicep'

// A list of addresses that is still empty opens nothing; and a network that nobody works in from outside.
param environmentName = 'closed'
param location = 'northeurope'
param enableSigningKey = false
param restrictInboundAccess = true
param allowedServiceTags = []
param enableNetwork = true
