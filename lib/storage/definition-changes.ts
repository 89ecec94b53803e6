import { definitionOf, type AttributeDefinition } from '../scim/attribute-definition.ts'
import { changedIndex, declaredIndex, isSameIndex, removedIndex } from './index-state.ts'
import { checkVersion, newVersion } from './tenant-changes.ts'
import { toldOfDefinition, type JournalSource, type Told } from './tenant-journal.ts'
import type {
  ChangedBy,
  Declarations,
  DeclaredAttribute,
  Removal,
  TenantStore,
} from './tenant-port.ts'

/** One change of what a tenant has declared. */
export interface DefinitionEdit {
  readonly id: string
  /** As it is afterwards; undefined: it is forgotten. */
  readonly after: DeclaredAttribute | undefined
  /** For the journal; undefined: nothing changes, and nothing is written, unless it is a note. */
  readonly told: Told | undefined
  /** Written without a row in the journal. */
  readonly isNote?: true
}

/** Where definitions are kept. */
export interface DefinitionRows {
  readonly read: (tenantId: string) => Promise<Declarations | undefined>
  /**
   * Makes a change in view of all that is declared at that moment; `decide` is asked again when that has changed.
   * @returns undefined when `decide` says so, there is no such tenant, or it is being deleted.
   */
  readonly edit: (
    tenantId: string,
    decide: (declared: Declarations) => DefinitionEdit | undefined,
    by?: ChangedBy,
  ) => Promise<DefinitionEdit | undefined>
}

/** What a store does with definitions, wherever they are kept. */
export function definitionStore(
  { read, edit }: DefinitionRows,
  { now = () => new Date() }: JournalSource = {},
): Pick<
  TenantStore,
  | 'definitions'
  | 'addDefinition'
  | 'changeDefinition'
  | 'removeDefinition'
  | 'noteIndex'
  | 'purgeDefinition'
> {
  return {
    definitions: read,
    async addDefinition(tenantId, make, by) {
      const decide = (declared: Declarations): DefinitionEdit => {
        const made = make(declared)
        const index = declaredIndex(definitionNamed(declared, made.id), made)
        const { created } = made
        const version = newVersion()
        return edited(undefined, { ...definitionOf(made), created, ...index, version })
      }
      return (await edit(tenantId, decide, by))?.after
    },
    async changeDefinition(tenantId, id, change, options) {
      const decide = (declared: Declarations): DefinitionEdit | undefined => {
        const before = definitionNamed(declared, id)
        if (before === undefined) return undefined
        checkVersion('attribute', before, options)
        return edited(before, changed(before, change(before, declared), now()))
      }
      return (await edit(tenantId, decide, options?.by))?.after
    },
    async removeDefinition(tenantId, id, removal, options) {
      const decide = (declared: Declarations): DefinitionEdit | undefined => {
        const before = definitionNamed(declared, id)
        if (before === undefined) return undefined
        checkVersion('attribute', before, options)
        return edited(before, removed(before, removal))
      }
      return (await edit(tenantId, decide, options?.by))?.after
    },
    async noteIndex(tenantId, { id, version, index: was }, index) {
      const decide = (declared: Declarations): DefinitionEdit | undefined => {
        const before = definitionNamed(declared, id)
        if (before?.version !== version || !isSameIndex(before.index, was)) return undefined
        return { id, after: { ...before, index }, told: undefined, isNote: true }
      }
      return (await edit(tenantId, decide)) !== undefined
    },
    async purgeDefinition(tenantId, { id, version }, by) {
      const decide = (declared: Declarations): DefinitionEdit | undefined => {
        const before = definitionNamed(declared, id)
        if (before?.purging !== true || before.version !== version) return undefined
        return edited(before, undefined)
      }
      return (await edit(tenantId, decide, by)) !== undefined
    },
  }
}

/** Ids are equal in any case. */
function definitionNamed({ definitions }: Declarations, id: string): DeclaredAttribute | undefined {
  const folded = id.toLowerCase()
  return definitions.find((each) => each.id.toLowerCase() === folded)
}

function edited(
  before: DeclaredAttribute | undefined,
  after: DeclaredAttribute | undefined,
): DefinitionEdit {
  const id = (after ?? before)?.id ?? ''
  return { id, after, told: before === after ? undefined : toldOfDefinition(before, after) }
}

/** What is kept of one beside what it says. */
function changed(
  before: DeclaredAttribute,
  wanted: AttributeDefinition,
  now: Date,
): DeclaredAttribute {
  const { created, removed: at, purging, version } = before
  const kept = {
    created,
    ...(at === undefined ? {} : { removed: at }),
    ...(purging === undefined ? {} : { purging }),
  }
  const after = {
    ...definitionOf(wanted),
    ...kept,
    ...changedIndex(before, wanted, now),
    version,
  }
  return isSame(before, after) ? before : { ...after, version: newVersion() }
}

function removed(before: DeclaredAttribute, { at, purge }: Removal): DeclaredAttribute {
  const after: DeclaredAttribute = {
    ...before,
    ...(before.removed === undefined ? removedIndex(before, at) : {}),
    removed: before.removed ?? at,
    ...(purge ? { purging: true } : {}),
  }
  return isSame(before, after) ? before : { ...after, version: newVersion() }
}

function isSame(one: DeclaredAttribute, other: DeclaredAttribute): boolean {
  return textOf(one) === textOf(other)
}

function textOf(definition: DeclaredAttribute): string {
  const { removed: at, purging } = definition
  return JSON.stringify([definitionOf(definition), at, purging])
}

/** Those that are attributes, and those that were; absent: there are none. */
export function splitDefinitions(definitions: readonly DeclaredAttribute[]): {
  readonly definitions?: readonly DeclaredAttribute[]
  readonly removed?: readonly DeclaredAttribute[]
} {
  const live = definitions.filter((each) => each.removed === undefined)
  const gone = definitions.filter((each) => each.removed !== undefined)
  return {
    ...(live.length === 0 ? {} : { definitions: live }),
    ...(gone.length === 0 ? {} : { removed: gone }),
  }
}
