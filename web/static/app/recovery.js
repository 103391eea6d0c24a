/**
 * Lost keys, seen by whoever still has one: codes for paper, and a recovery that somebody else may have begun.
 */

import { ask, isLeft } from './api.js'
import { fill, h } from './dom.js'
import { freshFactor } from './fresh.js'
import { icon } from './icons.js'
import { sheet } from './sheet.js'
import { t, when } from './words.js'
import { visible } from '../shared/visible.js'

/** @typedef {{recovery_id: string, state: string, opened_at: string, counts_at: string | null}} Recovery */

/**
 * A notice for a recovery that is under way, with a button that stops it; null where there is none.
 * @param {AbortSignal} signal
 * @returns {Promise<Node | null>}
 */
export async function recoveryNotice(signal) {
  /** @type {Recovery[]} */
  const all = (await ask('GET', '/v1/recoveries', undefined, { signal }))['items']
  const live = all.find(({ state }) => state === 'open' || state === 'waiting')
  if (!live) return null
  const message = h('p', { class: 'message', role: 'alert' })
  const stop = async () => {
    try {
      await ask('DELETE', `/v1/recoveries/${live.recovery_id}`)
      node.replaceWith(h('p', { class: 'notice good', role: 'status' }, icon('check'), h('span', {}, t('recover.stopped'))))
    } catch (error) {
      if (!isLeft(error)) message.textContent = t('devices.failed')
    }
  }
  const node = h('section', { class: 'notice strong', 'aria-label': t('recover.live') }, icon('high'),
    h('div', {}, h('p', {}, t('recover.live_what', { when: when(live.opened_at) })),
      h('button', { type: 'button', class: 'deny plain', onclick: () => void stop() }, t('recover.stop')), message))
  return node
}

/**
 * The section of the screen Devices: how many codes are left, and new ones.
 * @param {import('./session.js').Session} session
 * @param {AbortSignal} signal
 */
export function codesSection({ person }, signal) {
  const left = h('p', { class: 'quiet-text' })
  const message = h('p', { class: 'message', role: 'alert' })
  const load = async () => {
    const count = Number((await ask('GET', '/v1/recovery-codes', undefined, { signal }))['codes_left'])
    fill(left, count === 0 ? t('codes.none') : t('codes.left', { count }))
  }
  const make = async () => {
    message.textContent = ''
    try {
      const made = await ask('POST', '/v1/recovery-codes', { fresh: await freshFactor() })
      await sheet({ title: t('codes.shown'), signal, stays: true, end: t('codes.done') }, () => [
        h('p', {}, t('codes.shown_what')),
        h('p', {}, t('codes.who'), ' ', h('code', {}, visible(person.email ?? person.person_id).text)),
        h('ul', { class: 'rows' }, ...made['codes'].map((/** @type {string} */ code) => h('li', {}, h('code', {}, code))))])
      await load()
    } catch (error) {
      if (!isLeft(error) || error instanceof DOMException) message.textContent = t('devices.failed')
    }
  }
  const node = h('section', {}, h('h2', {}, t('codes.title')), left,
    h('button', { type: 'button', class: 'secondary', onclick: () => void make() }, t('codes.make')), message)
  return { node, load }
}

/**
 * What is shown once a recovery's key is linked: it waits, and where there are digits colleagues will ask for them.
 * @param {import('./enrolment.js').Linked} linked
 */
export function waitingKey(linked) {
  const digits = linked.digits
  const counts = linked.recovery?.counts_at ?? ''
  return h('div', { class: 'welcome' }, icon('phone', 'hero'), h('h1', {}, t('recover.waits')),
    digits ? h('p', { class: 'digits' }, h('span', {}, digits.slice(0, 3)), ' ', h('span', {}, digits.slice(3))) : null,
    digits ? h('p', { class: 'lead' }, t('recover.digits')) : null,
    h('p', { class: digits ? 'quiet-text' : 'lead' }, t('recover.counts', { when: when(counts) })),
    h('a', { class: 'button secondary wide', href: '/app/sign-in' }, t('sign_in.title')))
}
