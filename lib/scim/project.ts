import type { Attribute } from './attribute.ts'
import {
  referencePath,
  resolveInTypes,
  resolvePath,
  schemaNamed,
  type PathTarget,
} from './attribute-path.ts'
import { containersOf, type Container } from './container.ts'
import { ScimError } from './errors.ts'
import { isArray, isObject, type JsonObject, type JsonValue } from './json.ts'
import type { ResourceType } from './resource-type.ts'

/** What happens to an attribute: `supplied` keeps it only in the answer to a write that supplied it. */
interface Rule {
  readonly path: string
  readonly keep: 'yes' | 'supplied'
  /** By the name of a sub-attribute; undefined when the value is kept as it is. */
  readonly subRules: ReadonlyMap<string, Rule> | undefined
}

type Rules = ReadonlyMap<string, Rule>

/** Which attributes an answer has, compiled for one request (RFC 7644 §3.9). */
export interface Projection {
  readonly resourceType: ResourceType
  /** By attribute name; an attribute without a rule is left out. */
  readonly own: Rules
  /** By URN, then by attribute name. */
  readonly extensions: ReadonlyMap<string, Rules>
}

/** The two parameters of RFC 7644 §3.9, already split at their commas. */
interface ProjectionParameters {
  readonly attributes?: readonly string[] | undefined
  readonly excludedAttributes?: readonly string[] | undefined
}

/** The names in one of the parameters, as canonical paths; a whole extension is its URN. */
interface Selection {
  readonly mode: 'default' | 'attributes' | 'excludedAttributes'
  readonly names: ReadonlySet<string>
}

/**
 * Compiles the parameters `attributes` and `excludedAttributes` (RFC 7644 §3.9). Names are matched as in every path;
 * unknown ones are ignored. A parameter without any name counts as absent.
 *
 * @throws ScimError `invalidValue` when both are given: they exclude each other.
 */
export function parseProjection(
  resourceType: ResourceType,
  parameters: ProjectionParameters,
): Projection {
  const selection = select(resourceType, parameters)
  const own = new Map<string, Rule>()
  const extensions = new Map<string, Rules>()
  for (const container of containersOf(resourceType)) {
    const rules = container.extension === undefined ? own : new Map<string, Rule>()
    for (const attribute of container.attributes) {
      const rule = ruleOf(container, attribute, selection)
      if (rule !== undefined) rules.set(attribute.name, rule)
    }
    if (container.extension !== undefined) extensions.set(container.extension.id, rules)
  }
  return { resourceType, own, extensions }
}

function select(resourceType: ResourceType, parameters: ProjectionParameters): Selection {
  const included = namesIn(parameters.attributes)
  const excluded = namesIn(parameters.excludedAttributes)
  if (included.length > 0 && excluded.length > 0) {
    throw new ScimError(
      'invalidValue',
      'attributes and excludedAttributes exclude each other: send one of them.',
    )
  }
  const mode = included.length > 0 ? 'attributes' : 'excludedAttributes'
  if (included.length + excluded.length === 0) return { mode: 'default', names: new Set() }
  const targets = [...included, ...excluded].map((name) => resolvePath(resourceType, name))
  return { mode, names: new Set(targets.filter((target) => target !== undefined).map(targetPath)) }
}

/** The names in the parameters that none of some resource types has an attribute for: they are ignored. */
export function unknownSelections(
  resourceTypes: readonly ResourceType[],
  { attributes, excludedAttributes }: ProjectionParameters,
): readonly string[] {
  const names = [...namesIn(attributes), ...namesIn(excludedAttributes)]
  return names.filter(
    (name) =>
      resolveInTypes(resourceTypes, name) === undefined &&
      resourceTypes.every((resourceType) => schemaNamed(resourceType, name) === undefined),
  )
}

function namesIn(parameter: readonly string[] = []): readonly string[] {
  return parameter.map((name) => name.trim()).filter((name) => name !== '')
}

function targetPath(target: PathTarget): string {
  return target.kind === 'extension' ? target.extension.id : referencePath(target)
}

function ruleOf(
  { extension }: Container,
  attribute: Attribute,
  selection: Selection,
): Rule | undefined {
  const { mode, names } = selection
  const path = referencePath({ extension, attribute })
  const isExtensionNamed = extension !== undefined && names.has(extension.id)
  const keep = decide(attribute, mode, names.has(path), isExtensionNamed)
  const isForSub = keep === undefined && isAnySubNamed(attribute, path, selection)
  if (keep === undefined && !isForSub) return undefined
  const subRules = subRulesOf(attribute, path, selection, mode === 'attributes' && !isForSub)
  if (subRules?.size === 0) return undefined
  return { path, keep: keep ?? 'yes', subRules }
}

function isAnySubNamed(
  { returned, subAttributes }: Attribute,
  path: string,
  { mode, names }: Selection,
): boolean {
  if (mode !== 'attributes' || returned === 'never') return false
  return subAttributes.some((sub) => sub.returned !== 'never' && names.has(`${path}.${sub.name}`))
}

