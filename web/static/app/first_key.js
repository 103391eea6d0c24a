/**
 * People without a key: they joined by an account elsewhere or came by a link, and can read but sign nothing yet.
 */

import { Unreachable } from './api.js'
import { h } from './dom.js'
import { icon } from './icons.js'
import { devices } from './session.js'
import { t } from './words.js'

/** @typedef {import('./session.js').Device} Device */

/** Whether none of these keys signs. @param {Device[]} keys */
export function noneCounts(keys) {
  return !keys.some(({ state }) => state === 'active')
}

/**
 * Where somebody goes who has just signed in: to their first key where they never had one, else to the inbox. Whoever lost
 * their keys is not sent to make one, as the hub would not take it.
 * @param {AbortSignal} [signal]
 * @returns {Promise<string>}
 */
export async function placeAfterSignIn(signal) {
  const keys = await devices(signal).catch((error) => {
    // Who is signed in stays so; the inbox says it again.
    if (error instanceof Unreachable) return null
    throw error
  })
  if (keys === null) return '/app/'
  return noneCounts(keys) && !keys.some(({ state }) => state === 'revoked') ? '/app/enrol' : '/app/'
}

/** Says that this person signs nothing yet, and where that changes. */
export function noKeyNotice() {
  return h('section', { class: 'notice strong', 'aria-label': t('first_key.title') }, icon('key'),
    h('div', {}, h('p', {}, t('first_key.none')), h('a', { class: 'button secondary', href: '/app/enrol' }, t('enrol.title'))))
}
