/** The command lines of the commands that keep the tables in order. */
export const UPKEEP_SHAPES = {
  sweep: { operands: ['id'], options: [] },
  'sweep --orphans': { operands: [], options: ['orphans', 'yes'] },
  check: { operands: ['id'], options: ['repair'] },
  maintenance: { operands: [], options: [] },
} as const

/** What the help says of them. */
export const UPKEEP_USAGE = `  sweep <id>                    finish deletions of users and groups that a crash has interrupted
  sweep --orphans               finish deletions of tenants, and list what belongs to none: removed when it was
                                found so twice, 24 hours apart
  check <id>                    whether all rows of its users, groups, teams and indexes fit each other; exit status 1:
                                they do not
  maintenance                   what the app does every five minutes, once: deletions, counts, expiry warnings`
