/**
 * Saying something to who cannot see that it changed, without taking anything away from them.
 */

import { h } from './dom.js'

/** Milliseconds. A screen reader listens to a region that it has met, and to no other. */
const MET = 150

/**
 * A line that screen readers read out when there is time. Where a dialog is open, everything behind it is silent: then it
 * is said there, and seen too.
 * @param {Element} root
 * @returns {(text: string) => void}
 */
export function announcer(root) {
  const region = h('p', { class: 'unseen', role: 'status' })
  root.append(region)
  return (text) => {
    const dialog = document.querySelector('dialog[open]')
    if (!dialog) {
      region.textContent = text
      return
    }
    const there = dialog.querySelector('.meanwhile') ?? h('p', { class: 'quiet-text meanwhile', role: 'status' })
    if (!there.isConnected) dialog.append(there)
    setTimeout(() => (there.textContent = text), MET)
  }
}
