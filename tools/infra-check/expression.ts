/** What the end of a host is in this cloud: only Azure knows, so it stays as it is. */
export const SUFFIX = 'environment().suffixes.storage'

/** `[format('https://{0}.blob.{1}', 'account', environment().suffixes.storage)]` as it will be. */
export function evaluated(expression: string): string {
  const [, pattern, values] = /^\[format\('([^']*)', (.*)\)\]$/.exec(expression) ?? []
  if (pattern === undefined || values === undefined) return expression
  const texts = values.split(', ').map((value) => value.replace(/^'(.*)'$/, '$1'))
  return pattern.replaceAll(/\{(\d+)\}/g, (_, index: string) => texts[Number(index)] ?? '')
}

/** What public Azure puts in. */
const PUBLIC_AZURE: Readonly<Record<string, string>> = {
  'environment().suffixes.storage': "'core.windows.net'",
  'environment().suffixes.keyvaultDns': "'.vault.azure.net'",
}

/** The value in public Azure. */
export function inPublicAzure(expression: string): string {
  const filled = Object.entries(PUBLIC_AZURE).reduce(
    (text, [name, value]) => text.replaceAll(name, value),
    expression,
  )
  return evaluated(
    filled.replaceAll(
      /replace\('([^']*)', '([^']*)', '([^']*)'\)/g,
      (_, text: string, find: string, by: string) => `'${text.replaceAll(find, by)}'`,
    ),
  )
}
