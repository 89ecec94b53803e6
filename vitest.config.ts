import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

/** Absolute, as processes that tests start have other working directories. */
const COMPILE_CACHE = join(import.meta.dirname, 'node_modules/.cache/node')

/**
 * Projects that need no process run in seconds; the others start Azurite or the whole app. All run on Node.js itself, as the
 * tools do: with Vite's module runner every use of an import is a look-up, and the same tests take twice the time.
 */
const project = (name: string, more: Record<string, unknown> = {}): object => ({
  test: {
    name,
    include: [`test/${name}/**/*.test.ts`],
    env: { NODE_COMPILE_CACHE: COMPILE_CACHE },
    experimental: { viteModuleRunner: false, nodeLoader: false },
    ...more,
  },
})

/** Files share processes and the modules in them, the one function app that a process holds (`memoryApp`) among them. */
const SHARED = { isolate: false }

/** These load a function app of their own, each in a process of its own. */
const OWN_APP = [
  'test/unit/tools/bench/groups.test.ts',
  'test/unit/tools/local-host/{host,host-admin,host-guard,guarded-paths}.test.ts',
]

export default defineConfig({
  test: {
    projects: [
      project('unit', { ...SHARED, exclude: OWN_APP }),
      project('tools', { include: OWN_APP }),
      project('property', { ...SHARED, testTimeout: 20_000 }),
      project('conformance', SHARED),
      project('fuzz', { ...SHARED, testTimeout: 120_000 }),
      project('load', { ...SHARED, testTimeout: 30_000 }),
      project('contract', { testTimeout: 60_000, hookTimeout: 60_000 }),
      project('history', { testTimeout: 120_000, maxConcurrency: 2 }),
      project('e2e', { testTimeout: 60_000, hookTimeout: 60_000, fileParallelism: false }),
    ],
    // Measured where all of the fast projects run: `npm test`.
    coverage: {
      include: ['lib/scim/**'],
      reporter: [['text', { skipFull: true }]],
      thresholds: { lines: 95, branches: 95 },
    },
  },
})
