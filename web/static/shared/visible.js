/**
 * Makes every character that hides, reorders or fakes text visible.
 *
 * The twin of `approvals_hub/core/visible.py`, whose table says why each range is here.
 */

/**
 * Ranges of code points, both ends included.
 * @type {[number, number][]}
 */
export const HIDDEN = [
  [0x0000, 0x001f], [0x007f, 0x00a0], [0x00ad, 0x00ad], [0x034f, 0x034f], [0x061c, 0x061c], [0x115f, 0x1160],
  [0x1680, 0x1680], [0x17b4, 0x17b5], [0x180b, 0x180f], [0x2000, 0x200f], [0x2028, 0x202f], [0x205f, 0x206f],
  [0x27e6, 0x27e7], [0x2800, 0x2800], [0x3000, 0x3000], [0x3164, 0x3164], [0xd800, 0xf8ff], [0xfdd0, 0xfdef],
  [0xfe00, 0xfe0f], [0xfeff, 0xfeff], [0xffa0, 0xffa0], [0xfff0, 0xfffc], [0xfffe, 0xffff], [0x13430, 0x1345f],
  [0x1bca0, 0x1bca3], [0x1d173, 0x1d17a], [0xe0000, 0x10ffff],
]

/**
 * Combining marks: the fourth in a row, and all after it, are tokens.
 * @type {[number, number][]}
 */
export const MARKS = [
  [0x0300, 0x036f], [0x0483, 0x0489], [0x1ab0, 0x1aff], [0x1dc0, 0x1dff], [0x20d0, 0x20ff], [0xfe20, 0xfe2f],
]

const MOST_MARKS = 3

/**
 * Replaces each hidden character by a token like `⟦U+202E⟧`; two different texts never look the same.
 * @param {string} text
 * @param {{lines?: boolean}} [options] with `lines`, line feed and tab stay and do not count as hidden
 * @returns {{text: string, hidden: boolean}}
 */
export function visible(text, { lines = false } = {}) {
  let shown = ''
  let hidden = false
  let marks = 0
  for (const character of text) {
    const point = /** @type {number} */ (character.codePointAt(0))
    const stays = lines && (character === '\n' || character === '\t')
    const stacked = within(MARKS, point) && ++marks > MOST_MARKS
    if (!within(MARKS, point)) marks = 0
    if (!stays && (stacked || within(HIDDEN, point))) {
      shown += `⟦U+${point.toString(16).toUpperCase().padStart(4, '0')}⟧`
      hidden = true
    } else {
      shown += character
    }
  }
  return { text: shown, hidden }
}

/**
 * @param {[number, number][]} ranges
 * @param {number} point
 */
function within(ranges, point) {
  if (point > 0x1f && point < 0x7f) return false
  return ranges.some(([first, last]) => point >= first && point <= last)
}
