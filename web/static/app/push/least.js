/**
 * "Say only who asks": a person has less said on their lock screen than their organisation allows.
 */

import { ask, isLeft } from '../api.js'
import { h } from '../dom.js'
import { t } from '../words.js'

/**
 * The switch; it shows nothing until the hub has said how it stands.
 * @param {AbortSignal} signal
 */
export function leastSwitch(signal) {
  const message = h('p', { class: 'message', role: 'alert' })
  const knob = h('button', {
    type: 'button', role: 'switch', class: 'switch', 'aria-checked': 'false', 'aria-describedby': 'least-what', onclick: () => void press(),
  }, h('span', {}, t('least.switch')), h('span', { class: 'knob', 'aria-hidden': 'true' }))
  const node = h('div', { hidden: true }, knob, h('p', { class: 'quiet-text', id: 'least-what' }, t('least.what')), message)

  /** @param {{least: boolean}} stands */
  const paint = ({ least }) => {
    knob.setAttribute('aria-checked', String(least))
    node.hidden = false
  }
  const load = async () => {
    const stands = await ask('GET', '/v1/disclosure', undefined, { signal })
    paint(/** @type {{least: boolean}} */ (stands))
  }
  const press = async () => {
    if (knob.disabled) return
    knob.disabled = true
    message.textContent = ''
    try {
      const least = knob.getAttribute('aria-checked') !== 'true'
      paint(/** @type {{least: boolean}} */ (await ask('PUT', '/v1/disclosure', { least })))
    } catch (error) {
      if (!isLeft(error)) message.textContent = t('push.failed')
    }
    knob.disabled = false
    if (knob.isConnected) knob.focus()
  }
  return { node, load }
}
