/**
 * The key of a new authenticator app: a picture to scan from another device, a link for an app on this one, and the key
 * itself as text.
 */

import { h } from '../dom.js'
import { t } from '../words.js'
import { qrPicture } from './qr_picture.js'

/**
 * @param {Record<string, any>} shown the `key` and the `uri` of the way
 * @returns {Node[]}
 */
export function newApp(shown) {
  const key = String(shown['key'])
  const uri = String(shown['uri'])
  const picture = qrPicture(t('new_app.qr'))
  const copied = h('span', { class: 'quiet-text', role: 'status' })
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(key.replaceAll(' ', ''))
      copied.textContent = t('new_app.copied')
    } catch {
      copied.textContent = t('new_app.not_copied')
    }
  }
  return [
    h('p', {}, t('new_app.how')),
    picture.show(uri) ? h('div', { class: 'qr-frame small' }, picture.node) : h('span'),
    h('div', { class: 'secret' }, h('p', { class: 'quiet-text', id: 'new-key' }, t('new_app.key')),
      h('code', { class: 'secret-key', 'aria-labelledby': 'new-key', tabindex: 0 }, key),
      h('div', { class: 'side-by-side' },
        h('button', { type: 'button', class: 'secondary', onclick: () => void copy() }, t('new_app.copy')),
        uri.startsWith('otpauth:') ? h('a', { class: 'button secondary', href: uri }, t('new_app.open')) : null),
      copied),
  ]
}
