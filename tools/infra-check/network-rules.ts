import { elementsOf, own, type JsonValue } from '../../lib/scim/json.ts'
import {
  at,
  type Deployment,
  type Finding,
  ofType,
  placeOf,
  type Resource,
  textsIn,
} from './deployment.ts'
import { inPublicAzure } from './expression.ts'

/** The private zone of each kind of endpoint; under another name it resolves nothing, and the public address stays. */
const ZONES: Readonly<Record<string, string>> = {
  blob: 'privatelink.blob.core.windows.net',
  table: 'privatelink.table.core.windows.net',
  vault: 'privatelink.vaultcore.azure.net',
}

/** The ways in and out: private endpoints with their zones, and the front door. */
export function networkFindings(deployment: Deployment): readonly Finding[] {
  return [
    ...zoneFindings(deployment),
    ...linkFindings(deployment),
    ...frontDoorFindings(deployment),
  ]
}

function zoneFindings(deployment: Deployment): readonly Finding[] {
  const finding = (resource: Resource, says: string): Finding => ({
    rule: 'zones',
    where: placeOf(deployment, resource),
    says,
  })
  const names = new Set(Object.values(ZONES))
  const zones = ofType(deployment, 'Network/privateDnsZones')
  const made = new Set(zones.map(({ name }) => inPublicAzure(name)))
  const groups = ofType(deployment, 'Network/privateEndpoints/privateDnsZoneGroups')
  return [
    ...zones
      .filter(({ name }) => !names.has(inPublicAzure(name)))
      .map((zone) => finding(zone, `no private zone is called ${inPublicAzure(zone.name)}`)),
    ...ofType(deployment, 'Network/privateEndpoints').flatMap((endpoint) => {
      const group = groups.find(({ name }) => name.startsWith(`${endpoint.name}/`))
      const used = group === undefined ? '' : zoneOf(group)
      return groupIdsOf(endpoint)
        .filter((groupId) => used !== ZONES[groupId] || !made.has(used))
        .map((groupId) => finding(endpoint, `${groupId} must be found by ${ZONES[groupId] ?? ''}`))
    }),
  ]
}

/** A zone that is linked to no network, or to another, is asked by nobody. */
function linkFindings(deployment: Deployment): readonly Finding[] {
  const networks = ofType(deployment, 'Network/virtualNetworks').map(({ id }) => id)
  const links = ofType(deployment, 'Network/privateDnsZones/virtualNetworkLinks')
  const linked = (zone: Resource): number =>
    links.filter(
      (link) =>
        link.name.includes(zone.name.replace(/^\[(.*)\]$/, '$1')) &&
        networks.some((id) => id === at(link, 'properties.virtualNetwork.id')),
    ).length
  return ofType(deployment, 'Network/privateDnsZones')
    .filter((zone) => linked(zone) !== 1)
    .map((zone) => ({
      rule: 'zones',
      where: placeOf(deployment, zone),
      says: `${inPublicAzure(zone.name)} must be linked to the network`,
    }))
}

function groupIdsOf(endpoint: Resource): readonly string[] {
  return elementsOf(at(endpoint, 'properties.privateLinkServiceConnections')).flatMap(
    (connection) => textsIn(own(own(connection, 'properties'), 'groupIds') ?? null),
  )
}

/** `[resourceId('…', 'Microsoft.Network/privateDnsZones', format(…))]` */
function zoneOf(group: Resource): string {
  const texts = textsIn(at(group, 'properties.privateDnsZoneConfigs') ?? null)
  const id = texts.find((text) => text.includes('/privateDnsZones')) ?? ''
  const [, name = ''] = /'Microsoft\.Network\/privateDnsZones', (.*)\)\]$/.exec(id) ?? []
  return inPublicAzure(`[${name}]`)
}

/** The service tag has the front doors of everybody; the header says which one it was. */
function frontDoorFindings(deployment: Deployment): readonly Finding[] {
  return ofType(deployment, 'Cdn/profiles').flatMap((profile) =>
    ofType(deployment, 'Web/sites')
      .filter((site) => {
        const rules = elementsOf(at(site, 'properties.siteConfig.ipSecurityRestrictions'))
        return rules.length === 0 || !rules.every((rule) => letsIn(rule, profile))
      })
      .map((site) => ({
        rule: 'access',
        where: placeOf(deployment, site),
        says: `only the front door may call, by its tag and x-azure-fdid of ${profile.name}`,
      })),
  )
}

function letsIn(rule: JsonValue, profile: Resource): boolean {
  const ids = textsIn(own(own(rule, 'headers'), 'x-azure-fdid') ?? null)
  return (
    own(rule, 'tag') === 'ServiceTag' &&
    own(rule, 'ipAddress') === 'AzureFrontDoor.Backend' &&
    ids.length === 1 &&
    ids.every((id) => id.includes(`/${profile.name}'`) && id.includes('.frontDoorId'))
  )
}
