import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { isObject } from '../../lib/scim/json.ts'
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

/**
 * Azurite starts with empty data when it cannot read its file, and writes that over it.
 * @param fresh the command that empties it.
 * @throws StartError for such a file
 */
export async function checkData(directory: string, fresh: string): Promise<void> {
  const names = await namesIn(directory)
  // What ends in `~` is a file that was not finished: Azurite does not read it.
  for (const name of names.filter((each) => AZURITE_FILE.test(each) && !each.endsWith('~'))) {
    const file = join(directory, name)
    if (isDatabase(await readFile(file, 'utf8'))) continue
    throw new StartError(`${file} is damaged; ${fresh} starts with empty data`)
  }
}

function isDatabase(text: string): boolean {
  try {
    const database: unknown = JSON.parse(text)
    return isObject(database) && Array.isArray(database['collections'])
  } catch {
    return false
  }
}

/** Node.js's own recursion never ends where the system says that a parent is missing though it is there: in /proc. */
export async function makeDirectory(directory: string): Promise<void> {
  if (await isDirectory(directory)) return
  if (dirname(directory) !== directory) await makeDirectory(dirname(directory))
  try {
    await mkdir(directory)
  } catch (error) {
    // Another process was faster.
    if (!(await isDirectory(directory))) throw error
  }
}

async function isDirectory(path: string): Promise<boolean> {
  const found = await unlessMissing(() => stat(path))
  return found?.isDirectory() === true
}

async function namesIn(directory: string): Promise<string[]> {
  return (await unlessMissing(() => readdir(directory))) ?? []
}

async function unlessMissing<T>(look: () => Promise<T>): Promise<T | undefined> {
  try {
    return await look()
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}
