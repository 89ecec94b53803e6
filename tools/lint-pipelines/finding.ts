/** What is wrong in a file, and where. */
export interface Finding {
  readonly file: string
  /** From 1 on. */
  readonly line: number
  readonly message: string
}

export function findingText({ file, line, message }: Finding): string {
  return `${file}:${line}: ${message}`
}
