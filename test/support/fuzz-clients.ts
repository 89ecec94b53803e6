import { isObject, type JsonValue } from '../../lib/scim/json.ts'
import { loadVectors, type Vector, type VectorRequest } from '../conformance/vector.ts'

/** What a client's request is: where it goes, and its body or its filter with the fuzzer's placeholders. */
interface ClientRequest {
  /** `POST Users`, `PATCH Groups`, `POST .search`: the method, and the last part of the path that is no id. */
  readonly kind: string
  readonly body: JsonValue | undefined
  readonly filter: string | undefined
}

/** Every request of a real client that the vectors tell. */
const REQUESTS: readonly ClientRequest[] = loadVectors()
  .filter(({ client }) => client !== undefined)
  .flatMap(requestsOf)
  .map(clientRequest)

function requestsOf({ setup, request, parallel, verify, next }: Vector): readonly VectorRequest[] {
  return [...setup, request, ...parallel, ...verify, ...next]
}

function clientRequest({ method, path, body }: VectorRequest): ClientRequest {
  const [target = '', query] = path.split('?')
  const words = target.split('/').filter((word) => /^\.?[A-Za-z]+$/.test(word))
  const filter = new URLSearchParams(query).get('filter') ?? undefined
  return {
    kind: `${method} ${words.at(-1) ?? ''}`,
    body: body === undefined ? undefined : withPlaceholders(body),
    filter: filter === undefined ? undefined : placeholders(filter),
  }
}

function withPlaceholders(body: JsonValue): JsonValue {
  const parsed: unknown = JSON.parse(placeholders(JSON.stringify({ body })))
  return isObject(parsed) ? (parsed['body'] ?? null) : null
}

/** A name that a vector binds stands for a user or a group of the run. */
function placeholders(text: string): string {
  return text.replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) =>
    name.startsWith('group') ? '~g0~' : name.startsWith('user') ? '~u0~' : name,
  )
}

/** The bodies that clients send with a method to an endpoint, such as `PATCH Users`. */
export function clientBodies(...kinds: readonly string[]): readonly JsonValue[] {
  return REQUESTS.filter(({ kind }) => kinds.includes(kind)).flatMap(({ body }) =>
    body === undefined ? [] : [body],
  )
}

/** The filters that clients send. */
export const CLIENT_FILTERS: readonly string[] = REQUESTS.flatMap(({ filter }) =>
  filter === undefined ? [] : [filter],
)
