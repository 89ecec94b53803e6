import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs'
import { format, resolveConfig } from 'prettier'
import * as z from 'zod'
import { readOptions, runTool } from './command-line.ts'
import { type Progress, progressOn } from './progress.ts'

const DOCUMENT = 'docs/conformance.md'

const USAGE = `npm run conformance

Writes ${DOCUMENT} out of test/support/requirements.json, the vectors in test/conformance/ and test/support/account.json.

  --help  this text`

/** Characters of a line of several proofs or words. */
const LINE_LENGTH = 120

/** One testable requirement of the RFCs; a level with `~` is stated without a BCP 14 word. */
const REQUIREMENT = z.strictObject({
  id: z.int(),
  level: z.string(),
  /** The optional feature that it is about. */
  condition: z.string().optional(),
  clause: z.string(),
  requirement: z.string(),
})

const REQUIREMENTS = z.strictObject({
  sections: z.array(z.strictObject({ title: z.string(), first: z.int(), last: z.int() })),
  items: z.array(REQUIREMENT),
})

/** How a requirement is met where vectors do not tell, or why it is not. */
const ACCOUNT = z.strictObject({
  /** Test files with a title in them: `path#title`. */
  tests: z.array(z.string()).optional(),
  notApplicable: z.string().optional(),
  /** What is done instead, and why. */
  deviation: z.string().optional(),
  /** Which clients the deviation is for. */
  client: z.string().optional(),
  /** What was chosen where an RFC leaves it open. */
  choice: z.string().optional(),
})

const PROVING_VECTOR = z.object({
  checklist: z.array(z.int()).default([]),
  pending: z.string().optional(),
})

type Account = z.infer<typeof ACCOUNT>

/** All requirements, by section. */
export function readRequirements(): z.infer<typeof REQUIREMENTS> {
  return REQUIREMENTS.parse(JSON.parse(readFileSync('test/support/requirements.json', 'utf8')))
}

/** The account, by number of the requirement. */
export function readAccount(): Readonly<Record<string, Account>> {
  const text = readFileSync('test/support/account.json', 'utf8')
  return z.record(z.string(), ACCOUNT).parse(JSON.parse(text))
}

/** The vectors that prove each requirement, as paths below test/conformance. */
export function vectorsByRequirement(): ReadonlyMap<number, readonly string[]> {
  const proofs = new Map<number, string[]>()
  const files = globSync('test/conformance/**/*.json').map((file) => file.replaceAll('\\', '/'))
  for (const file of files.toSorted()) {
    const { checklist, pending } = PROVING_VECTOR.parse(JSON.parse(readFileSync(file, 'utf8')))
    if (pending !== undefined) continue
    for (const id of checklist) {
      proofs.set(id, [...(proofs.get(id) ?? []), file.replace('test/conformance/', '')])
    }
  }
  return proofs
}

/** The document's text, before it is formatted. */
export function conformanceDocument(): string {
  const { sections, items } = readRequirements()
  const account = readAccount()
  const vectors = vectorsByRequirement()
  const entries = items.map((item) => entryOf(item, account[item.id], vectors.get(item.id)))
  const deviating = entries.filter(({ deviation }) => deviation !== undefined)
  const notApplicable = entries.filter((entry) => entry.notApplicable !== undefined).length
  const listed = sections.map(({ title, first, last }) => {
    return section(
      title,
      entries.filter(({ id }) => id >= first && id <= last),
    )
  })
  return `# Conformance

Every testable requirement of RFC 7643, 7644, 9865 and the RFCs they lean on, in our own words, with the test that proves it, or
the reason why it does not apply or how the endpoint deviates and for whom. Written by \`npm run conformance\`; a test holds
this page to the tests: each is there, and no requirement is missing.

Of ${entries.length} requirements ${notApplicable} do not apply, ${entries.length - notApplicable - deviating.length} are met and ${deviating.length} are deviated from.

A level with \`~\` is stated by the RFC without a BCP 14 word. Files are below \`test/conformance/\`; \`path#title\` names a test in a file.
Where the RFCs leave a point open, [decisions.md](decisions.md) has what was chosen and why.

## Deviations

${deviating.map(deviationText).join('\n\n')}

${listed.join('\n\n')}
`
}

