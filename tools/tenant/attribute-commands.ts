import {
  changeAttribute,
  declareAttribute,
  declaredAttributes,
  removeAttribute,
  requireAttribute,
  type DeclaringParts,
} from '../../lib/people/declare.ts'
import { toldAttribute, type ToldAttribute } from '../../lib/people/told-attribute.ts'
import {
  DEFINABLE_TYPES,
  peopleSchemaOf,
  type AttributeDefinition,
} from '../../lib/scim/attribute-definition.ts'
import { ScimError } from '../../lib/scim/errors.ts'
import type { DeclaredAttribute } from '../../lib/storage/tenant-port.ts'
import { CREDENTIAL_CACHE_SECONDS } from '../../lib/tenants/tenants.ts'
import { UsageError } from '../command-line.ts'
import type { OptionValues } from './command-line.ts'
import type { Command, Workplace } from './commands.ts'
import { columns, minute, type Outcome } from './text.ts'

const SOON = `everywhere within ${String(CREDENTIAL_CACHE_SECONDS)} s`

/** Declares an attribute. @throws UsageError, ScimError */
export const addAttribute: Command = async (workplace, [id = '', attributeId = ''], options) => {
  const given = { id: attributeId, ...fixedIn(options), ...changeIn(options) }
  const declared = await declareAttribute(partsOf(workplace), id, given, workplace.now())
  return outcomeOf(
    workplace,
    declared,
    `attribute ${declared.id} of tenant ${id} is there, ${SOON}`,
  )
}

/** All that the tenant has declared. @throws ScimError */
export const listAttributes: Command = async (workplace, [id = '']) => {
  const all = await declaredAttributes(workplace.store, id)
  const attributes = all.map((each) => told(workplace, each))
  return { text: attributeTable(attributes), json: { attributes } }
}

/** One of them. @throws ScimError */
export const showAttribute: Command = async (workplace, [id = '', attributeId = '']) =>
  outcomeOf(workplace, await requireAttribute(workplace.store, id, attributeId))

/** Changes what may be changed. @throws UsageError, ScimError */
export const changeOfAttribute: Command = async (
  workplace,
  [id = '', attributeId = ''],
  options,
) => {
  const change = changeIn(options)
  if (Object.keys(change).length === 0) {
    const names = ['label', 'description', 'allowed-values', 'unique', 'indexed']
    throw new UsageError(`attribute change needs one of --${names.join(', --')}`)
  }
  const changed = await changeAttribute(partsOf(workplace), id, attributeId, change)
  return outcomeOf(
    workplace,
    changed,
    `attribute ${changed.id} of tenant ${id} is changed, ${SOON}`,
  )
}

/** Removes one; its values are hidden, or purged. @throws UsageError, ScimError */
export const removeOfAttribute: Command = async (
  workplace,
  [id = '', attributeId = ''],
  options,
) => {
  const { purge = false } = options
  const { store, now } = workplace
  const found = await requireAttribute(store, id, attributeId)
  if (purge && options.yes !== true) await confirmPurge(workplace, found)
  const removed = await removeAttribute(store, id, attributeId, { purge, now: now() })
  const after = purge
    ? 'the maintenance takes out what users have of it'
    : 'what users have of it is hidden, and comes back when it is declared as it was'
  const text = `attribute ${removed.id} of tenant ${id} is removed, ${SOON}; ${after}`
  return outcomeOf(workplace, removed, text)
}

/** The tenant's own attributes that can be mapped. @throws ScimError */
export async function mappableAttributes(
  workplace: Workplace,
  tenantId: string,
): Promise<readonly ToldAttribute[]> {
  const all = await declaredAttributes(workplace.store, tenantId)
  return all.map((each) => told(workplace, each)).filter(({ state }) => state === 'active')
}

/** The URN of the people extension, as the app has it. */
export function peopleUrnOf({ usersType }: Pick<Workplace, 'usersType'>): string {
  return peopleSchemaOf(usersType)?.id ?? ''
}

function partsOf({ store, usersType }: Workplace): DeclaringParts {
  return { store, resourceType: usersType }
}

