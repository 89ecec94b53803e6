import { globSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** The folder of package.json and host.json: the function app's own. */
export const ROOT: string = resolve(import.meta.dirname, '../..')

/** All files that register functions, as absolute paths in a fixed order. */
export function functionFiles(root: string = ROOT): string[] {
  return globSync('functions/**/*.ts', { cwd: root })
    .toSorted()
    .map((file) => join(root, file))
}
