import type { ToldAttribute } from '../../lib/people/told-attribute.ts'

/** Allowed values that are named; a cell is no place for more. */
const MOST_VALUES = 10

/** What a customer alone has, as a part of the page for its IT admin; nothing where it has nothing. */
export function ownAttributes(attributes: readonly ToldAttribute[]): string {
  if (attributes.length === 0) return ''
  const rows = attributes.map((each) =>
    row(['`extensionAttribute1`', targetOf(each), noteOf(each)]),
  )
  return [
    'Yours alone, all to add. `extensionAttribute1` stands for whichever attribute you keep it in:',
    '',
    row(['Entra attribute', 'Target', 'Note']),
    row(['---', '---', '---']),
    ...rows,
    '',
    '',
  ].join('\n')
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`
}

function targetOf({ targets }: ToldAttribute): string {
  return `\`${targets.target}\``
}

function noteOf({ label, type, allowedValues, targets }: ToldAttribute): string {
  const shown = allowedValues.slice(0, MOST_VALUES).join(', ')
  const more = allowedValues.length > MOST_VALUES ? ', …' : ''
  const parts = [
    label,
    ...(type === 'string' ? [] : [type]),
    ...(shown === '' ? [] : [`one of ${shown}${more}`]),
    ...(targets.restriction === undefined ? [] : [targets.restriction]),
  ]
  return parts.join('; ').replaceAll(/[\\|`*_<>[\]]/g, (character) => `\\${character}`)
}
