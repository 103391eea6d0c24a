/**
 * Long text as it is: every line on its own, wraps that show, folds that tell how much they hold.
 */

import { h } from './dom.js'
import { t } from './words.js'
import { hostsIn } from '../shared/warning.js'

const LINES = 12
const CHARACTERS = 1200

/**
 * Notices when everything that is folded has been opened and its end has been on the screen.
 */
export class Reading {
  constructor() {
    /** @type {Set<Element>} */
    this.unread = new Set()
    /** @type {() => void} */
    this.onChange = () => undefined
    this.observer = new IntersectionObserver((entries) => {
      for (const entry of entries) if (entry.isIntersecting) this.read(entry.target)
    })
  }

  /** Whether nothing is left to open or to scroll to. */
  get done() {
    return this.unread.size === 0
  }

  /**
   * Something is folded that ends here.
   * @param {Element} end
   */
  folded(end) {
    this.unread.add(end)
  }

  /**
   * It was opened; it counts as read once its end is seen.
   * @param {Element} end
   */
  opened(end) {
    this.observer.observe(end)
  }

  /** @param {Element} end */
  read(end) {
    this.observer.unobserve(end)
    this.unread.delete(end)
    this.onChange()
  }
}

/**
 * Whether a text is shown as a block of lines rather than beside its label.
 * @param {string} text already made visible
 */
export function isLong(text) {
  return text.includes('\n') || text.length > 72
}

/**
 * A text in lines. Its `textContent` is the text, character for character.
 * @param {string} text already made visible
 * @param {Reading} reading
 * @returns {{node: HTMLElement, code: HTMLElement}}
 */
export function textBlock(text, reading) {
  const lines = text.split('\n')
  const isDiff = /^(diff --git |--- |@@ )/m.test(text) && lines.some((line) => /^[+-]/.test(line))
  const numbered = lines.length > 1
  const shownLines = lines.length > LINES + 3 ? LINES : lines.length
  const code = h('code', { class: numbered ? 'lines numbered' : 'lines', lang: '' })
  let length = 0
  let cut = lines.length
  lines.forEach((line, index) => {
    length += line.length
    if (index >= shownLines || (length > CHARACTERS && index > 0)) cut = Math.min(cut, index)
    code.append(h('span', { class: lineClass(line, isDiff) }, ...emphasised(line), index < lines.length - 1 ? '\n' : null))
  })
  const block = h('pre', { class: 'text-block', tabindex: 0 }, code)
  if (cut < lines.length) {
    const folded = Array.from(code.children).slice(cut)
    return { node: fold(block, folded, t('fold.lines', { count: lines.length - cut }), reading), code }
  }
  if (text.length > 2 * CHARACTERS) {
    const characters = Array.from(text)
    const tail = h('span', {}, characters.slice(CHARACTERS).join(''))
    code.replaceChildren(h('span', {}, characters.slice(0, CHARACTERS).join('')), tail)
    return { node: fold(block, [tail], t('fold.characters', { count: characters.length - CHARACTERS }), reading), code }
  }
  return { node: block, code }
}

/**
 * Hides some elements behind a button that says how many they are.
 * @param {HTMLElement} block
 * @param {Element[]} folded
 * @param {string} label
 * @param {Reading} reading
 */
export function fold(block, folded, label, reading) {
  const end = h('span', { class: 'fold-end' }, t('fold.end'))
  const open = () => {
    for (const element of folded) element.removeAttribute('hidden')
    button.replaceWith(end)
    reading.opened(end)
    block.focus()
  }
  const button = h('button', { type: 'button', class: 'fold', onclick: open }, label)
  for (const element of folded) element.setAttribute('hidden', '')
  reading.folded(end)
  return h('div', { class: 'folding' }, block, button)
}

/**
 * The text with the hosts of its URLs in bold: where a link really leads. Nothing here is a link.
 * @param {string} text
 * @returns {(Node | string)[]}
 */
export function emphasised(text) {
  /** @type {(Node | string)[]} */
  const parts = []
  let rest = text
  for (const host of hostsIn(text)) {
    if (!host) continue
    const at = rest.indexOf('://' + host) + 3
    parts.push(rest.slice(0, at), h('strong', { class: 'host' }, host))
    rest = rest.slice(at + host.length)
  }
  parts.push(rest)
  return parts
}

/** @param {string} line @param {boolean} isDiff */
function lineClass(line, isDiff) {
  if (!isDiff) return 'line'
  if (/^\+(?!\+\+ )/.test(line)) return 'line added'
  if (/^-(?!-- )/.test(line)) return 'line removed'
  return line.startsWith('@@') ? 'line place' : 'line'
}
