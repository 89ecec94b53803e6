const GRAPHEMES = new Intl.Segmenter('und', { granularity: 'grapheme' })

const ASCII = /^[ -~]*$/

/** One emoji, of however many code points; as a terminal shows it, two columns wide. */
const EMOJI = /^(?:\p{Emoji_Presentation}|\p{Emoji}(?:\uFE0F|\p{Emoji_Modifier}))/u

/** Marks, format characters, and the vowels and final consonants that join a Hangul syllable. */
const WIDTHLESS = /^[\p{Mn}\p{Me}\p{Cf}\u1160-\u11FF\uD7B0-\uD7FF]$/u

/** East_Asian_Width W and F (UAX #11), for which regular expressions have no property, but for emoji. */
const WIDE =
  /^[\u1100-\u115F\u2329\u232A\u2E80-\u303E\u3041-\u3247\u3250-\uA4CF\uA960-\uA97F\uAC00-\uD7A3\uF900-\uFAFF\uFE10-\uFE19\uFE30-\uFE6B\uFF01-\uFF60\uFFE0-\uFFE6\u{16FE0}-\u{18DFF}\u{1AFF0}-\u{1B2FF}\u{1F200}-\u{1F265}\u{20000}-\u{3FFFD}]$/u

/** How many columns of a terminal a printable text takes. */
export function displayWidth(text: string): number {
  if (ASCII.test(text)) return text.length
  let width = 0
  for (const { segment } of GRAPHEMES.segment(text)) width += widthOf(segment)
  return width
}

/** A text of so many columns at most: of a longer one the beginning, and `…`. */
export function cutToWidth(text: string, most: number): string {
  if (displayWidth(text) <= most) return text
  let cut = ''
  let width = 1
  for (const { segment } of GRAPHEMES.segment(text)) {
    width += widthOf(segment)
    if (width > most) break
    cut += segment
  }
  return `${cut}…`
}

function widthOf(grapheme: string): number {
  return EMOJI.test(grapheme) ? 2 : widthOfCharacters(grapheme)
}

/** The parts of what is no emoji stand beside or upon each other, each in its own width. */
function widthOfCharacters(grapheme: string): number {
  let width = 0
  for (const character of grapheme) {
    if (WIDTHLESS.test(character)) continue
    width += WIDE.test(character) ? 2 : 1
  }
  return width
}
