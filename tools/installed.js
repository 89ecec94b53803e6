// Loaded before every tool (node --import): says in one line what is missing, before anything else fails. Plain JavaScript, since
// it runs on a Node.js that cannot read TypeScript.
import { existsSync } from 'node:fs'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

/** The first Node.js that runs TypeScript as it is. */
const NEEDED = '22.18'

const installed = fileURLToPath(new URL('../node_modules/.package-lock.json', import.meta.url))
if (!existsSync(installed)) {
  refuse('Nothing is installed yet: run "npm ci" first.')
}
if (isOlder(process.versions.node, NEEDED)) {
  refuse(
    `The tools need Node.js ${NEEDED} or later, this is ${process.versions.node}: run "npm ci" without --ignore-scripts, which fetches one for them, or install Node.js 24.`,
  )
}

/**
 * @param {string} version
 * @param {string} needed major and minor
 */
function isOlder(version, needed) {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [neededMajor = 0, neededMinor = 0] = needed.split('.').map(Number)
  return major < neededMajor || (major === neededMajor && minor < neededMinor)
}

/** @param {string} reason */
function refuse(reason) {
  console.error(reason)
  process.exit(1)
}
