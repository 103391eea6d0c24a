/**
 * A QR code on the page: black on white with its quiet zone in both themes, as scanners want it.
 */

import { svg } from '../dom.js'
import { qrMatrix } from '../../shared/qr.js'

const QUIET = 4

/**
 * @param {string} label what it is, for who cannot see it
 * @returns {{node: Element, show: (text: string) => boolean}} show: draws a text; false where it is too long for a code
 */
export function qrPicture(label) {
  const paper = svg('rect', { class: 'qr-paper', x: 0, y: 0 })
  const ink = svg('path', { class: 'qr-ink' })
  const node = svg('svg', { class: 'qr', role: 'img', 'aria-label': label, 'shape-rendering': 'crispEdges' }, paper, ink)
  let drawn = ''
  const show = (/** @type {string} */ text) => {
    if (text === drawn) return true
    let matrix
    try {
      matrix = qrMatrix(text)
    } catch (error) {
      if (error instanceof RangeError) return false
      throw error
    }
    drawn = text
    const size = String(matrix.length + 2 * QUIET)
    node.setAttribute('viewBox', `0 0 ${size} ${size}`)
    paper.setAttribute('width', size)
    paper.setAttribute('height', size)
    ink.setAttribute('d', outline(matrix))
    return true
  }
  return { node, show }
}

/** One rectangle for each run of dark modules. @param {boolean[][]} matrix */
function outline(matrix) {
  return matrix.flatMap((line, row) => {
    const text = line.map((dark) => (dark ? '1' : '0')).join('')
    return [...text.matchAll(/1+/g)].map(({ 0: run, index }) => `M${index + QUIET} ${row + QUIET}h${run.length}v1h-${run.length}z`)
  }).join('')
}
