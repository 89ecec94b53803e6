import type { NewCredential } from '../storage/tenant-port.ts'
import { keepCredential } from '../tenants/credentials.ts'
import { again } from './again.ts'
import { bringGroup, bringUser } from './bring.ts'
import { bringMembers, openGroup, type OpenGroup } from './bring-members.ts'
import type { CheckedFile, OpenFile } from './checked-file.ts'
import { eachThatCounts } from './each-that-counts.ts'
import { SideBySide } from './side-by-side.ts'
import type { Survey } from './survey.ts'
import { memberKey, type Target } from './target.ts'

/** Lines that are worked on at the same time. */
const AT_ONCE = 16

/** Brings people, groups and teams; the members once it is known what is left out. */
export async function bringAll(
  target: Target,
  file: CheckedFile,
  open: OpenFile,
  { isInTurn }: Survey,
): Promise<void> {
  const work = new SideBySide(AT_ONCE)
  await eachThatCounts(file, open, async (record) => {
    if (record.kind === 'removed') {
      target.removed.add(memberKey(record.of === 'user' ? 'User' : 'Group', record.id))
    } else if (record.kind === 'user' || record.kind === 'group') {
      const turn = isInTurn(record) ? 'in turn' : `${record.kind} ${record.id}`
      const bring = async (): Promise<void> =>
        record.kind === 'user' ? bringUser(target, record) : bringGroup(target, record)
      await work.add(turn, bring)
    }
  })
  await work.done()
  await bringAllMembers(target, file, open)
}

async function bringAllMembers(target: Target, file: CheckedFile, open: OpenFile): Promise<void> {
  const work = new SideBySide(AT_ONCE)
  let group: OpenGroup | undefined
  await eachThatCounts(file, open, async (record) => {
    if (record.kind === 'group') group = openGroup(record)
    const of = group
    if (record.kind !== 'members' || of === undefined) return
    await work.add(of.id, async () => bringMembers(target, of, record))
  })
  await work.done()
}

/**
 * They let the identity provider in, which is to find everybody: so they come last.
 * @param keep false: nothing is written.
 */
export async function bringCredentials(
  { parts, tenant, brought, state }: Target,
  credentials: readonly NewCredential[],
  keep: boolean,
): Promise<void> {
  const { tenants, now, pause } = parts
  const present = await again(pause, async () => tenants.credentials(tenant.id))
  for (const credential of credentials) {
    if (present.some(({ id }) => id === credential.id)) {
      state.there += 1
      continue
    }
    await again(pause, async () => {
      // Of a try before this one nobody may know.
      const kept = await tenants.credentials(tenant.id)
      if (!keep || kept.some(({ id }) => id === credential.id)) return
      await keepCredential(tenants, tenant.id, credential, now())
    })
    brought.credentials += 1
  }
}
