/** What the activity shows of a user or a group that is there now. */
export interface KnownResource {
  readonly id: string
  /** displayName, else userName. */
  readonly name?: string
  /** The id of a user's manager, who need not be there. */
  readonly manager?: string
}

/** Looks users and groups up, since the journal has ids and few names. */
export interface Directory {
  /** Those that are called so: by userName, displayName of a group, or externalId, all of which have an index. */
  named(partitionKey: string, name: string): Promise<readonly KnownResource[]>
  /** Those of these that exist. */
  known(partitionKey: string, ids: readonly string[]): Promise<readonly KnownResource[]>
}
