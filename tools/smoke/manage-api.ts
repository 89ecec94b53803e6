import * as z from 'zod'
import type { JsonObject } from '../../lib/scim/json.ts'
import { StartError } from '../local-host/lifetime.ts'
import { type Answer, ask, type Deployment } from './deployment.ts'

const PROBLEM = z.object({ detail: z.string() })

/** What was asked for was refused: it has not happened. */
export class Refusal extends StartError {}

/** The manage API of a deployment, and a key for it. */
export interface ManageApi {
  readonly deployment: Deployment
  readonly key: string
  /** Who does it, as the activity of a tenant tells. */
  readonly actor: string
}

export interface ManageRequest {
  readonly method: string
  /** Below `/api/manage/`. */
  readonly path: string
  readonly body?: JsonObject
  readonly expected: readonly number[]
}

/** @throws Refusal for another status than those expected, StartError where nobody knows what has happened */
export async function manage(
  { deployment, key, actor }: ManageApi,
  { method, path, body, expected }: ManageRequest,
  signal: AbortSignal,
): Promise<Answer> {
  const url = `${deployment.manage}/${path}`
  const answer = await ask(
    url,
    {
      method,
      headers: {
        'x-functions-key': key,
        'x-actor': actor,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    },
    signal,
  )
  if (expected.includes(answer.status)) return answer
  const text = `${method} ${url}: expected ${expected[0]}, got ${whatCame(answer)}`
  throw answer.status < 500 ? new Refusal(text) : new StartError(text)
}

function whatCame({ status, json }: Answer): string {
  const problem = PROBLEM.safeParse(json)
  if (problem.success) return `${status}: ${problem.data.detail}`
  return status === 401 ? '401: the deployment does not know this function key' : String(status)
}
