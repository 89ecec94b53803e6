import { rm, writeFile } from 'node:fs/promises'

/**
 * Runs a release and leaves a line in a file when it has ended, in whatever way. Where there is none the release was cut off, and
 * somebody else has to go back.
 */
export async function leavingMark(
  file: string | undefined,
  run: () => Promise<void>,
): Promise<void> {
  if (file === undefined) return run()
  await rm(file, { force: true })
  try {
    await run()
  } catch (error) {
    await writeFile(file, `${error instanceof Error ? error.message : String(error)}\n`)
    throw error
  }
  await writeFile(file, 'released\n')
}
