import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { StartError } from './lifetime.ts'

/** What Azurite's table service writes. */
const AZURITE_FILE = /^__azurite_db_table.*\.json~?$/

/**
 * Removes Azurite's data from a directory; one that is not there is empty already.
 * @throws StartError, with nothing removed, when there is anything else in it: then it is somebody's directory.
 */
export async function emptyData(directory: string): Promise<void> {
  const names = await namesIn(directory)
  const foreign = names.find((name) => !AZURITE_FILE.test(name))
  if (foreign !== undefined) {
    throw new StartError(`--fresh removes nothing: "${foreign}" in ${directory} is not Azurite's`)
  }
  for (const name of names) await rm(join(directory, name))
}

async function namesIn(directory: string): Promise<string[]> {
  try {
    return await readdir(directory)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw error
  }
}
