import type { LogEntry, Named } from '../../lib/activity/entry.ts'
import { printable } from './text.ts'

/** Members that a line names; of more it says how many. */
const MOST_NAMED = 3

/** Attributes that a line names. */
const MOST_ATTRIBUTES = 12

const PAST: Readonly<Record<string, string>> = {
  create: 'created',
  replace: 'replaced',
  change: 'changed',
  delete: 'deleted',
  restore: 'restored',
  issue: 'issued',
  revoke: 'revoked',
  rotate: 'rotated',
}

/** What these change is said with the word: only the others name attributes. */
const SAYING_ALL: ReadonlySet<string> = new Set(['create', 'restore', 'issue', 'revoke', 'rotate'])

const TIME = { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' } as const

const DAY = { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' } as const

/** The day of an entry where the reader is: `Friday, 27 November 2026`. */
export function dayOf({ at }: LogEntry): string {
  const parts = new Intl.DateTimeFormat('en-GB', DAY).formatToParts(new Date(at))
  const part = (type: string): string => parts.find((each) => each.type === type)?.value ?? ''
  return `${part('weekday')}, ${part('day')} ${part('month')} ${part('year')}`
}

function timeOf(at: string): string {
  return new Intl.DateTimeFormat('en-GB', TIME).format(new Date(at))
}

/** An entry as a line that can be read aloud. */
export function lineOf(entry: LogEntry): string {
  const said = entry.outcome === 'refused' ? refused(entry) : `${whoOf(entry)} ${done(entry)}`
  return printable(`${timeOf(entry.at)} ${said}`)
}

/** `refused: create user jane@acme.example – userName is taken (12 times since 14:02:11)`. */
function refused({ action, resource, detail = '', count = 1, first = '' }: LogEntry): string {
  const subject = resource?.name ?? resource?.id
  const times = count > 1 ? ` (${count.toLocaleString('en-US')} times since ${timeOf(first)})` : ''
  const what = subject === undefined ? action : `${action} ${subject}`
  return `refused: ${what} \u2013 ${detail}${times}`
}

/** `"Entra ID" (entra)`, `manage for ana`, `cli`. */
function whoOf({ by, client }: LogEntry): string {
  const { actor, credential = '', label, onBehalfOf } = by
  const behalf = onBehalfOf === undefined ? '' : ` for ${onBehalfOf}`
  const name = label === undefined ? `credential ${credential}` : `"${label}"`
  const who = actor === 'credential' ? name : `${actor}${behalf}`
  return client === undefined ? who : `${who} (${client})`
}

function done(entry: LogEntry): string {
  const { added = [], removed = [] } = entry
  const isOfMembers = added.length + removed.length > 0
  return `${isOfMembers ? moved(entry) : changed(entry)}${remarks(entry)}`
}

/** `added Ada Lovelace to Engineering`. */
function moved({ added = [], removed = [], resource }: LogEntry): string {
  const group = resource?.name ?? `group ${resource?.id ?? ''}`
  const parts = [
    ...(added.length === 0 ? [] : [`added ${named(added)} to ${group}`]),
    ...(removed.length === 0 ? [] : [`removed ${named(removed)} from ${group}`]),
  ]
  return parts.join(' and ')
}

function named(members: readonly Named[]): string {
  const names = members.slice(0, MOST_NAMED).map(({ id, name }) => name ?? id)
  const more = members.length - names.length
  const all = more === 0 ? names : [...names, `${more.toLocaleString('en-US')} more`]
  const last = all.at(-1) ?? ''
  return all.length < 2 ? last : `${all.slice(0, -1).join(', ')} and ${last}`
}

/** `changed user ada@acme.example: title, emails; cleared nickName`. */
function changed({ action, resource, flip, ...attributes }: LogEntry): string {
  const [verb = '', ...what] = action.split(' ')
  const past = flip ?? PAST[verb] ?? verb
  const subject = resource?.name ?? resource?.id ?? ''
  const parts = SAYING_ALL.has(verb) ? [] : attributesOf(attributes)
  return `${past} ${what.join(' ')} ${subject}${parts.length === 0 ? '' : `: ${parts.join('; ')}`}`
}

function attributesOf({
  changed: set = [],
  cleared = [],
}: Pick<LogEntry, 'changed' | 'cleared'>): readonly string[] {
  return [
    ...(set.length === 0 ? [] : [listed(set)]),
    ...(cleared.length === 0 ? [] : [`cleared ${listed(cleared)}`]),
  ]
}

function listed(paths: readonly string[]): string {
  const shown = paths
    .slice(0, MOST_ATTRIBUTES)
    .map((path) => path.replace(/^urn:.*:(?=[^:]+$)/, ''))
  const more = paths.length - shown.length
  return more === 0 ? shown.join(', ') : `${shown.join(', ')} and ${more} more`
}

function remarks({
  ignored = [],
  unresolvedManager,
  cause,
  removed = [],
  hidden,
  possibleReturner,
}: LogEntry): string {
  const gone = removed.find(({ id }) => id === cause)
  const all = [
    ...(ignored.length === 0 ? [] : [`ignored: ${ignored.join(', ')}`]),
    ...(unresolvedManager === true ? ['the manager names nobody yet'] : []),
    ...(hidden === true ? ['the account is kept'] : []),
    ...(possibleReturner === undefined ? [] : [`may have been ${possibleReturner} before`]),
    ...(cause === undefined ? [] : [`it follows from ${gone?.name ?? cause}`]),
  ]
  return all.length === 0 ? '' : ` (${all.join('; ')})`
}
