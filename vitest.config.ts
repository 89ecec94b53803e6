import { defineConfig } from 'vitest/config'

/** Projects that need no process run in seconds; the others start Azurite or the whole app. */
const project = (name: string, more: Record<string, unknown> = {}): object => ({
  test: { name, include: [`test/${name}/**/*.test.ts`], ...more },
})

export default defineConfig({
  test: {
    projects: [
      project('unit'),
      project('property', { testTimeout: 20_000 }),
      project('conformance'),
      project('contract', { testTimeout: 60_000, hookTimeout: 60_000 }),
      project('e2e', { testTimeout: 60_000, hookTimeout: 60_000, fileParallelism: false }),
    ],
  },
})
