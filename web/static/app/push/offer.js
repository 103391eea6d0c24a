/**
 * "Be told on this device": offered once in the inbox, to whoever could be told here and is not. It can be put away.
 */

import { isLeft } from '../api.js'
import { h } from '../dom.js'
import { icon } from '../icons.js'
import { t } from '../words.js'
import { isPutAway, putAway } from './kept.js'
import { NotSubscribed, standing, turnOn } from './subscribing.js'
import { steps } from './switch.js'

/**
 * A notice with two buttons, or null where there is nothing to offer.
 * @param {import('../session.js').Session} session
 * @param {AbortSignal} signal
 * @returns {Promise<Node | null>}
 */
export async function pushOffer(session, signal) {
  if (await isPutAway()) return null
  const is = await standing(session, signal).catch((error) => {
    if (isLeft(error)) throw error
    // An offer is not worth a screen.
    return null
  })
  if (is !== 'off' && is !== 'install') return null
  const message = h('p', { class: 'message', role: 'alert' })
  const leave = async () => {
    await putAway()
    notice.remove()
    document.querySelector('h1')?.focus()
  }
  const take = async () => {
    on.disabled = true
    message.textContent = ''
    try {
      if (!(await turnOn(session))) {
        // What the browser was told once, nobody asks here again; under Devices it says what to do.
        await putAway()
        return notice.replaceChildren(icon('phone'), h('p', { role: 'status' }, t(Notification.permission === 'denied' ? 'push_is.blocked' : 'push.not_now')))
      }
      notice.replaceWith(h('p', { class: 'notice good', role: 'status' }, icon('check'), h('span', {}, t('push.done'))))
    } catch (error) {
      message.textContent = t(error instanceof NotSubscribed ? 'push.no_service' : 'push.failed')
      on.disabled = false
    }
  }
  const on = h('button', { type: 'button', class: 'secondary', onclick: () => void take() }, t('push.offer_on'))
  const away = h('button', { type: 'button', class: 'quiet', onclick: () => void leave() }, t('push.offer_away'))
  const notice = h('section', { class: 'notice', 'aria-label': t('push.offer') }, icon('phone'),
    h('div', {}, h('p', {}, h('strong', {}, t('push.offer'))), h('p', { class: 'quiet-text' }, t(is === 'off' ? 'push.offer_why' : 'push_is.install')),
      is === 'install' ? steps() : null, h('div', { class: 'side-by-side' }, away, is === 'off' ? on : null), message))
  return notice
}