/**
 * RFC 7643 §7 `returned` and RFC 7644 §3.9.
 * @param isNamed the parameter names the attribute.
 * @param isCovered it names the extension or the attribute that this one belongs to.
 */
function decide(
  { returned }: Attribute,
  mode: Selection['mode'],
  isNamed: boolean,
  isCovered: boolean,
): Rule['keep'] | undefined {
  if (returned === 'never') return undefined
  if (returned === 'always') return 'yes'
  if (mode === 'attributes') {
    // Naming an attribute asks for its default sub-attributes; one returned on request must be named itself.
    return isNamed || (isCovered && returned === 'default') ? 'yes' : undefined
  }
  if (isNamed || isCovered) return undefined
  return returned === 'default' ? 'yes' : 'supplied'
}

/** The rules of the sub-attributes; undefined where all of them are kept. */
function subRulesOf(
  attribute: Attribute,
  path: string,
  { mode, names }: Selection,
  isCovered: boolean,
): Rules | undefined {
  const rules = new Map<string, Rule>()
  let isWhole = true
  for (const sub of attribute.subAttributes) {
    const subPath = `${path}.${sub.name}`
    const keep = decide(sub, mode, names.has(subPath), isCovered)
    if (keep !== 'yes') isWhole = false
    if (keep !== undefined) rules.set(sub.name, { path: subPath, keep, subRules: undefined })
  }
  return isWhole ? undefined : rules
}

/**
 * Whether the projection may return the attribute, so that what is kept elsewhere is read only if it is needed.
 * @param attributePath canonical path of an attribute, such as `members`.
 */
export function wants(projection: Projection, attributePath: string): boolean {
  const target = resolvePath(projection.resourceType, attributePath)
  if (target?.kind !== 'attribute') return false
  const { extension, attribute, subAttribute } = target
  const rules = extension === undefined ? projection.own : projection.extensions.get(extension.id)
  const rule = rules?.get(attribute.name)
  if (rule === undefined) return false
  return (
    subAttribute === undefined ||
    rule.subRules === undefined ||
    rule.subRules.has(subAttribute.name)
  )
}

/**
 * Whether the projection names a sub-attribute that is returned on request only.
 * @param path canonical, such as `…:User:manager.displayName`.
 */
export function asksFor({ resourceType, own, extensions }: Projection, path: string): boolean {
  const target = resolvePath(resourceType, path)
  if (target?.kind !== 'attribute') return false
  const { extension, attribute, subAttribute } = target
  const rules = extension === undefined ? own : extensions.get(extension.id)
  const subRules = rules?.get(attribute.name)?.subRules
  return subAttribute !== undefined && subRules?.get(subAttribute.name)?.keep === 'yes'
}

/**
 * What is answered of a representation. `schemas` stays as it is: it says what the resource has, not what is
 * shown of it. Objects and arrays with nothing left in them are left out.
 *
 * @param supplied canonical paths of what the client supplied in the write that is being answered: such attributes
 *   come back although they are returned on request only (RFC 7643 §7), unless the parameters say otherwise.
 */
export function project(
  projection: Projection,
  representation: JsonObject,
  supplied: ReadonlySet<string> = NOTHING,
): JsonObject {
  const projected: Record<string, JsonValue> = {}
  for (const [name, value] of Object.entries(representation)) {
    const rules = projection.extensions.get(name)
    const kept =
      rules !== undefined && isObject(value)
        ? applyRules(rules, value, supplied)
        : applyRule(projection.own.get(name), value, supplied)
    if (kept !== undefined) projected[name] = kept
  }
  return projected
}

const NOTHING: ReadonlySet<string> = new Set()

function applyRules(
  rules: Rules,
  values: JsonObject,
  supplied: ReadonlySet<string>,
): JsonObject | undefined {
  const kept: Record<string, JsonValue> = {}
  let isEmpty = true
  for (const [name, value] of Object.entries(values)) {
    const shown = applyRule(rules.get(name), value, supplied)
    if (shown === undefined) continue
    kept[name] = shown
    isEmpty = false
  }
  return isEmpty ? undefined : kept
}

function applyRule(
  rule: Rule | undefined,
  value: JsonValue,
  supplied: ReadonlySet<string>,
): JsonValue | undefined {
  if (rule === undefined) return undefined
  if (rule.keep === 'supplied' && !isSupplied(rule.path, supplied)) return undefined
  const { subRules } = rule
  if (subRules === undefined) return value
  if (isObject(value)) return applyRules(subRules, value, supplied)
  if (!isArray(value)) return value
  const elements = value
    .map((element) => (isObject(element) ? applyRules(subRules, element, supplied) : element))
    .filter((element) => element !== undefined)
  return elements.length === 0 ? undefined : elements
}

/** A path is supplied by itself, by the attribute it is a sub-attribute of, or by one of its sub-attributes. */
function isSupplied(path: string, supplied: ReadonlySet<string>): boolean {
  for (const given of supplied) {
    if (given === path || given.startsWith(`${path}.`) || path.startsWith(`${given}.`)) return true
  }
  return false
}
