import { randomBytes } from 'node:crypto'
import { readOptions, runTool } from './command-line.ts'
import type { SendScim } from './demo-data/client.ts'
import { Application } from './story-people/application.ts'
import { placeOf } from './story-people/place.ts'
import { playStory } from './story-people/story.ts'
import { ask } from './smoke/deployment.ts'
import type { ManageApi } from './smoke/manage-api.ts'
import { stoppedBySignal } from './smoke/stopped-by-signal.ts'
import { deleteTenant } from './smoke/tenant.ts'

const USAGE = `npm run story:people -- [options]

Plays what customers do to their people, as Entra ID sends it, in a tenant of its own that it deletes at the end: 12 people
in 4 groups, a rename, a move, a leaver, a removed manager, a returner, a changed e-mail, a team made by hand that is
adopted. It shows the people that the application has before and after, and ends with 1 at the first thing that is not as
it should be.

  --url URL              the Tenant URL; else that of the npm start that runs
  --manage-key-env NAME  the variable that has a function key of the endpoint at --url: MANAGE_KEY
  --data DIR             the data directory of the npm start, where it has one of its own
  --keep                 leaves the tenant
  --help                 this text`

const OPTIONS = {
  url: { type: 'string' },
  'manage-key-env': { type: 'string', default: 'MANAGE_KEY' },
  data: { type: 'string' },
  keep: { type: 'boolean', default: false },
} as const

await runTool(USAGE, async (args) => {
  const { url, data, keep, 'manage-key-env': variable } = readOptions(OPTIONS, args)
  const place = await placeOf({ url, data, variable }, process.env)
  await play({ ...place, actor: 'people story' }, keep, stoppedBySignal())
})

async function play(api: ManageApi, keep: boolean, signal: AbortSignal): Promise<void> {
  const application = new Application(api, `story-${randomBytes(6).toString('hex')}`, signal)
  const end = async ({ id }: Application): Promise<void> => {
    if (keep) say(`Tenant ${id} is left`)
    else await deleteTenant(api, id)
  }
  await application.create()
  try {
    const { secretToken, peopleUrn } = await application.open()
    const scim = scimOf(api.deployment.tenantUrl, secretToken, signal)
    await playStory({ application, scim, peopleUrn, say })
  } catch (error) {
    await end(application).catch((left: unknown) => sayLeft(application, left))
    throw error
  }
  await end(application)
}

function sayLeft({ id }: Application, error: unknown): void {
  const reason = error instanceof Error ? error.message : String(error)
  say(`Tenant ${id} is left, delete it by hand: ${reason}`)
}

/** Entra ID marks what it sends by a header of its own. */
function scimOf(tenantUrl: string, secretToken: string, signal: AbortSignal): SendScim {
  return async (method, path, body) => {
    const headers = {
      authorization: `Bearer ${secretToken}`,
      adscimversion: '6.0',
      ...(body === undefined ? {} : { 'content-type': 'application/scim+json; charset=utf-8' }),
    }
    const init = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) }
    return ask(`${tenantUrl}${path}`, init, signal)
  }
}

function say(text: string): void {
  console.log(text)
}
