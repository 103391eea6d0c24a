/**
 * What in a text may deceive the eye. The twin of `approvals_hub/domain/warning.py`.
 */

import { visible } from './visible.js'

/** Every warning there is, in the order in which they are given. */
export const CODES = [
  'hidden_characters', 'lookalike_letters', 'mixed_direction', 'international_host', 'user_in_url',
]

const LOOKALIKE = /[\u0370-\u03FF\u0400-\u052F\u0530-\u058F\u13A0-\u13FF\u1C80-\u1C8F\uFF21-\uFF3A\uFF41-\uFF5A]/
const RIGHT = /[\u0590-\u08FF\uFB1D-\uFDFF\uFE70-\uFEFE\u{10800}-\u{10FFF}\u{1E800}-\u{1EFFF}]/u
const INTERNATIONAL = /[^\x00-\x7F]|(?:^|[.@])xn--/i
const DOMAIN_PATH = '/relying_party/domain'

/**
 * The codes of what may deceive in a field: its member name and, when `isText`, its value.
 * @param {string} path
 * @param {string} text
 * @param {boolean} isText
 * @returns {string[]}
 */
export function warningsOf(path, text, isText) {
  const shown = isText ? text : ''
  const hosts = path === DOMAIN_PATH ? [shown] : hostsIn(shown)
  const found = [
    visible(shown, { lines: true }).hidden || visible(path).hidden,
    mixes(shown) || mixes(path),
    (RIGHT.test(shown) && /[A-Za-z0-9]/.test(shown)) || RIGHT.test(path),
    hosts.some((host) => INTERNATIONAL.test(host)),
    hosts.some((host) => host.includes('@')),
  ]
  return CODES.filter((_, index) => found[index])
}

/**
 * The authorities of all URLs in a text.
 * @param {string} text
 */
export function hostsIn(text) {
  return Array.from(text.matchAll(/:\/\/([^/?# \t\n\r]*)/g), (match) => match[1] ?? '')
}

/**
 * Some word has Latin letters and such that look like them.
 * @param {string} text
 */
function mixes(text) {
  return text.split(/[ \t\n\r/]+/).some((word) => LOOKALIKE.test(word) && /[A-Za-z]/.test(word))
}