/** A requirement with all that is known of it. */
interface Entry extends Omit<Account, 'notApplicable'> {
  readonly id: number
  readonly notApplicable?: string | undefined
  /** Level, clause and the requirement itself. */
  readonly statement: string
  /** Lines. */
  readonly proof: readonly string[]
}

function entryOf(
  { id, level, clause, requirement }: z.infer<typeof REQUIREMENT>,
  account: Account = {},
  vectors: readonly string[] = [],
): Entry {
  const more = vectors.length > 3 ? [`and ${vectors.length - 3} more`] : []
  const named = [...vectors.slice(0, 3), ...(account.tests ?? [])].map((test) => `\`${test}\``)
  const statement = `${level}, ${clause}: ${requirement}`.replaceAll('\n', ' ')
  return { ...account, id, statement, proof: inLines([...named, ...more], ', ') }
}

/** The texts, with the separator between those of one line. */
function inLines(texts: readonly string[], separator: string): readonly string[] {
  const lines: string[] = []
  for (const text of texts) {
    const last = lines.at(-1)
    if (last === undefined || last.length + text.length > LINE_LENGTH) lines.push(text)
    else lines[lines.length - 1] = `${last}${separator}${text}`
  }
  return lines
}

/** Broken at spaces, but not at those of code. */
function paragraph(text: string): string {
  return inLines(text.match(/(?:`[^`]*`|[^\s`])+/g) ?? [], ' ').join('\n')
}

/** A deviation, whole. */
function deviationText({ id, statement, client, deviation, proof }: Entry): string {
  return [
    `### Requirement ${id}`,
    statement,
    paragraph(`**Instead:** ${deviation}`),
    `**For:** ${client}.`,
    ...(proof.length === 0 ? [] : [`**Proof:** ${proof.join(',\n')}`]),
  ].join('\n\n')
}

/** The requirements of a section; the reason why none of them applies is said once. */
function section(title: string, entries: readonly Entry[]): string {
  const [reason, ...others] = new Set(entries.map(({ notApplicable }) => notApplicable))
  if (reason === undefined || others.length > 0) {
    return `## ${title}\n\n${entries.map(listItem).join('\n')}`
  }
  const items = entries.map((entry) => listItem({ ...entry, notApplicable: undefined }))
  return `## ${title}\n\n${labelled('None of these applies', reason).join('')}\n\n${items.join('\n')}`
}

/** A requirement in the list of its section; the lines of it stay apart when shown, too. */
function listItem({ id, statement, notApplicable, deviation, choice, proof }: Entry): string {
  const deviates =
    deviation === undefined ? undefined : `**Deviates**, [see above](#requirement-${id}).`
  return [
    `- **${id}** ${statement}`,
    ...labelled('Does not apply', notApplicable),
    ...(deviates === undefined ? [] : [deviates]),
    ...labelled('Choice', choice),
    ...(deviates === undefined ? proof : []),
  ].join('\\\n  ')
}

function labelled(label: string, text: string | undefined): readonly string[] {
  return text === undefined ? [] : [`_${label}:_ ${text}`]
}

/** The document as prettier leaves it. */
export async function formattedDocument(progress: Progress = () => {}): Promise<string> {
  progress('reading the requirements and the vectors …')
  const text = conformanceDocument()
  progress(`formatting ${DOCUMENT} …`)
  const options = await resolveConfig(DOCUMENT)
  const formatted = await format(text, { ...options, filepath: DOCUMENT })
  progress('')
  return formatted
}

async function run(args: readonly string[]): Promise<void> {
  readOptions({}, args)
  const before = existsSync(DOCUMENT) ? readFileSync(DOCUMENT, 'utf8') : ''
  const text = await formattedDocument(progressOn())
  writeFileSync(DOCUMENT, text)
  const requirements = readRequirements().items.length
  const outcome = text === before ? 'it was up to date' : 'it has changed'
  console.log(`${DOCUMENT}: ${requirements} requirements; ${outcome}`)
}

if (import.meta.main) await runTool(USAGE, run)
