import { availableParallelism } from 'node:os'
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

/** These register functions of their own, by `sampleHost`. */
const SAMPLES = ['test/unit/tools/local-host/{host,host-admin,host-guard}.test.ts']

/** These load a function app of their own, each in a process of its own. */
const OWN_APP = [
  'test/unit/tools/bench/groups.test.ts',
  'test/unit/tools/local-host/guarded-paths.test.ts',
]

/** These measure time, or make dist/: each runs when nothing else does. */
const ALONE = ['test/e2e/{bench-requests,built-app,dev,start-func}.test.ts']

const CORES = availableParallelism()

/** A test waits for a clock now and then, which leaves time for another one; what computes takes longer beside two others. */
const FAST = { maxWorkers: CORES + 1, testTimeout: 30_000 }

/** Each file has an Azurite, or starts other processes; groups run one after the other. */
const SLOW = { maxWorkers: CORES, sequence: { groupOrder: 1 } }

/** One file at a time. */
const SINGLE = { maxWorkers: 1, sequence: { groupOrder: 2 } }

const LONG = { testTimeout: 60_000, hookTimeout: 60_000 }

export default defineConfig({
  test: {
    projects: [
      project('unit', { ...FAST, ...SHARED, exclude: [...SAMPLES, ...OWN_APP] }),
      project('samples', { ...FAST, ...SHARED, include: SAMPLES }),
      project('tools', { ...FAST, include: OWN_APP }),
      project('property', { ...FAST, ...SHARED }),
      project('conformance', { ...FAST, ...SHARED }),
      project('fuzz', { ...SLOW, ...SHARED, testTimeout: 120_000 }),
      project('contract', { ...SLOW, ...LONG }),
      project('infra', { ...SLOW, testTimeout: 180_000 }),
      project('history', { ...SLOW, testTimeout: 240_000, maxConcurrency: 2 }),
      project('e2e', { ...SLOW, ...LONG, exclude: ALONE }),
      project('load', { ...SINGLE, ...SHARED, testTimeout: 30_000 }),
      project('alone', { ...SINGLE, ...LONG, include: ALONE }),
    ],
    // Measured where all of the fast projects run: `npm test`.
    coverage: {
      include: ['lib/scim/**'],
      reporter: [['text', { skipFull: true }]],
      thresholds: { lines: 95, branches: 95 },
    },
  },
})
