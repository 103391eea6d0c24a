/**
 * New keys of invited people, for whoever invited them: the digits on both screens must be the same.
 */

import { ask, isLeft, Problem } from './api.js'
import { h } from './dom.js'
import { icon } from './icons.js'
import { t } from './words.js'
import { visible } from '../shared/visible.js'

/** @typedef {{device_id: string, person: {person_id: string, name: string}, digits: string, kind: string}} Pending */

/**
 * One notice per key that waits, or null.
 * @param {import('./session.js').Session} session
 * @param {AbortSignal} signal
 * @returns {Promise<Node | null>}
 */
export async function pendingDevices(session, signal) {
  try {
    const answer = await ask('GET', `/v1/orgs/${session.org.org_id}/pending-devices`, undefined, { signal })
    const notices = answer['items'].map(notice)
    return notices.length > 0 ? h('div', {}, ...notices) : null
  } catch (error) {
    if (error instanceof Problem && (error.status === 403 || error.status === 404)) return null
    throw error
  }
}

/** @param {Pending} pending */
function notice(pending) {
  const name = visible(pending.person.name).text
  const message = h('p', { class: 'message', role: 'alert' })
  /** @param {() => Promise<unknown>} work @param {import('./words.js').Key} done */
  const settle = async (work, done) => {
    try {
      await work()
      node.replaceWith(h('p', { class: 'notice good', role: 'status' }, icon('check'), h('span', {}, t(done, { name }))))
    } catch (error) {
      if (!isLeft(error)) message.textContent = t('devices.failed')
    }
  }
  const path = `/v1/devices/${pending.device_id}`
  const node = h('section', { class: 'notice strong', 'aria-label': t('pending.title', { name }) }, icon('phone'),
    h('div', {},
      h('p', {}, t('pending.what', { name })),
      h('p', { class: 'digits' }, h('span', {}, pending.digits.slice(0, 3)), ' ', h('span', {}, pending.digits.slice(3))),
      h('div', { class: 'side-by-side' },
        h('button', { type: 'button', class: 'secondary', onclick: () => void settle(() => ask('DELETE', path), 'pending.refused') }, t('pending.refuse')),
        h('button', { type: 'button', class: 'primary', onclick: () => void settle(() => ask('POST', `${path}/confirmation`, { digits: pending.digits }), 'pending.confirmed') }, t('pending.confirm'))),
      message))
  return node
}
