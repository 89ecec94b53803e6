/** The options that only these commands have. */
export const BACKUP_OPTIONS = {
  out: { type: 'string' },
  'out-dir': { type: 'string' },
  in: { type: 'string' },
  resume: { type: 'boolean' },
  'dry-run': { type: 'boolean' },
  'with-credentials': { type: 'boolean' },
} as const

/** The command lines of the commands that bring tenants into files and back. */
export const BACKUP_SHAPES = {
  export: { operands: ['id'], options: ['out', 'with-credentials'] },
  'export --all': { operands: [], options: ['all', 'out-dir', 'with-credentials'] },
  import: { operands: ['id'], options: ['in', 'resume', 'dry-run', 'with-credentials'] },
} as const

/** What the help says of them. */
export const BACKUP_USAGE = `  export <id> --out FILE        all that is kept of a tenant but its activity, in a file: acme.jsonl.gz; - for stdout
  export --all --out-dir DIR    the same of every tenant, a file each
  import <id> --in FILE         such a file into a tenant that has nobody yet, and check it; - for stdin`

/** What it says of their options. */
export const BACKUP_OPTIONS_USAGE = `  --out FILE         the file to write, readable for its owner alone; it is there only when it is whole
  --out-dir DIR      the folder of the files, <id>.jsonl.gz each; it is made where it is missing
  --with-credentials  the hashes of secrets and whose tokens are trusted, too: good for the same tenant id only
  --in FILE          the file to read: it is checked to its end before anything is written
  --resume           go on with an import that was interrupted; what is there already stays as it is
  --dry-run          check the file and the tenant, and say what would be brought`

/** What ends with 1 of them and of the check. */
export const BACKUP_EXITS_USAGE = `The exit status is 0 when all is done, 1 when it is not, 2 for a mistake in the command line; it is 1 of
  export        when there is no file; 0 also where the tenant kept changing, and the last of it is missing: it says so
  export --all  when a tenant has no file; the others have theirs
  import        when nothing is imported, something is left out, or the check finds something wrong; with --dry-run,
                when it would be so, but for the check
  check         when something is wrong that is not mended`
