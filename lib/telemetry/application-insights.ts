// The second file of dist/: it is large, and loaded after the first answer (telemetry.ts).
import { ManagedIdentityCredential } from '@azure/identity'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { TelemetryClient } from 'applicationinsights'
import { isLoopback } from '../loopback.ts'
import type { TelemetrySettings } from './settings.ts'
import type { SendMetrics } from './telemetry.ts'

type ClientOptions = TelemetryClient['config']['azureMonitorOpenTelemetryOptions']
type ExporterOptions = NonNullable<ClientOptions['azureMonitorExporterOptions']>
type Policy = NonNullable<ExporterOptions['additionalPolicies']>[number]

const TRY_TIMEOUT_MILLISECONDS = 5_000

/** What there is of a minute is lost rather than kept: on no disk, and for no later. */
const RETRIES = { maxRetries: 1, retryDelayInMs: 500, maxRetryDelayInMs: 1_000 }

/**
 * Sends sums to Application Insights as metrics, and nothing else: the host sends requests, traces and failures already. So
 * the client has providers of its own, which nothing but `trackMetric` writes to, and watches nothing.
 */
export function createSender(settings: TelemetrySettings): SendMetrics {
  // Numbers of the SDK about itself, which it would send elsewhere.
  // oxlint-disable-next-line node/no-process-env -- it is told in no other way
  process.env['APPLICATION_INSIGHTS_NO_STATSBEAT'] = 'true'
  const client = new TelemetryClient(undefined, { useGlobalProviders: false })
  client.config.azureMonitorOpenTelemetryOptions = optionsFor(settings)
  return async (sums) => {
    for (const { metric, kind, sum } of sums) {
      client.trackMetric({ name: metric, value: sum, properties: { kind } })
    }
    await client.flush()
  }
}

function optionsFor({
  connectionString,
  identity,
  app = 'scim-endpoint',
  instance = 'local',
}: TelemetrySettings): ClientOptions {
  return {
    resource: resourceFromAttributes({ 'service.name': app, 'service.instance.id': instance }),
    azureMonitorExporterOptions: {
      connectionString,
      disableOfflineStorage: true,
      retryOptions: RETRIES,
      additionalPolicies: [ingestion(connectionString)],
      ...(identity === undefined ? {} : { credential: new ManagedIdentityCredential(identity) }),
    },
  }
}

/** Gives up on a try that is not answered, and sends in plain text to this machine alone: the SDK makes https of all. */
function ingestion(connectionString: string): Policy {
  const [, endpoint = ''] = /(?:^|;)\s*IngestionEndpoint=([^;]*)/i.exec(connectionString) ?? []
  const isPlain = /^\s*http:/i.test(endpoint) && isLoopback(endpoint.trim())
  return {
    position: 'perRetry',
    policy: {
      name: 'ingestion',
      sendRequest(request, next) {
        request.timeout = TRY_TIMEOUT_MILLISECONDS
        if (isPlain) {
          request.url = request.url.replace(/^https:/, 'http:')
          request.allowInsecureConnection = true
        }
        return next(request)
      },
    },
  }
}
