import { ScimError, type ErrorKind } from '../../lib/scim/errors.ts'

/** What a refusal says: its kind and detail; undefined when the work was not refused. Other errors are thrown on. */
export async function refusalOf(
  work: () => unknown,
): Promise<{ kind: ErrorKind; detail: string } | undefined> {
  try {
    await work()
    return undefined
  } catch (error) {
    if (error instanceof ScimError) return { kind: error.kind, detail: error.detail }
    throw error
  }
}
