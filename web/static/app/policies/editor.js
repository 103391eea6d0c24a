/**
 * A text with numbers beside its lines. What is wrong is marked there, and a place can be gone to.
 */

import { fill, h } from '../dom.js'

const LEAST = 14
const MOST = 36

/**
 * @typedef {object} Editor
 * @property {HTMLElement} node
 * @property {HTMLTextAreaElement} area
 * @property {(marks: Map<number, 'wrong' | 'look'>) => void} mark lines, from 1 on
 * @property {(line: number, column: number) => void} goTo puts the caret there
 * @property {(text: string) => void} put another text, which can be undone in the browser's own way
 */

/**
 * @param {{id: string, label: string, text: string, readOnly: boolean, describedBy: string, onInput: () => void}} options
 * @returns {Editor}
 */
export function editor({ id, label, text, readOnly, describedBy, onInput }) {
  const gutter = h('div', { class: 'gutter', 'aria-hidden': 'true' })
  const area = h('textarea', {
    id, class: 'code', wrap: 'off', spellcheck: 'false', autocapitalize: 'off', autocomplete: 'off', autocorrect: 'off',
    translate: 'no', readonly: readOnly, 'aria-describedby': describedBy,
  })
  area.value = text
  /** @type {Map<number, 'wrong' | 'look'>} */
  let marked = new Map()
  let lines = 0
  const number = () => {
    const count = area.value.split('\n').length
    if (count === lines) return
    lines = count
    area.rows = Math.min(MOST, Math.max(LEAST, count + 1))
    fill(gutter, ...Array.from({ length: count }, (_, index) => h('span', {}, index + 1)))
    paint()
  }
  const paint = () => {
    Array.from(gutter.children).forEach((each, index) => {
      const kind = marked.get(index + 1)
      each.className = kind ?? ''
      each.textContent = String(index + 1)
    })
  }
  area.addEventListener('input', () => {
    number()
    onInput()
  })
  area.addEventListener('scroll', () => (gutter.scrollTop = area.scrollTop))
  area.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || event.shiftKey || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return
    const before = area.value.slice(0, area.selectionStart)
    const [indent = ''] = /^ *(?:- +)?/.exec(before.slice(before.lastIndexOf('\n') + 1)) ?? []
    if (!indent) return
    event.preventDefault()
    insert(area, '\n' + ' '.repeat(indent.length))
  })
  number()
  return {
    node: h('div', { class: 'editing' }, h('label', { for: id }, label), h('div', { class: 'editor' }, gutter, area)),
    area,
    mark(marks) {
      marked = marks
      area.setAttribute('aria-invalid', String([...marks.values()].includes('wrong')))
      paint()
    },
    goTo(line, column) {
      const before = area.value.split('\n').slice(0, line - 1)
      const at = before.reduce((sum, each) => sum + each.length + 1, 0) + column - 1
      area.focus()
      area.setSelectionRange(at, at)
      const height = area.scrollHeight / Math.max(1, lines)
      area.scrollTop = Math.max(0, (line - 4) * height)
    },
    put(next) {
      area.focus()
      area.select()
      insert(area, next)
    },
  }
}

/**
 * As if it were typed, so that the browser can undo it.
 * @param {HTMLTextAreaElement} area
 * @param {string} text
 */
function insert(area, text) {
  if (document.execCommand('insertText', false, text)) return
  area.setRangeText(text, area.selectionStart, area.selectionEnd, 'end')
  area.dispatchEvent(new Event('input', { bubbles: true }))
}
