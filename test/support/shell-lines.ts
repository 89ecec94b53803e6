/**
 * The commands of a document's `sh` blocks, as words: quotes are taken away, a backslash at the end of a line goes on with the
 * next, and what is piped or written into a file is left out.
 */
export function shellCommands(text: string): readonly (readonly string[])[] {
  const blocks = [...text.matchAll(/^ *(?:\d+\. )?```sh\n(.*?)^ *```/gms)]
  return blocks.flatMap(([, block = '']) => commandsOf(block))
}

/** The commands of one block, or one line. */
export function commandsOf(block: string): readonly (readonly string[])[] {
  const joined = block.replaceAll(/\\\n\s*/g, ' ')
  const lines: string[][] = [[]]
  for (const [, single, double, bare, end] of joined.matchAll(
    /'([^']*)'|"([^"]*)"|((?:\$\([^)]*\)|[^\s'"])+)|(\n)/g,
  )) {
    if (end === undefined) lines.at(-1)?.push(single ?? double ?? bare ?? '')
    else lines.push([])
  }
  return lines
    .filter((words) => words.length > 0)
    .map((words) => {
      const cut = words.findIndex((word) => word === '>' || word === '|')
      return cut === -1 ? words : words.slice(0, cut)
    })
}
