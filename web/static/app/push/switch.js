/**
 * "Notifications on this device": a switch with what it does beside it, or why there is none and what to do about it.
 */

import { isLeft } from '../api.js'
import { fill, h } from '../dom.js'
import { t } from '../words.js'
import { putAway } from './kept.js'
import { leastSwitch } from './least.js'
import { NotSubscribed, standing, turnOff, turnOn } from './subscribing.js'

/** @typedef {import('./subscribing.js').Standing} Standing */

/**
 * The section; it shows nothing until `load` was called, and nothing where the hub tells no browsers.
 * @param {import('../session.js').Session} session
 * @param {AbortSignal} signal
 * @param {() => Promise<unknown>} changed called when it was turned on or off
 */
export function pushSwitch(session, signal, changed) {
  const what = h('p', { class: 'quiet-text', id: 'push-what' })
  const place = h('div')
  const message = h('p', { class: 'message', role: 'alert' })
  const knob = h('button', {
    type: 'button', role: 'switch', class: 'switch', 'aria-checked': 'false', 'aria-describedby': 'push-what', onclick: () => void press(),
  }, h('span', {}, t('push.switch')), h('span', { class: 'knob', 'aria-hidden': 'true' }))
  const least = leastSwitch(signal)
  const node = h('section', { class: 'push', hidden: true }, h('h2', {}, t('push.title')), place, what, message, least.node)

  /** @param {Standing} is */
  const paint = (is) => {
    node.hidden = is === 'no_channel'
    if (is === 'no_channel') return
    what.textContent = t(`push_is.${is}`)
    const on = is === 'on'
    knob.setAttribute('aria-checked', String(on))
    fill(place, on || is === 'off' ? knob : is === 'install' ? steps() : null)
  }
  const load = async () => {
    const is = await standing(session, signal)
    if (signal.aborted) return
    paint(is)
    if (is === 'on') await least.load()
    else least.node.hidden = true
  }
  const press = async () => {
    if (knob.disabled) return
    knob.disabled = true
    message.textContent = ''
    try {
      if (knob.getAttribute('aria-checked') === 'true') {
        await turnOff()
        await putAway()
      } else await turnOn(session)
    } catch (error) {
      message.textContent = t(error instanceof NotSubscribed ? 'push.no_service' : 'push.failed')
    }
    knob.disabled = false
    await changed().catch((error) => isLeft(error) || console.warn(error))
    if (knob.isConnected) knob.focus()
  }
  // Permissions are changed in the browser's own settings, beside this page or above it.
  const look = () => document.hidden || void load().catch(() => undefined)
  document.addEventListener('visibilitychange', look, { signal })
  navigator.permissions?.query({ name: 'notifications' })
    .then((permission) => permission.addEventListener('change', look, { signal })).catch(() => undefined)
  return { node, load }
}

/** How a page comes onto the home screen of an iPhone or iPad, where alone it can be told things. */
export function steps() {
  return h('ol', { class: 'steps' }, h('li', {}, t('push.step_share')), h('li', {}, t('push.step_add')), h('li', {}, t('push.step_open')))
}
