/**
 * The way back from another app or page: what it brought along is the answer to the step-up that was left.
 */

import { isLeft, Unreachable } from '../api.js'
import { fill, h } from '../dom.js'
import { give } from '../step_up/hub.js'
import { cameBackTo, LINKING } from '../step_up/kept.js'
import { t } from '../words.js'

const BROUGHT = ['code', 'state', 'iss', 'error']
/** Characters; some providers' codes have thousands. */
const LONGEST = 8192

/** @type {import('../context.js').Screen} */
export async function cameBack({ root, session, query, fragment, replace }) {
  const nonce = new URLSearchParams(fragment).get('return_nonce')
  const answer = nonce === null ? brought(query) : { return_nonce: nonce }
  const found = session ? cameBackTo(session.person.person_id, query.get('state')) : null
  if (!found) {
    return fill(root, h('div', { class: 'empty' }, h('h1', {}, t('return.unknown')), h('p', {}, t('return.unknown_lead')),
      h('a', { class: 'button primary', href: '/app/' }, t('return.inbox'))))
  }
  const { place, kept } = found
  const hand = async () => {
    fill(root, h('div', { class: 'empty' }, h('h1', {}, t('return.going_on')), h('p', { role: 'status' }, t('prove.beginning'))))
    try {
      if (Object.keys(answer).length > 0) await give(kept.stepUpId, answer)
    } catch (error) {
      if (isLeft(error)) return
      if (error instanceof Unreachable) {
        return fill(root, h('div', { class: 'empty' }, h('h1', {}, t('return.going_on')), h('p', { class: 'message', role: 'alert' }, t('prove.unreachable')),
          h('button', { type: 'button', class: 'primary', onclick: () => void hand() }, t('common.again'))))
      }
      // What became of it is said where it was begun.
    }
    replace(place === LINKING ? '/app/devices' : `/app/escalations/${encodeURIComponent(place)}`)
  }
  await hand()
}

/** What a provider sent along in the address. @param {URLSearchParams} query @returns {Record<string, string>} */
export function brought(query) {
  return Object.fromEntries(BROUGHT.flatMap((name) => {
    const value = query.get(name)
    return value === null || value.length > LONGEST ? [] : [[name, value]]
  }))
}
