import * as z from 'zod'
import type { Finding } from './deployment.ts'

const PARAMETER = z.object({ type: z.string().optional(), $ref: z.string().optional() })
const TEMPLATE = z.object({
  parameters: z.record(z.string(), PARAMETER),
  resources: z.record(
    z.string(),
    z.object({ type: z.string().optional(), dependsOn: z.array(z.string()).default([]) }),
  ),
})

/** What must be there before a module is deployed, though it uses nothing of it. */
const ORDER: readonly (readonly [module: string, before: string])[] = [
  ['app', 'roles'],
  ['roles', 'hostStorage'],
  ['roles', 'dataStorage'],
  ['roles', 'keyVault'],
  ['roles', 'monitoring'],
  ['alerts', 'monitoring'],
  ['backup', 'dataStorage'],
  ['backup', 'monitoring'],
  ['workbook', 'monitoring'],
]

/** What shows in the compiled template alone: the order of the modules, and secrets that would have to be handed over. */
export function templateFindings(template: unknown): readonly Finding[] {
  const { parameters, resources } = TEMPLATE.parse(template)
  const where = 'infra/main.bicep'
  return [
    ...ORDER.filter(
      ([module, before]) => resources[module]?.dependsOn.includes(before) !== true,
    ).map(([module, before]) => ({
      rule: 'order',
      where,
      says: `the module ${module} must come behind ${before}`,
    })),
    ...Object.entries(parameters)
      .filter(([, { type = '' }]) => type.toLowerCase().startsWith('secure'))
      .map(([name]) => ({ rule: 'secrets', where, says: `the parameter ${name} is a secret` })),
  ]
}
