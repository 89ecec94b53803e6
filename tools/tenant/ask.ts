import { createInterface } from 'node:readline/promises'

/**
 * Asks the person at a terminal. Ctrl-C and Ctrl-D are an answer as well, the empty one, at which nothing is done.
 * @param to not stdout, so that the question does not mix with the outcome.
 */
export async function askPerson(
  question: string,
  { from, to }: { readonly from: NodeJS.ReadableStream; readonly to: NodeJS.WritableStream },
): Promise<string> {
  const lines = createInterface({ input: from, output: to })
  try {
    return await lines.question(question)
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'AbortError') throw error
    to.write('\n')
    return ''
  } finally {
    lines.close()
  }
}
