import { globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { expect, test } from 'vitest'

/** Which way imports point: folder or file (the longest that fits counts) -> what it may import. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  functions: ['lib/http', 'lib/service', 'lib/runtime.ts', '@azure/functions'],
  'lib/scim': ['lib/scim'],
  'lib/service': [
    'lib/service',
    'lib/scim',
    'lib/in-parallel.ts',
    'lib/sealed-text.ts',
    'lib/storage/port.ts',
    'lib/storage/deadline.ts',
    'lib/storage/journal-position.ts',
    'lib/storage/tenant-port.ts',
    'zod',
  ],
  'lib/storage': [
    'lib/storage',
    'lib/scim',
    'lib/in-parallel.ts',
    'node:async_hooks',
    'node:crypto',
    'node:timers/promises',
  ],
  'lib/storage/table': [
    'lib/storage',
    'lib/scim',
    'lib/in-parallel.ts',
    'lib/loopback.ts',
    'lib/telemetry/metrics.ts',
    '@azure/data-tables',
    '@azure/identity',
    'node:crypto',
    'node:timers/promises',
  ],
  'lib/activity': [
    'lib/activity',
    'lib/scim',
    'lib/scim/errors.ts',
    'lib/sealed-text.ts',
    'lib/storage/activity-port.ts',
    'lib/storage/deadline.ts',
    'lib/storage/journal-position.ts',
    'lib/storage/port.ts',
    'lib/storage/tenant-port.ts',
    'zod',
    'node:crypto',
  ],
  'lib/tenants': [
    'lib/tenants',
    'lib/telemetry/metrics.ts',
    'lib/activity',
    'lib/in-parallel.ts',
    'lib/scim/email-domain.ts',
    'lib/scim/errors.ts',
    'lib/storage/activity-port.ts',
    'lib/storage/index-state.ts',
    'lib/storage/tenant-port.ts',
    'node:crypto',
    'node:net',
    'node:zlib',
    'zod',
  ],
  'lib/people': [
    'lib/people',
    'lib/auth/verdict-cache.ts',
    'lib/scim',
    'lib/sealed-text.ts',
    'lib/storage/activity-port.ts',
    'lib/storage/journal-position.ts',
    'lib/storage/people-port.ts',
    'lib/storage/port.ts',
    'lib/storage/team-names.ts',
    'lib/storage/team-port.ts',
    'lib/storage/tenant-port.ts',
    'lib/service',
    'lib/tenants',
    'node:crypto',
    'zod',
  ],
  'lib/backup': [
    'lib/backup',
    'lib/people',
    'lib/scim',
    'lib/storage/activity-port.ts',
    'lib/storage/bringing-port.ts',
    'lib/storage/deadline.ts',
    'lib/storage/journal-position.ts',
    'lib/storage/keys.ts',
    'lib/storage/port.ts',
    'lib/storage/stored-attributes.ts',
    'lib/storage/stored-size.ts',
    'lib/storage/team-port.ts',
    'lib/storage/tenant-port.ts',
    'lib/tenants',
    'node:crypto',
    'zod',
  ],
  'lib/auth': [
    'lib/auth',
    'lib/telemetry/metrics.ts',
    'lib/oauth',
    'lib/scim/authentication-scheme.ts',
    'lib/tenants',
    'lib/scim/errors.ts',
    'lib/scim/resource-type.ts',
    'lib/storage/deadline.ts',
    'lib/storage/tenant-port.ts',
    'node:crypto',
  ],
  'lib/oauth': [
    'lib/oauth',
    'lib/auth/verdict-cache.ts',
    'lib/tenants',
    'lib/scim/json.ts',
    'lib/storage/deadline.ts',
    'lib/storage/tenant-port.ts',
    'jose',
    'zod',
    'node:crypto',
    'node:dns/promises',
    'node:http',
    'node:https',
    'node:net',
  ],
  'lib/oauth/key-file.ts': [
    'lib/oauth',
    'jose',
    'zod',
    'node:crypto',
    'node:fs/promises',
    'node:path',
  ],
  'lib/oauth/key-vault.ts': [
    'lib/oauth',
    'jose',
    '@azure/identity',
    '@azure/keyvault-keys',
    'node:crypto',
  ],
  'lib/manage': [
    'lib/manage',
    'lib/activity',
    'lib/people',
    'lib/tenants',
    'lib/loopback.ts',
    'lib/on-azure.ts',
    'lib/scim/attribute-definition.ts',
    'lib/scim/detail.ts',
    'lib/scim/errors.ts',
    'lib/scim/etag.ts',
    'lib/scim/json.ts',
    'lib/scim/resource-type.ts',
    'lib/storage/activity-port.ts',
    'lib/storage/tenant-port.ts',
    'node:crypto',
    'zod',
  ],
  'lib/http': [
    'lib/http',
    'lib/activity',
    'lib/auth',
    'lib/manage',
    'lib/oauth',
    'lib/service',
    'lib/scim',
    'lib/stack-frames.ts',
    'lib/tenants',
    '@azure/functions',
    'lib/storage/tenant-port.ts',
    'lib/storage/unreadable-row.ts',
  ],
  'lib/attribute-work.ts': [
    'lib/scim',
    'lib/service',
    'lib/storage/port.ts',
    'lib/storage/tenant-changes.ts',
    'lib/tenants/maintenance.ts',
  ],
  'lib/authentication.ts': [
    'lib/auth',
    'lib/config.ts',
    'lib/http/routes.ts',
    'lib/oauth',
    'lib/storage/tenant-port.ts',
  ],
  'lib/config.ts': [
    'lib/http/routes.ts',
    'lib/loopback.ts',
    'lib/on-azure.ts',
    'lib/scim/extension-urn.ts',
    'lib/scim/urn.ts',
    'lib/storage/table/tables.ts',
    'zod',
  ],
  'lib/telemetry': ['lib/telemetry'],
  'lib/telemetry/application-insights.ts': [
    'lib/loopback.ts',
    'lib/telemetry',
    '@azure/identity',
    '@opentelemetry/resources',
    'applicationinsights',
  ],
  'lib/stack-frames.ts': ['node:fs', 'node:module'],
  'lib/runtime.ts': ['lib', 'node:crypto', 'node:timers/promises'],
}

/** Static imports, re-exports and `import()`. */
const IMPORT =
  /^\s*(?:import|export)\b(?:[^'";]*?\bfrom)?\s*['"]([^'"]+)['"]|\bimport\(['"]([^'"]+)['"]\)/gm

const files = globSync('{functions,lib}/**/*.ts').map((file) => file.replaceAll('\\', '/'))

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`)
}

function allowedFor(file: string): readonly string[] {
  const folder = Object.keys(MAY_IMPORT)
    .filter((each) => isWithin(file, each))
    .toSorted((a, b) => b.length - a.length)[0]
  return MAY_IMPORT[folder ?? ''] ?? []
}

function importsOf(file: string): readonly string[] {
  return [...readFileSync(file, 'utf8').matchAll(IMPORT)].map((match) => {
    const name = match[1] ?? match[2] ?? ''
    return name.startsWith('.') ? normalize(join(dirname(file), name)).replaceAll('\\', '/') : name
  })
}

test('the check sees the code and its imports', () => {
  expect(files.length).toBeGreaterThan(60)
  expect(files.flatMap(importsOf).length).toBeGreaterThan(200)
})

test('the check finds an arrow that points the wrong way', () => {
  expect(allowedFor('lib/scim/filter/match.ts')).not.toContain('node:fs')
  expect(isWithin('lib/scimitar/x.ts', 'lib/scim')).toBe(false)
})

test.each(files)('%s imports only what its folder may', (file) => {
  const allowed = allowedFor(file)
  const wrong = importsOf(file).filter((name) => !allowed.some((each) => isWithin(name, each)))
  expect(wrong, `${file} may import ${allowed.join(', ')}`).toEqual([])
})

test('which resource types there are is the tenant’s to say: only the runtime knows the default ones', () => {
  const place = 'lib/scim/default-resource-types.ts'
  const knowing = files.filter((file) => importsOf(file).includes(place))
  expect(knowing).toEqual(['lib/runtime.ts'])
})

test.each(files.filter((file) => isWithin(file, 'lib/storage') || file === 'lib/runtime.ts'))(
  '%s asks for no resource type by its name',
  (file) => {
    // The layouts are the one place that names them, and a membership says of which type a member is.
    const source = readFileSync(file, 'utf8')
    expect(source).not.toMatch(/\bname\s*[!=]==?\s*'(?:User|Group)'|\b(?:USER|GROUP)\b/)
  },
)

test.each(files.filter((file) => isWithin(file, 'functions')))(
  '%s holds one registration and no logic',
  (file) => {
    const source = readFileSync(file, 'utf8')
    expect(source.match(/\bapp\.[\w.]+\(/g)).toHaveLength(1)
    expect(source.split('\n').length).toBeLessThanOrEqual(60)
    expect(source).not.toMatch(/\b(?:if|for|while|switch|function|await)\b\s*\(/)
  },
)
