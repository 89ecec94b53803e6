import { parseArgs, type ParseArgsConfig } from 'node:util'
import { failureOf } from './local-host/lifetime.ts'
import { takenByNpm } from './npm-options.ts'

/** A mistake in the command line, in one line. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

type OptionsConfig = NonNullable<ParseArgsConfig['options']>

/** What parseArgs makes of such options. */
type ValuesOf<Options extends OptionsConfig> = ReturnType<
  typeof parseArgs<{ options: Options }>
>['values']

/**
 * Runs a tool and sets the exit code: 0 and the usage for `--help`, 2 and one line for a mistake in the command line, 1 and
 * one line for what the tool foresees, 1 and a stack for all else.
 * @param run gives the exit code; 0 when it gives none.
 */
export async function runTool(
  usage: string,
  run: (args: readonly string[]) => Promise<number | void>,
  args: readonly string[] = process.argv.slice(2),
): Promise<void> {
  try {
    const taken = takenByNpm(optionsIn(usage), commandIn(usage))
    if (taken !== undefined) throw new UsageError(taken)
    if (asksForHelp(args)) console.log(usage)
    else process.exitCode = (await run(args)) ?? 0
  } catch (error) {
    const [line, exitCode] = failureOf(error)
    console.error(line)
    process.exitCode = exitCode
  }
}

/** What a tool has for itself; npm has a `--help` of its own. */
function optionsIn(usage: string): readonly string[] {
  const names = [...usage.matchAll(/^ {2}--([a-z-]+)/gm)].map(([, name = '']) => name)
  return names.filter((name) => name !== 'help')
}

function commandIn(usage: string): string {
  return /^npm [\w: -]*?(?= --|\n|$)/.exec(usage)?.[0] ?? 'npm run'
}

/** Whatever else is there: who asks for help has made a mistake, or is about to. */
export function asksForHelp(args: readonly string[]): boolean {
  return args.includes('--help') || args.includes('-h')
}

/** The values of options; nothing else may be there. @throws UsageError */
export function readOptions<const Options extends OptionsConfig>(
  options: Options,
  args: readonly string[],
): ValuesOf<Options> {
  try {
    return parseArgs({ args: [...args], options }).values
  } catch (error) {
    throw usageError(error)
  }
}

/** What parseArgs throws, in one line. */
export function usageError(error: unknown): UsageError {
  const [reason = ''] = error instanceof Error ? error.message.split(/[.\n] ?/) : []
  return new UsageError(`${reason}; --help lists the options`, { cause: error })
}

/** The number that an option names. @throws UsageError for anything else */
export function wholeNumber(option: string, text: string): number {
  if (!/^\d{1,15}$/.test(text)) {
    throw new UsageError(`${option} must be a whole number, not "${text}"`)
  }
  return Number(text)
}
