import { ScimError, type ErrorKind } from '../../lib/scim/errors.ts'

/**
 * The error with which the work is refused; any other is thrown on.
 *
 * @throws Error when nothing is refused
 */
export async function refusalOf(work: () => unknown): Promise<ScimError> {
  try {
    await work()
  } catch (error) {
    if (error instanceof ScimError) return error
    throw error
  }
  throw new Error('Nothing was refused.')
}

/** What a refusal says, in one line: `invalidValue: <detail>`. */
export function said({ kind, detail }: ScimError): string {
  return `${kind}: ${detail}`
}

/** Matches what is said by a refusal of this kind whose detail matches. */
export function saying(kind: string, detail: RegExp): RegExp {
  const { source } = detail
  return new RegExp(`^${kind}: ${source.startsWith('^') ? source.slice(1) : `.*(?:${source})`}`)
}

/** Matches what is said by a refusal of this kind whose detail has all the words, in any order. */
export function mentions(kind: string, ...words: readonly string[]): RegExp {
  const ahead = words.map((word) => `(?=.*${word.replaceAll(/[^\w ]/g, String.raw`\$&`)})`)
  return new RegExp(`^${kind}: ${ahead.join('')}`)
}

/** How each of the works ended that go on at once: done, or refused with an error of which kind. */
export async function outcomesOf(
  works: readonly Promise<unknown>[],
): Promise<readonly (ErrorKind | 'done')[]> {
  return Promise.all(
    works.map(async (work) => {
      try {
        await work
      } catch (error) {
        if (error instanceof ScimError) return error.kind
        throw error
      }
      return 'done'
    }),
  )
}
