import { elementsOf, own, type JsonValue } from '../../lib/scim/json.ts'
import { at, type Deployment, type Finding, ofType, placeOf, type Resource } from './deployment.ts'

/** Wider than that is everybody, or a mistake. */
const WIDEST_PREFIX = 8

/** Whoever storage, vault and app are open to beside the network. */
export function openingFindings(deployment: Deployment): readonly Finding[] {
  const stores = [
    ...ofType(deployment, 'Storage/storageAccounts'),
    ...ofType(deployment, 'KeyVault/vaults'),
  ]
  const hasNetwork = ofType(deployment, 'Network/virtualNetworks').length > 0
  const finding = (resource: Resource, says: string): Finding => ({
    rule: 'access',
    where: placeOf(deployment, resource),
    says,
  })
  return [
    ...stores.flatMap((store) =>
      differences(store, hasNetwork).map((says) => finding(store, says)),
    ),
    ...[...stores, ...ofType(deployment, 'Web/sites')].flatMap((resource) =>
      rangesOf(resource)
        .filter(isForAll)
        .map((range) => finding(resource, `${range} lets everybody in`)),
    ),
  ]
}

function differences(store: Resource, hasNetwork: boolean): readonly string[] {
  const isOpenToSome = elementsOf(at(store, 'properties.networkAcls.ipRules')).length > 0
  const expected = [
    ['properties.networkAcls.defaultAction', hasNetwork ? 'Deny' : 'Allow'],
    ['properties.publicNetworkAccess', hasNetwork && !isOpenToSome ? 'Disabled' : 'Enabled'],
  ] as const
  return expected
    .filter(([path, value]) => at(store, path) !== value)
    .map(([path, value]) => {
      const given = JSON.stringify(at(store, path))
      return `${path} must be ${value} ${hasNetwork ? 'with' : 'without'} a network, not ${given}`
    })
}

function rangesOf(resource: Resource): readonly string[] {
  const rules: readonly (readonly [path: string, member: string])[] = [
    ['properties.networkAcls.ipRules', 'value'],
    ['properties.siteConfig.ipSecurityRestrictions', 'ipAddress'],
  ]
  return rules.flatMap(([path, member]) =>
    elementsOf(at(resource, path)).flatMap((rule: JsonValue) => {
      const range = own(rule, member)
      return typeof range === 'string' ? [range] : []
    }),
  )
}

function isForAll(range: string): boolean {
  const [, prefix] = /\/(\d+)$/.exec(range) ?? []
  return (
    ['0.0.0.0', 'Any', 'Internet'].includes(range) ||
    (prefix !== undefined && Number(prefix) < WIDEST_PREFIX)
  )
}
