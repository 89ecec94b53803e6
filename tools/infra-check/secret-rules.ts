import { textAt, type Deployment, type Finding, ofType, placeOf, textsIn } from './deployment.ts'

/** What gives a key or a signature away when it is evaluated. */
const GIVES_SECRET = /\blist[A-Z]\w*\(|AccountKey=|SharedAccessSignature|\bsig=|newGuid\(/

/** What only some may see, and who gets a deployment's outputs is many. */
const IN_OUTPUT = /ConnectionString|InstrumentationKey|listKeys|AccountKey|accessToken/i

/** What the pipeline, azd and people are told, and nothing else. */
const OUTPUTS: readonly string[] = [
  'applicationInsightsName',
  'backupStorageAccountName',
  'dataStorageAccountName',
  'functionAppHostName',
  'functionAppName',
  'healthUrl',
  'hostStorageAccountName',
  'keyVaultKeyId',
  'keyVaultName',
  'resourceGroupName',
  'tablesEndpoint',
  'tenantUrl',
]

/** Secrets in resources or outputs. */
export function secretFindings(deployment: Deployment): readonly Finding[] {
  const { name, resources, outputs } = deployment
  const finding = (says: string): Finding => ({ rule: 'outputs', where: name, says })
  const given = Object.keys(outputs)
  return [
    ...resources
      .filter(({ text }) => textsIn(text).some((each) => GIVES_SECRET.test(each)))
      .map((resource) => ({
        rule: 'secrets',
        where: placeOf(deployment, resource),
        says: 'it asks for a key or holds one',
      })),
    ...Object.entries(outputs)
      .filter(([, value]) => textsIn(value).some((text) => IN_OUTPUT.test(text)))
      .map(([output]) => finding(`the output ${output} gives a secret away`)),
    ...OUTPUTS.filter((output) => !given.includes(output)).map((output) =>
      finding(`there is no output ${output}`),
    ),
    ...given
      .filter((output) => !OUTPUTS.includes(output))
      .map((output) => finding(`${output} is an output that nobody is known to need`)),
    ...identityFindings(deployment),
  ]
}

/** The settings that name an identity; without one in it the last means the system's, which there is not. */
const IDENTITY_SETTINGS: readonly (readonly [name: string, pattern: RegExp])[] = [
  ['AZURE_CLIENT_ID', /^\[reference\(.*\)\.clientId\]$/],
  ['AzureWebJobsStorage__clientId', /^\[reference\(.*\)\.clientId\]$/],
  [
    'APPLICATIONINSIGHTS_AUTHENTICATION_STRING',
    /^\[format\('ClientId=\{0\};Authorization=AAD', reference\(.*\)\.clientId\)\]$/,
  ],
]

/** Where an identity is named in a setting it must be by its client id; a resource id or a principal id opens nothing. */
function identityFindings(deployment: Deployment): readonly Finding[] {
  return ofType(deployment, 'Web/sites/config').flatMap((settings) =>
    IDENTITY_SETTINGS.filter(
      ([name, pattern]) => !pattern.test(textAt(settings, `properties.${name}`)),
    ).map(([name]) => ({
      rule: 'settings',
      where: deployment.name,
      says: `${name} must be the client id of the identity`,
    })),
  )
}
