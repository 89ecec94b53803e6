import {
  at,
  textAt,
  type Deployment,
  type Finding,
  ofType,
  placeOf,
  type Resource,
} from './deployment.ts'

/** The built-in roles that may be given, by their ids: any other is more than is needed. */
const ROLES: Readonly<Record<string, string>> = {
  'b7e6dc6d-f1e8-4753-8033-0f276bb0955b': 'Storage Blob Data Owner',
  'ba92f5b4-2d11-453d-a403-e96b0029c9fe': 'Storage Blob Data Contributor',
  '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3': 'Storage Table Data Contributor',
  '76199698-9eea-4c19-bc75-cec21354c6b6': 'Storage Table Data Reader',
  '3913510d-42f4-4e42-8a64-420c390055eb': 'Monitoring Metrics Publisher',
  '12338af0-0e69-4776-bea7-57ae8d297424': 'Key Vault Crypto User',
  '14b46e9e-c2b7-41b4-b07b-48a6ebf60603': 'Key Vault Crypto Officer',
}

/** What the app needs, and on what: the type of the resource, and a part of its name where there are several. */
const NEEDED: readonly {
  readonly role: string
  readonly type: string
  readonly part: string
}[] = [
  { role: 'Storage Blob Data Owner', type: 'Storage/storageAccounts', part: 'host' },
  { role: 'Storage Table Data Contributor', type: 'Storage/storageAccounts', part: 'host' },
  { role: 'Storage Table Data Contributor', type: 'Storage/storageAccounts', part: 'data' },
  { role: 'Monitoring Metrics Publisher', type: 'Insights/components', part: '' },
  { role: 'Key Vault Crypto User', type: 'KeyVault/vaults', part: '' },
]

/** What the operators need. */
const OPERATORS: typeof NEEDED = [
  { role: 'Storage Table Data Contributor', type: 'Storage/storageAccounts', part: 'data' },
  { role: 'Key Vault Crypto Officer', type: 'KeyVault/vaults', part: '' },
]

/** What the backup needs. */
const BACKUP: typeof NEEDED = [
  { role: 'Storage Table Data Reader', type: 'Storage/storageAccounts', part: 'data' },
  {
    role: 'Storage Blob Data Contributor',
    type: 'Storage/storageAccounts/blobServices/containers',
    part: 'backups',
  },
]

const ASSIGNMENT = '/providers/Microsoft.Authorization/roleAssignments/'

/** What is given to the app, to operators and to the backup. */
export function roleFindings(deployment: Deployment): readonly Finding[] {
  const assignments = ofType(deployment, 'Authorization/roleAssignments')
  return [
    ...assignments.flatMap((assignment) =>
      problems(assignment, deployment).map((says) => ({
        rule: 'roles',
        where: placeOf(deployment, assignment),
        says,
      })),
    ),
    ...missing(deployment, assignments),
    ...missingOfBackup(deployment, assignments),
  ]
}

function problems(assignment: Resource, deployment: Deployment): readonly string[] {
  const { resources } = deployment
  const scope = scopeOf(assignment)
  const reason = at(assignment, 'properties.description')
  return [
    roleOf(assignment) === undefined
      ? `it gives a role that is not in the table: ${textAt(assignment, 'properties.roleDefinitionId')}`
      : '',
    resources.some(({ id }) => id === scope) ? '' : `it is given on ${scope}, not on one resource`,
    isTooMuch(assignment, deployment)
      ? `it is more than ${isToApp(assignment) ? 'the app' : 'operators or the backup'} may have: ${roleOf(assignment) ?? ''}`
      : '',
    typeof reason === 'string' && reason.length > 20 ? '' : 'it does not say what it is given for',
    at(assignment, 'properties.principalType') === undefined
      ? 'it does not say what its principal is'
      : '',
  ].filter((problem) => problem !== '')
}

/** A role of the table, on one resource, that is for others or for another resource; and whoever has the roles of two. */
function isTooMuch(assignment: Resource, deployment: Deployment): boolean {
  if (isToApp(assignment)) return !isOf(NEEDED, assignment, deployment)
  if (![OPERATORS, BACKUP].some((table) => isOf(table, assignment, deployment))) return true
  const given = ofType(deployment, 'Authorization/roleAssignments').filter(
    (each) => principalOf(each) === principalOf(assignment),
  )
  return ![OPERATORS, BACKUP].some((table) => given.every((each) => isOf(table, each, deployment)))
}

/** Also what is wrong otherwise, and told by that. */
function isOf(table: typeof NEEDED, assignment: Resource, { resources }: Deployment): boolean {
  const role = roleOf(assignment)
  const scope = resources.find(({ id }) => id === scopeOf(assignment))
  if (role === undefined || scope === undefined) return true
  return table.some(
    (each) =>
      each.role === role &&
      scope.type === `Microsoft.${each.type}` &&
      scope.name.includes(each.part),
  )
}

function missing(deployment: Deployment, assignments: readonly Resource[]): readonly Finding[] {
  return NEEDED.flatMap(({ role, type, part }) =>
    ofType(deployment, type)
      .filter(({ name }) => name.includes(part))
      .filter((resource) => !assignments.some((each) => gives(each, role, resource)))
      .map((resource) => ({
        rule: 'roles',
        where: placeOf(deployment, resource),
        says: `the app does not get the role ${role}`,
      })),
  )
}

/** Whoever makes backups needs both: to read them somewhere, and to write them somewhere. */
function missingOfBackup(
  { name }: Deployment,
  assignments: readonly Resource[],
): readonly Finding[] {
  const given = new Set(assignments.map(roleOf))
  if (!BACKUP.some(({ role }) => given.has(role))) return []
  return BACKUP.filter(({ role }) => !given.has(role)).map(({ role }) => ({
    rule: 'roles',
    where: name,
    says: `the backup does not get the role ${role}`,
  }))
}

/** Whether it gives the app the role on a resource: the app's principal is known by Azure alone. */
function gives(assignment: Resource, role: string, { id }: Resource): boolean {
  return scopeOf(assignment) === id && roleOf(assignment) === role && isToApp(assignment)
}

function isToApp(assignment: Resource): boolean {
  return /^\[reference\('[^']*\/userAssignedIdentities\/[^']*'.*\)\.principalId\]$/.test(
    principalOf(assignment),
  )
}

function principalOf(assignment: Resource): string {
  return textAt(assignment, 'properties.principalId')
}

function scopeOf({ id }: Resource): string {
  return id.slice(0, Math.max(0, id.lastIndexOf(ASSIGNMENT)))
}

function roleOf(assignment: Resource): string | undefined {
  const id = textAt(assignment, 'properties.roleDefinitionId').split('/').at(-1) ?? ''
  return Object.hasOwn(ROLES, id) ? ROLES[id] : undefined
}
