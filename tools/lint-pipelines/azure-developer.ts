import { readFileSync } from 'node:fs'
import * as z from 'zod'
import type { Finding } from './finding.ts'
import { lintBySchema } from './schema.ts'

const HOOK = z.strictObject({ shell: z.enum(['sh', 'pwsh']), run: z.string().min(1) })

/** The part of azd's schema (azure.yaml.json, v1.0) that this project uses. */
const AZD_PROJECT = z.strictObject({
  name: z.string().regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/),
  infra: z.strictObject({
    provider: z.literal('bicep'),
    path: z.string().min(1),
    module: z.string().min(1),
  }),
  services: z.record(
    z.string(),
    z.strictObject({
      project: z.string().min(1),
      host: z.literal('function'),
      language: z.literal('custom'),
      dist: z.string().min(1),
      remoteBuild: z.literal(false),
      hooks: z.strictObject({
        prepackage: z.strictObject({ posix: HOOK, windows: HOOK }),
      }),
    }),
  ),
})

export function lintAzdProject(
  file: string,
  project: string = readFileSync(file, 'utf8'),
): readonly Finding[] {
  return lintBySchema(file, project, AZD_PROJECT)
}
