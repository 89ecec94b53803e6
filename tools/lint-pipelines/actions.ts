/** An action, and what it can be told: from its action.yml, which is not to be had while linting. */
interface Action {
  readonly required: readonly string[]
  readonly optional: readonly string[]
}

/** The actions that workflows use. What is not here is refused: each is code of others beside a token for Azure. */
const ACTIONS: Readonly<Record<string, Action>> = {
  'actions/checkout': {
    required: [],
    optional: ['ref', 'fetch-depth', 'persist-credentials'],
  },
  'actions/setup-node': {
    required: [],
    optional: ['node-version', 'node-version-file', 'cache', 'package-manager-cache'],
  },
  'actions/upload-artifact': {
    required: ['path'],
    optional: ['name', 'if-no-files-found', 'retention-days', 'compression-level', 'overwrite'],
  },
  'actions/download-artifact': {
    required: [],
    optional: ['name', 'path', 'run-id', 'github-token', 'repository', 'artifact-ids'],
  },
  'azure/login': {
    required: ['client-id', 'tenant-id', 'subscription-id'],
    optional: ['audience', 'environment'],
  },
}

interface ActionMetadata {
  readonly name: string
  readonly description: string
  readonly inputs: Record<string, { readonly description: string; readonly required: boolean }>
}

/** undefined for an action that is not in the table. */
export function metadataOf(name: string): ActionMetadata | undefined {
  const action = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined
  if (action === undefined) return undefined
  const { required, optional } = action
  const inputs = [...required, ...optional].map((input) => {
    return [input, { description: input, required: required.includes(input) }] as const
  })
  return { name, description: name, inputs: Object.fromEntries(inputs) }
}
