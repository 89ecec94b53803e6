import type { ChangedBy, Tenant, TenantStore } from '../storage/tenant-port.ts'
import { withTeams } from './memberships.ts'
import type { PeopleParts, PeopleSource } from './people-context.ts'
import { peopleSources } from './people-source.ts'
import { teamsOf, type TeamsContext, type TeamsParts } from './teams-context.ts'

/** What people and teams are read and changed with, whosever they are. */
type ApplicationParts = PeopleParts &
  TeamsParts & { readonly tenants: Pick<TenantStore, 'definitions'> }

/** People and teams as an application has them, by whoever changes them. */
export interface ApplicationSources {
  readonly peopleOf: (by: ChangedBy) => PeopleSource
  readonly teamsOf: (by: ChangedBy) => (tenant: Tenant) => TeamsContext
}

/** People are shown in the teams that they were put into by hand, too. */
export function applicationSources(parts: ApplicationParts): ApplicationSources {
  const { service, activity, sign, typesOf, resourceTypes, teams, tenants } = parts
  const memberships = withTeams(service.memberships, teams)
  const people = { service: { ...service, memberships }, activity, sign, typesOf }
  return {
    peopleOf: peopleSources(people, tenants),
    teamsOf: (by) => (tenant) =>
      teamsOf({ service, activity, sign, resourceTypes, teams }, tenant, by),
  }
}