function told(workplace: Workplace, definition: DeclaredAttribute): ToldAttribute {
  return toldAttribute(definition, peopleUrnOf(workplace))
}

function outcomeOf(workplace: Workplace, definition: DeclaredAttribute, done?: string): Outcome {
  const attribute = told(workplace, definition)
  const { target, olderTarget, alsoTaken, restriction } = attribute.targets
  const text = [
    ...(done === undefined ? [] : [done, '']),
    attributeTable([attribute]),
    '',
    `Target        ${target}`,
    `Older form    ${olderTarget}`,
    ...alsoTaken.map((name) => `Also taken    ${name}`),
    ...(attribute.allowedValues.length === 0
      ? []
      : [`Allowed       ${JSON.stringify(attribute.allowedValues)}`]),
    ...(attribute.index === undefined ? [] : indexLines(attribute.index)),
    ...(restriction === undefined ? [] : [restriction]),
  ]
  return { text: text.join('\n'), json: { attribute } }
}

function indexLines({
  complete,
  clashes,
}: Exclude<ToldAttribute['index'], undefined>): readonly string[] {
  if (complete) return ['Index         complete']
  if (clashes.length === 0) {
    return ['Index         not complete: the maintenance has not looked through all users yet']
  }
  return [
    'Index         not complete: users have the same value, or more values than can be indexed',
    ...clashes.map((ids) => `Users         ${ids.join(' and ')}`),
  ]
}

function attributeTable(attributes: readonly ToldAttribute[]): string {
  if (attributes.length === 0)
    return 'there is no attribute; attribute add <id> <name> declares one'
  const rows = attributes.map(({ id, label, type, multiValued, state, created, ...each }) => [
    id,
    label,
    multiValued ? `${type}, several` : type,
    [...(each.unique ? ['unique'] : []), ...(each.indexed ? ['indexed'] : [])].join(', '),
    state,
    minute(created),
  ])
  return columns([['ATTRIBUTE', 'LABEL', 'TYPE', 'IS', 'STATE', 'CREATED'], ...rows])
}

/** What never changes. */
function fixedIn(options: OptionValues): Partial<AttributeDefinition> {
  const { type, schema, 'multi-valued': several } = options
  const known = DEFINABLE_TYPES.find((each) => each === type)
  if (type !== undefined && known === undefined) {
    throw new UsageError(`--type must be one of ${DEFINABLE_TYPES.join(', ')}, not "${type}"`)
  }
  return {
    ...(known === undefined ? {} : { type: known }),
    ...(schema === undefined ? {} : { schema }),
    ...(several === undefined ? {} : { multiValued: several }),
  }
}

function changeIn(options: OptionValues): Partial<AttributeDefinition> {
  const { label, description, unique, indexed, 'allowed-values': allowed } = options
  return {
    ...(label === undefined ? {} : { label }),
    ...(description === undefined ? {} : { description }),
    ...(allowed === undefined ? {} : { allowedValues: textsIn(allowed) }),
    ...(unique === undefined ? {} : { unique: flagIn('unique', unique) }),
    ...(indexed === undefined ? {} : { indexed: flagIn('indexed', indexed) }),
  }
}

function textsIn(text: string): readonly string[] {
  try {
    const value: unknown = JSON.parse(text)
    if (Array.isArray(value) && value.every((each) => typeof each === 'string')) return value
  } catch {
    // Said below.
  }
  throw new UsageError('--allowed-values must be a JSON array of texts, such as \'["S", "M"]\'')
}

function flagIn(name: string, text: string): boolean {
  if (text === 'true' || text === 'false') return text === 'true'
  throw new UsageError(`--${name} must be true or false, not "${text}"`)
}

async function confirmPurge({ ask }: Workplace, { id }: DeclaredAttribute): Promise<void> {
  if (ask === undefined) {
    throw new UsageError('attribute remove --purge needs --yes when nobody can be asked')
  }
  const answer = await ask(`Type ${id} to remove it with all that users have of it: `)
  if (answer.trim() !== id) throw new ScimError('forbidden', 'nothing is removed')
}
