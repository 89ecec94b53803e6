const CONNECTION_STRING = 'APPLICATIONINSIGHTS_CONNECTION_STRING'
const AUTHENTICATION_STRING = 'APPLICATIONINSIGHTS_AUTHENTICATION_STRING'

/** Those that the app reads of the host's; Azure says by others what it calls the app and its instance. */
export const TELEMETRY_SETTING_NAMES: readonly string[] = [CONNECTION_STRING, AUTHENTICATION_STRING]

/** Where metrics go, by the settings that the Functions host takes too. */
export interface TelemetrySettings {
  readonly connectionString: string
  /** How the app authenticates: by its managed identity where ingestion takes Entra ID only; absent: by the connection string. */
  readonly identity?: { readonly clientId?: string }
  /** What Azure calls the app and its instance: as the host sends them with its own telemetry. */
  readonly app?: string
  readonly instance?: string
}

/** undefined: there is no Application Insights, and nothing is sent. */
export function telemetrySettings(
  environment: Readonly<Record<string, string | undefined>>,
): TelemetrySettings | undefined {
  const read = (name: string): string => environment[name]?.trim() ?? ''
  const connectionString = read(CONNECTION_STRING)
  if (connectionString === '') return undefined
  const identity = identityIn(read(AUTHENTICATION_STRING))
  const [app, instance] = [read('WEBSITE_SITE_NAME'), read('WEBSITE_INSTANCE_ID')]
  return {
    connectionString,
    ...(identity === undefined ? {} : { identity }),
    ...(app === '' ? {} : { app }),
    ...(instance === '' ? {} : { instance }),
  }
}

/** `Authorization=AAD`, with `ClientId=…` for an identity that is assigned by a user. */
function identityIn(text: string): TelemetrySettings['identity'] {
  const parts = new Map(
    text.split(';').map((part) => {
      const [name = '', value = ''] = part.split('=', 2).map((each) => each.trim())
      return [name.toLowerCase(), value]
    }),
  )
  if (parts.get('authorization')?.toUpperCase() !== 'AAD') return undefined
  const clientId = parts.get('clientid') ?? ''
  return clientId === '' ? {} : { clientId }
}
