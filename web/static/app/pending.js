/**
 * New keys of invited people, for whoever invited them: the digits on both screens must be the same.
 */

import { ask, isLeft, Problem } from './api.js'
import { h } from './dom.js'
import { freshFactor } from './fresh.js'
import { icon } from './icons.js'
import { t } from './words.js'
import { visible } from '../shared/visible.js'

/** @typedef {{joining_id: string, person: {person_id: string, name: string}, invited_name: string, digits: string}} Joining */
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

/**
 * One notice per person of this hub who follows an invitation with a key they have, or null.
 * @param {import('./session.js').Session} session
 * @param {AbortSignal} signal
 * @returns {Promise<Node | null>}
 */
export async function pendingJoinings(session, signal) {
  const path = `/v1/orgs/${session.org.org_id}/joinings`
  const answer = await ask('GET', path, undefined, { signal })
  const notices = answer['items'].map((/** @type {Joining} */ joining) => comparing({
    title: t('orgs.pending_title', { name: visible(joining.person.name).text }),
    what: t('orgs.pending_what', { name: visible(joining.person.name).text, invited: visible(joining.invited_name).text }),
    name: visible(joining.person.name).text,
    digits: joining.digits,
    path: `${path}/${joining.joining_id}`,
    refused: 'orgs.pending_refused',
    confirmed: 'orgs.pending_confirmed',
  }))
  return notices.length > 0 ? h('div', {}, ...notices) : null
}

/** @param {Pending} pending */
function notice(pending) {
  const name = visible(pending.person.name).text
  return comparing({
    title: t('pending.title', { name }),
    what: t('pending.what', { name }),
    name,
    digits: pending.digits,
    path: `/v1/devices/${pending.device_id}`,
    refused: 'pending.refused',
    confirmed: 'pending.confirmed',
  })
}

/** @param {{title: string, what: string, name: string, digits: string, path: string, refused: import('./words.js').Key, confirmed: import('./words.js').Key}} waiting */
function comparing({ title, what, name, digits, path, refused, confirmed }) {
  const message = h('p', { class: 'message', role: 'alert' })
  /** @param {() => Promise<unknown>} work @param {import('./words.js').Key} done */
  const settle = async (work, done) => {
    try {
      await work()
      node.replaceWith(h('p', { class: 'notice good', role: 'status' }, icon('check'), h('span', {}, t(done, { name }))))
    } catch (error) {
      if (!isLeft(error)) message.textContent = t(error instanceof DOMException ? 'sign_in.stopped' : 'devices.failed')
    }
  }
  const confirm = async () => ask('POST', `${path}/confirmation`, { digits, fresh: await freshFactor() })
  const node = h('section', { class: 'notice strong', 'aria-label': title }, icon('phone'),
    h('div', {},
      h('p', {}, what),
      h('p', { class: 'digits' }, h('span', {}, digits.slice(0, 3)), ' ', h('span', {}, digits.slice(3))),
      h('div', { class: 'side-by-side' },
        h('button', { type: 'button', class: 'secondary', onclick: () => void settle(() => ask('DELETE', path), refused) }, t('pending.refuse')),
        h('button', { type: 'button', class: 'primary', onclick: () => void settle(confirm, confirmed) }, t('pending.confirm'))),
      message))
  return node
}
