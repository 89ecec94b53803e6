/** Whether the app runs on Azure, which sets these for every function app. */
export function isOnAzure(environment: Readonly<Record<string, string | undefined>>): boolean {
  return ['WEBSITE_INSTANCE_ID', 'WEBSITE_SITE_NAME'].some(
    (name) => (environment[name] ?? '') !== '',
  )
}
