/**
 * A dialog over the page. The browser keeps the focus inside and gives it back at the end.
 */

import { h } from './dom.js'
import { t } from './words.js'

const INERT = 500

/**
 * Shows a dialog and waits for what is chosen in it; null when it is closed.
 * @template T
 * @param {{title: string, signal: AbortSignal, kind?: string, stays?: boolean, end?: import('./dom.js').Child}} options
 * stays: a tap beside it does not close it; end: what the button at its end says
 * @param {(choose: (value: T) => void) => Node[]} content
 * @returns {Promise<T | null>}
 */
export function sheet({ title, signal, kind = '', stays = false, end = t('common.cancel') }, content) {
  return new Promise((resolve) => {
    /** @type {T | null} */
    let chosen = null
    const choose = (/** @type {T} */ value) => {
      chosen = value
      dialog.close()
    }
    const heading = h('h2', { id: 'sheet-title', tabindex: -1 }, title)
    const close = h('button', { type: 'button', class: 'quiet', onclick: () => dialog.close() }, end)
    const dialog = h('dialog', { class: `sheet ${kind}`, 'aria-labelledby': 'sheet-title' },
      heading, ...content(choose), h('div', { class: 'sheet-end' }, close))
    const leave = () => dialog.close()
    dialog.addEventListener('close', () => {
      signal.removeEventListener('abort', leave)
      dialog.remove()
      resolve(chosen)
    })
    dialog.addEventListener('click', (event) => {
      if (event.target === dialog && !stays) dialog.close()
    })
    signal.addEventListener('abort', leave)
    document.body.append(dialog)
    dialog.showModal()
    heading.focus()
  })
}

/**
 * A button that does nothing for the first half second, so that a double tap elsewhere never reaches it.
 * @param {import('./dom.js').Child} content
 * @param {string} kind its classes
 * @param {() => void} onPressed
 */
export function slowButton(content, kind, onPressed) {
  let ready = false
  // One clock says both that it may be pressed and whether it may: a timer ends a hair before its time by the other clock.
  const press = () => ready && onPressed()
  const button = h('button', { type: 'button', class: kind, 'aria-disabled': 'true', onclick: press }, content)
  setTimeout(() => {
    ready = true
    button.removeAttribute('aria-disabled')
  }, INERT)
  return button
}
