import { isDeepStrictEqual } from 'node:util'
import { elementsOf, own } from '../../lib/scim/json.ts'
import { at, type Deployment, type Finding, named, ofType, textAt } from './deployment.ts'

/** The URLs that customers are told have the host that they reach the app by, and its route has that host. */
export function hostFindings(deployment: Deployment): readonly Finding[] {
  const settings = named(deployment, 'Web/sites/config', '/appsettings')
  const urls = {
    PUBLIC_BASE_URL: settings === undefined ? '' : textAt(settings, 'properties.PUBLIC_BASE_URL'),
    tenantUrl: outputOf(deployment, 'tenantUrl'),
    healthUrl: outputOf(deployment, 'healthUrl'),
  }
  const host = hostOf(deployment)
  const finding = (says: string): Finding => ({ rule: 'hosts', where: deployment.name, says })
  return [
    ...Object.entries(urls)
      .filter(([, url]) => !/^(?:\[format\(')?https:\/\//.test(url) || !url.includes(host))
      .map(([name]) => finding(`${name} must be https:// and have the host ${host}`)),
    ...routeProblems(deployment).map(finding),
  ]
}

/** Of those who have a proxy of their own, which no resource tells. */
const PROXIES: Readonly<Record<string, string>> = { restricted: 'scim.example.com' }

function hostOf(deployment: Deployment): string {
  const [domain] = ofType(deployment, 'Cdn/profiles/customDomains')
  if (domain !== undefined) return textAt(domain, 'properties.hostName')
  const [endpoint] = ofType(deployment, 'Cdn/profiles/afdEndpoints')
  const [site] = ofType(deployment, 'Web/sites')
  return PROXIES[deployment.name] ?? (endpoint ?? site)?.id ?? ''
}

function outputOf({ outputs }: Deployment, name: string): string {
  const value = outputs[name]
  return typeof value === 'string' ? value : ''
}

function routeProblems(deployment: Deployment): readonly string[] {
  const domains = ofType(deployment, 'Cdn/profiles/customDomains').map(({ id }) => id)
  const linked = domains.length === 0 ? 'Enabled' : 'Disabled'
  return ofType(deployment, 'Cdn/profiles/afdEndpoints/routes').flatMap((route) => {
    const served = elementsOf(at(route, 'properties.customDomains')).map((each) => own(each, 'id'))
    return [
      isDeepStrictEqual(served, domains) ? '' : 'the route must serve the custom domain',
      at(route, 'properties.linkToDefaultDomain') === linked
        ? ''
        : `linkToDefaultDomain must be ${linked}`,
    ].filter((problem) => problem !== '')
  })
}
