/**
 * From a step-up to what it asks of the person.
 */

import { fill, h } from '../dom.js'
import { icon } from '../icons.js'
import { usePasskey } from '../passkey.js'
import { t, tOr } from '../words.js'
import { codeWay } from './code_way.js'
import { eidWay } from './eid_way.js'
import { give } from './hub.js'
import { newApp } from './new_app.js'
import { refused, settle, spoken, whileOnline } from './stage.js'

/** @typedef {import('./stage.js').Stage} Stage */

/**
 * Paints a running step-up.
 * @param {Stage} stage
 */
export function enter(stage) {
  const { shown, method } = stage.step
  if (shown['options']) passkeyWay(stage)
  else if (typeof shown['redirect'] === 'string') leavingWay(stage, shown['redirect'])
  else if (shown['digits'] !== undefined) codeWay(stage, ...(shown['uri'] ? newApp(shown) : []))
  else if (shown['message'] || shown['qr'] || shown['auto_start'] || shown['link']) eidWay(stage)
  else fill(stage.root, h('p', {}, t('prove.unknown_way', { name: tOr('way', method) })))
}

/** The browser's own dialog signs the challenge. @param {Stage} stage */
function passkeyWay(stage) {
  const { step, signal } = stage
  const message = spoken('message', 'alert')
  const button = h('button', { type: 'button', class: 'primary wide', onclick: () => void touch() }, icon('key'), t('prove.use_passkey'))
  let busy = false
  let online = true
  const paint = () => (button.disabled = busy || !online)
  const touch = async () => {
    if (busy) return
    busy = true
    message.say('')
    paint()
    try {
      settle(stage, await give(step.step_up_id, await usePasskey(step.shown['options'], { signal })))
    } catch (error) {
      await refused(stage, error, (_, why) => message.say(why))
    } finally {
      busy = false
      paint()
    }
  }
  fill(stage.root, h('p', {}, t('prove.passkey_how')), message.node, button)
  whileOnline(signal, (reachable) => {
    online = reachable
    paint()
  })
  if (stage.touched) void touch()
}

/**
 * The person proves it on another page and is sent back to `/return`.
 * @param {Stage} stage
 * @param {string} address
 */
function leavingWay(stage, address) {
  const name = tOr('way', stage.step.method)
  const target = safe(address)
  if (target === null) return stage.onEnded('provider_misconfigured')
  const go = () => {
    stage.onLeft()
    location.assign(target)
  }
  fill(stage.root, h('p', {}, t('prove.leaving', { name, host: new URL(target).host })),
    h('button', { type: 'button', class: 'primary wide', onclick: go }, t('prove.go', { name })))
  if (stage.touched) go()
}

/** Another page is https, or on this computer. @param {string} address */
function safe(address) {
  if (!URL.canParse(address)) return null
  const { protocol, hostname } = new URL(address)
  const here = protocol === 'http:' && ['localhost', '127.0.0.1', '[::1]'].includes(hostname)
  return protocol === 'https:' || here ? address : null
}
