/**
 * `npm start --port 7301` gives the flag to npm, which does nothing with it.
 * @param names of options that are the tool's and not npm's own.
 * @param command as it should have been, such as `npm start`.
 * @returns what is wrong, in one line; undefined when npm took none.
 */
export function takenByNpm(
  names: readonly string[],
  command: string,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): string | undefined {
  const isTaken = (name: string): boolean =>
    environment[`npm_config_${name.replaceAll('-', '_')}`] !== undefined
  const taken = names.find(isTaken)
  if (taken === undefined) return undefined
  return `npm has taken --${taken} for itself; put two dashes before it: ${command} -- --${taken} …`
}
