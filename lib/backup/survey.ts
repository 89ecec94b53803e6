import { ScimError } from '../scim/errors.ts'
import type { ResourceType } from '../scim/resource-type.ts'
import type { UniqueValue } from '../storage/bringing-port.ts'
import type { NewCredential } from '../storage/tenant-port.ts'
import { keptCredential } from '../tenants/kept-credential.ts'
import type { BackupParts } from './backup-parts.ts'
import type { CheckedFile, OpenFile } from './checked-file.ts'
import { eachThatCounts } from './each-that-counts.ts'
import type { BackupRecord, RecordOf } from './format.ts'
import { credentialIn, groupIn, teamIn, userIn } from './records.ts'
import { Repeats } from './repeats.ts'
import { wrongFile } from './wrong-file.ts'

/** More people in teams made by hand cannot be held in memory. */
const MOST_BY_HAND = 1_000_000

/** Of a longer id there is nobody. */
const LONGEST_ID = 100

/** What a file says that is to be known before anything of it is brought. */
export interface Survey {
  /** Whether two may have a value of which there is one at most, by its key. */
  readonly isContested: (key: string) => boolean
  /** Whether a record has such a value: those that do are brought in their order, so that the first one has it. */
  readonly isInTurn: (record: BackupRecord) => boolean
  /** The ids of those who were put into a team by hand, none of whom is known to be there. */
  readonly byHand: Map<string, boolean>
  readonly credentials: readonly NewCredential[]
}

/** What values are found with. */
interface Finding extends Pick<BackupParts, 'resources' | 'teams'> {
  readonly users: ResourceType
  readonly groups: ResourceType
}

/** Reads a file that was checked. @throws ScimError `invalidValue` for one that has more than can be held in memory. */
export async function surveyFile(
  file: CheckedFile,
  open: OpenFile,
  finding: Finding,
): Promise<Survey> {
  const repeats = new Repeats()
  const byHand = new Map<string, boolean>()
  const credentials: NewCredential[] = []
  await eachThatCounts(file, open, async (record) => {
    for (const { key } of uniqueValuesIn(finding, record)) repeats.add(key)
    if (record.kind === 'members') noteByHand(byHand, record)
    if (record.kind === 'credential') credentials.push(keptCredential(credentialIn(record)))
  })
  const isContested = repeats.find()
  return {
    isContested,
    isInTurn: (record) => uniqueValuesIn(finding, record).some(({ key }) => isContested(key)),
    byHand,
    credentials,
  }
}

function noteByHand(known: Map<string, boolean>, record: RecordOf<'members'>): void {
  for (const id of record.byHand ?? []) if (id.length <= LONGEST_ID) known.set(id, false)
  if (known.size > MOST_BY_HAND) {
    throw wrongFile(
      `has more than ${MOST_BY_HAND.toLocaleString('en-US')} people in teams made by hand`,
    )
  }
}

/** Those of what cannot be brought are nobody's. */
function uniqueValuesIn(
  { resources, teams, users, groups }: Finding,
  record: BackupRecord,
): readonly UniqueValue[] {
  try {
    if (record.kind === 'user' && record.hidden !== true) {
      return resources.uniqueValues(users, userIn(users, record))
    }
    if (record.kind !== 'group') return []
    const [group, team] = [groupIn(groups, record), teamIn(record)]
    return [
      ...(group === undefined ? [] : resources.uniqueValues(groups, group)),
      ...(team === undefined ? [] : [teams.uniqueName(team)]),
    ]
  } catch (error) {
    if (error instanceof ScimError) return []
    throw error
  }
}
