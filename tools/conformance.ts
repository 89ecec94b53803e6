import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { format, resolveConfig } from 'prettier'
import * as z from 'zod'

/** `npm run conformance`: writes docs/conformance.md out of the requirements, the vectors and the account. */

const DOCUMENT = 'docs/conformance.md'

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
  /** What is done instead, why, and for which client. */
  deviation: z.string().optional(),
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

/** What stands in the last column: the proof, or the reason why there is none. */
function proofOf(account: Account = {}, vectors: readonly string[] = []): string {
  const { notApplicable, deviation, choice, tests = [] } = account
  const shown = [...vectors.slice(0, 3), ...tests].map((test) => `\`${test}\``).join(', ')
  const more = vectors.length > 3 ? ` and ${vectors.length - 3} more` : ''
  return [
    labelled('Does not apply:', notApplicable),
    labelled('**Deviates:**', deviation),
    labelled('Choice:', choice),
    shown + more,
  ]
    .filter((part) => part !== '')
    .join(' ')
}

function labelled(label: string, text: string | undefined): string {
  return text === undefined ? '' : `${label} ${text}`
}

/** The document's text, before it is formatted. */
export function conformanceDocument(): string {
  const { sections, items } = readRequirements()
  const account = readAccount()
  const vectors = vectorsByRequirement()
  const count = (wanted: (id: number) => boolean): number =>
    items.filter(({ id }) => wanted(id)).length
  const notApplicable = count((id) => account[id]?.notApplicable !== undefined)
  const deviates = count((id) => account[id]?.deviation !== undefined)
  const rows = (first: number, last: number): string =>
    items
      .filter(({ id }) => id >= first && id <= last)
      .map(
        ({ id, level, clause, requirement }) =>
          `| ${id} | ${level} | ${cell(clause)} | ${cell(requirement)} | ${cell(proofOf(account[id], vectors.get(id)))} |`,
      )
      .join('\n')
  return `# Conformance

Every testable requirement of RFC 7643, 7644, 9865 and the RFCs they lean on, in our own words, with the test that proves it, or
the reason why it does not apply or how the endpoint deviates and for whom. Of ${items.length} requirements ${notApplicable} do not apply, ${items.length - notApplicable - deviates} are
met and ${deviates} are deviated from. Written by \`npm run conformance\`; a test holds this page to the tests: each is there, and no requirement
is missing.

A level with \`~\` is stated by the RFC without a BCP 14 word. Files are below \`test/conformance/\`; \`path#title\` names a test in a file.
Where the RFCs leave a point open, [decisions.md](decisions.md) has what was chosen and why.

${sections.map(({ title, first, last }) => `## ${title}\n\n| # | Level | Clause | Requirement | Proof |\n| --- | --- | --- | --- | --- |\n${rows(first, last)}`).join('\n\n')}
`
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ')
}

/** The document as prettier leaves it. */
export async function formattedDocument(): Promise<string> {
  const options = await resolveConfig(DOCUMENT)
  return format(conformanceDocument(), { ...options, filepath: DOCUMENT })
}

if (import.meta.main) writeFileSync(DOCUMENT, await formattedDocument())
