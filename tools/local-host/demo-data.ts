import { scimClient } from '../demo-data/client.ts'
import { describeDemoData, makeDemoData } from '../demo-data/make.ts'
import type { Host } from './host.ts'
import { StartError } from './lifetime.ts'

/**
 * Puts the demo data into the tenant of the token, and tells what was made. What keeps it from that is told, too, and
 * ends nothing: a demo tenant that is disabled can be enabled only while the host runs.
 */
export async function addDemoData(host: Host, secretToken: string): Promise<void> {
  try {
    console.log(describeDemoData(await makeDemoData(scimClient(host, secretToken))))
  } catch (error) {
    if (!(error instanceof StartError)) throw error
    console.error(error.message)
  }
}
