import { globSync, statSync, watch } from 'node:fs'
import { basename, dirname, join } from 'node:path'

/** What the local host runs. */
const FOLDERS: readonly string[] = ['functions', 'lib', 'tools/demo-data', 'tools/local-host']
const FILES: readonly string[] = ['host.json', 'local.settings.example.json', 'tools/local-host.ts']

/** No file that an editor puts beside another while it writes. */
const SOURCE = /^[^.].*\.(?:ts|json)$/

/**
 * Tells each change of the sources, by its path below the root; more than once where the system does. Every folder is
 * watched on its own: on Linux a recursive `fs.watch` loses a file when another takes its place, which is how editors
 * save.
 * @returns ends it.
 */
export function watchSources(root: string, changed: (path: string) => void): () => void {
  const open = (): (() => void) => {
    const watchers = foldersBelow(root).map((folder) =>
      watch(join(root, folder), (_event, name) => {
        const path = folder === '.' ? String(name) : `${folder}/${String(name)}`
        if (isSource(path)) changed(path)
        else if (isFolder(root, path)) openAgain(path)
      }).on('error', () => openAgain(folder)),
    )
    return () => watchers.forEach((each) => each.close())
  }
  let close = open()
  const openAgain = (path: string): void => {
    // The watchers of before end behind the new ones, so that nothing is missed.
    const before = close
    close = open()
    before()
    // It may have come with its files.
    changed(path)
  }
  return () => close()
}

function foldersBelow(root: string): readonly string[] {
  const patterns = FOLDERS.map((folder) => `${folder}/**/`)
  const below = globSync(patterns, { cwd: root }).map((path) => path.replaceAll('\\', '/'))
  return [
    ...new Set([
      ...below.map((path) => path.replace(/\/$/, '')),
      ...FILES.map((file) => dirname(file)),
    ]),
  ]
}

function isSource(path: string): boolean {
  return FILES.includes(path) || (isInFolders(path) && SOURCE.test(basename(path)))
}

function isFolder(root: string, path: string): boolean {
  if (!isInFolders(path)) return false
  return statSync(join(root, path), { throwIfNoEntry: false })?.isDirectory() === true
}

function isInFolders(path: string): boolean {
  return FOLDERS.some((folder) => path.startsWith(`${folder}/`))
}
