import type { Attribute, TextFormat } from '../../lib/scim/attribute.ts'

const TEXTS: Readonly<Partial<Record<TextFormat, readonly string[]>>> = {
  dateOrDateTime: ['2026-01-31', '2024-02-29T23:59:59.5+02:00'],
  httpsUrl: ['https://example.com/p.png', 'https://example.com/P.png'],
}

/** Texts of the format that an attribute's must have, where few texts have it. */
export function formattedTexts({ format }: Attribute): readonly string[] | undefined {
  return format === undefined ? undefined : TEXTS[format]
}
