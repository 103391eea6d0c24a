/**
 * A passkey for somebody who has a key in this browser: that key signs for the new one.
 */

import { isLeft } from './api.js'
import { h } from './dom.js'
import { linkPasskey } from './enrolment.js'
import { icon } from './icons.js'
import { hasPasskeys } from './passkey.js'
import { ownKey } from './session.js'
import { t } from './words.js'

/**
 * A button for it, or null where nothing here could sign for one. Who has none yet is told why they should; others may
 * add one on a security key, which counts where copied ones do not.
 * @param {string} personId
 * @param {import('./session.js').Device[]} keys the person's
 * @param {AbortSignal} signal
 * @param {(said: HTMLElement) => Promise<void>} onAdded
 * @returns {Promise<{node: Node, first: boolean} | null>}
 */
export async function passkeyOffer(personId, keys, signal, onAdded) {
  const key = await ownKey()
  if (!hasPasskeys || key?.personId !== personId) return null
  const signs = keys.some(({ device_id: id, state }) => id === key.deviceId && state === 'active')
  if (!signs) return null
  const first = !keys.some(({ kind, state }) => kind === 'passkey' && state === 'active')
  const message = h('p', { class: 'message', role: 'alert' })
  const add = async () => {
    button.disabled = true
    message.textContent = ''
    try {
      await linkPasskey(personId, { kind: 'device_key', key })
      await onAdded(h('p', { class: 'notice good', role: 'status', tabindex: -1 }, icon('check'), h('span', {}, t('enrol.passkey_done'))))
    } catch (error) {
      if (isLeft(error) || signal.aborted) return
      message.textContent = t(error instanceof DOMException ? 'sign_in.stopped' : 'add_passkey.failed')
      button.disabled = false
    }
  }
  const button = h('button', { type: 'button', class: 'secondary', onclick: () => void add() },
    t(first ? 'add_passkey.button' : 'add_passkey.another'))
  const node = first
    ? h('section', { class: 'notice', 'aria-label': t('add_passkey.button') }, icon('key'), h('div', {}, h('p', {}, t('add_passkey.why')), button, message))
    : h('div', {}, h('p', { class: 'quiet-text' }, t('add_passkey.another_why')), button, message)
  return { node, first }
}
