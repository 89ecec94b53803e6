import * as z from 'zod'
import { isArray, own, type JsonValue } from '../../lib/scim/json.ts'

/** What a parameter file deploys, as the compiler predicts it: what only Azure can know stays an expression. */
export interface Deployment {
  /** `dev`, `test` or `prod`; another name of a parameter file that is no environment. */
  readonly name: string
  readonly resources: readonly Resource[]
  readonly outputs: Readonly<Record<string, JsonValue>>
}

/** A predicted resource, with all that the template says of it. */
export interface Resource {
  readonly id: string
  readonly type: string
  readonly name: string
  readonly text: JsonValue
}

/** What is wrong with an infrastructure. */
export interface Finding {
  readonly rule: string
  /** The file, or the environment and the resource. */
  readonly where: string
  readonly says: string
}

const JSON_VALUE = z.json()
const RESOURCE = z
  .looseObject({ id: z.string(), type: z.string(), name: z.string() })
  .transform((resource): Resource => {
    const { id, type, name } = resource
    return { id, type, name, text: JSON_VALUE.parse(resource) }
  })
const SNAPSHOT = z.object({
  predictedResources: z.array(RESOURCE),
  outputs: z.record(z.string(), JSON_VALUE).default({}),
})

/** A value of its text. */
export function parseJson(text: string): JsonValue {
  return JSON_VALUE.parse(JSON.parse(text))
}

/** Reads a snapshot. */
export function readDeployment(name: string, snapshot: string): Deployment {
  const { predictedResources, outputs } = SNAPSHOT.parse(JSON.parse(snapshot))
  return { name, resources: predictedResources, outputs }
}

/** The resources of a type, without `Microsoft.` before it. */
export function ofType({ resources }: Deployment, type: string): readonly Resource[] {
  return resources.filter((resource) => resource.type === `Microsoft.${type}`)
}

/** The one resource of a type whose name ends so; undefined where there is none. */
export function named(deployment: Deployment, type: string, end: string): Resource | undefined {
  return ofType(deployment, type).find(({ name }) => name.endsWith(end))
}

/** What stands at a path, `properties.siteConfig.minTlsVersion`; a number is an element of a list. */
export function at({ text }: Resource, path: string): JsonValue | undefined {
  return path
    .split('.')
    .reduce<JsonValue | undefined>(
      (value, name) => (isArray(value) ? value[Number(name)] : own(value, name)),
      text,
    )
}

/** The text that stands at a path; empty where there is another value, or none. */
export function textAt(resource: Resource, path: string): string {
  const value = at(resource, path)
  return typeof value === 'string' ? value : ''
}

/** All texts in a value, of members and of elements. */
export function textsIn(value: JsonValue): readonly string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null) return []
  return Object.values(value).flatMap((each: JsonValue) => textsIn(each))
}

/** A resource for people: its type and name. */
export function placeOf(deployment: Deployment, { type, name }: Resource): string {
  return `${deployment.name}: ${type.replace('Microsoft.', '')} ${name}`
}
