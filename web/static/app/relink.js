/**
 * This browser has no key (any more): answering takes a passkey each time until it is linked again. Never by itself.
 */

import { ask, isLeft, Unreachable } from './api.js'
import { h } from './dom.js'
import { keepsKeys } from './decision.js'
import { linkKey } from './enrolment.js'
import { noKeyNotice, noneCounts } from './first_key.js'
import { icon } from './icons.js'
import { hasPasskeys } from './passkey.js'
import { devices, freshByKey, ownKey, signInWithKey } from './session.js'
import { t } from './words.js'

/** @typedef {import('./session.js').Session} Session */

/**
 * A notice with a button, or null when this browser has its key or can keep none.
 * @param {Session} session
 * @param {AbortSignal} signal
 * @returns {Promise<Node | null>}
 */
export async function relinkNotice(session, signal) {
  const key = await ownKey()
  const all = await devices(signal).catch((error) => {
    // A notice is not worth a screen: without contact there is none.
    if (error instanceof Unreachable) return null
    throw error
  })
  if (all === null) return null
  if (noneCounts(all)) return noKeyNotice()
  if (key?.personId === session.person.person_id) return null
  if (!hasPasskeys) return null
  if (!(await keepsKeys())) return h('p', { class: 'notice' }, icon('key'), h('span', {}, t('relink.no_store')))
  const lost = all.find(({ kind, current, state }) => kind === 'device_key' && current && state === 'active')
  const passkey = all.find(({ kind, state }) => kind === 'passkey' && state === 'active')
  if (!passkey) return lost ? h('p', { class: 'notice strong' }, icon('high'), h('span', {}, t('relink.no_passkey'))) : null

  const message = h('p', { class: 'message', role: 'alert' })
  const link = async () => {
    button.disabled = true
    message.textContent = ''
    try {
      const { persisted } = await linkKey(session.person.person_id, { kind: 'passkey', device: passkey })
      if (lost) await replace(lost)
      notice.replaceWith(h('p', { class: 'notice good', role: 'status' }, icon('check'),
        h('span', {}, t('relink.done'), ' ', t(persisted ? 'enrol.persisted' : 'enrol.not_persisted'))))
    } catch (error) {
      if (isLeft(error)) return
      message.textContent = t('relink.failed')
      button.disabled = false
    }
  }
  const button = h('button', { type: 'button', class: 'secondary', onclick: () => void link() }, t('relink.button'))
  const notice = h('section', { class: lost ? 'notice strong' : 'notice', 'aria-label': t('relink.button') },
    icon(lost ? 'high' : 'phone'),
    h('div', {}, h('p', {}, t(lost ? 'relink.lost' : 'relink.offer')), button, message))
  return notice
}

/**
 * The new key opens a session of its own before the old key ends: with that one its sessions end too.
 * @param {import('./session.js').Device} lost
 */
async function replace(lost) {
  const key = await ownKey()
  if (key) await signInWithKey(key)
  await ask('DELETE', `/v1/devices/${lost.device_id}`, key ? { fresh: await freshByKey(key) } : {})
}
