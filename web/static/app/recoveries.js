/**
 * Lost keys of colleagues, for owners and admins: a link for a new key, who is on the way to one, stopping and hurrying it.
 */

import { ask, isLeft, Problem } from './api.js'
import { fill, h } from './dom.js'
import { freshFactor } from './fresh.js'
import { icon } from './icons.js'
import { sheet } from './sheet.js'
import { t, tOr, when } from './words.js'
import { visible } from '../shared/visible.js'

/** @typedef {{recovery_id: string, person_id: string, way: string, state: string, opened_by: string, opened_at: string, counts_at: string | null}} Recovery */
/** @typedef {{break_glass_id: string, recovery_id: string, state: string, asked_by: string, expires_at: string, reason: string}} Glass */
/** @typedef {{person_id: string, name: string, state: string}} Member */

const REASON_LIMIT = 1000
/** @type {Record<string, import('./words.js').Key>} refusals that have words of their own */
const REFUSALS = {
  no_approvers: 'recoveries.no_approvers',
  never_had_key: 'recoveries.never_had_key',
  several_organisations: 'recoveries.several_organisations',
  role_not_grantable: 'recoveries.role_not_grantable',
}
/** @type {Record<string, import('./words.js').Key>} */
const WAYS = { code: 'recoveries.way_code', colleagues: 'recoveries.way_colleagues', host: 'recoveries.way_host' }

/** How somebody comes to a new key, in words. @param {string} way */
export function wayWords(way) {
  return t(WAYS[way] ?? 'recoveries.way_colleagues')
}

/** What became of a recovery, in a word. @param {string} state */
export function recoveryIs(state) {
  return tOr('recovery_is', state)
}

/**
 * The section of the screen Devices.
 * @param {import('./session.js').Session} session
 * @param {AbortSignal} signal
 */
export function colleaguesRecoveries(session, signal) {
  const base = `/v1/orgs/${session.org.org_id}`
  const me = session.person.person_id
  /** @type {Member[]} */
  let members = []
  const rows = h('div', { class: 'cards' })
  const message = h('p', { class: 'message', role: 'alert' })
  /** @param {string} what @returns {Promise<any[]>} */
  const items = async (what) => (await ask('GET', `${base}/${what}`, undefined, { signal }))['items']
  /** @param {string} id */
  const name = (id) => visible(members.find(({ person_id }) => person_id === id)?.name ?? id).text

  const load = async () => {
    const [recoveries, glasses, people] = await Promise.all([items('recoveries'), items('break-glass'), items('members')])
    members = people
    const live = recoveries.filter((/** @type {Recovery} */ { state, person_id }) => (state === 'open' || state === 'waiting') && person_id !== me)
    fill(rows, ...live.map((/** @type {Recovery} */ recovery) => notice(recovery,
      glasses.find((/** @type {Glass} */ { recovery_id, state }) => recovery_id === recovery.recovery_id && (state === 'asked' || state === 'open')))))
  }
  /** @param {() => Promise<unknown>} work */
  const attempt = async (work) => {
    message.textContent = ''
    try {
      await work()
      await load()
    } catch (error) {
      if (isLeft(error)) return
      message.textContent = t((error instanceof Problem && REFUSALS[error.code]) || 'devices.failed')
    }
  }
  /** @param {string} method @param {string} path @param {Record<string, unknown>} [body] */
  const freshly = async (method, path, body = {}) => ask(method, path, { ...body, fresh: await freshFactor() })

  /** @param {Recovery} recovery @param {Glass | undefined} glass */
  const notice = (recovery, glass) => h('section', { class: 'notice strong', 'aria-label': t('recoveries.live', { name: name(recovery.person_id) }) }, icon('high'),
    h('div', {},
      h('p', {}, t('recoveries.live_what', { name: name(recovery.person_id), way: wayWords(recovery.way), when: when(recovery.opened_at) })),
      recovery.counts_at ? h('p', { class: 'quiet-text' }, t('recoveries.counts', { when: when(recovery.counts_at) })) : null,
      glass ? h('p', {}, t(glass.state === 'open' ? 'recoveries.hurried' : 'recoveries.asked',
        { name: name(glass.asked_by), reason: visible(glass.reason).text, when: when(glass.expires_at) })) : null,
      h('div', { class: 'side-by-side' },
        h('button', { type: 'button', class: 'deny plain', onclick: () => void attempt(() => ask('DELETE', `/v1/recoveries/${recovery.recovery_id}`)) }, t('recover.stop')),
        recovery.way === 'colleagues' ? hurrying(recovery, glass) : null)))

  /** The one button of break-glass that makes sense now. @param {Recovery} recovery @param {Glass | undefined} glass */
  const hurrying = (recovery, glass) => {
    if (!glass) return h('button', { type: 'button', class: 'secondary', onclick: () => void hurry(recovery) }, t('recoveries.hurry'))
    const path = `${base}/break-glass/${glass.break_glass_id}`
    if (glass.state === 'open' || glass.asked_by === me) {
      return h('button', { type: 'button', class: 'secondary', onclick: () => void attempt(() => ask('DELETE', path)) }, t('recoveries.wait_again'))
    }
    return h('button', { type: 'button', class: 'secondary', onclick: () => void attempt(() => freshly('POST', `${path}/agreement`)) }, t('recoveries.agree'))
  }
  /** @param {Recovery} recovery */
  const hurry = async (recovery) => {
    const reason = await sheet({ title: t('recoveries.hurry'), signal }, (/** @type {(reason: string) => void} */ choose) => {
      const input = h('input', { type: 'text', maxlength: REASON_LIMIT, 'aria-label': t('recoveries.reason') })
      return [h('p', {}, t('recoveries.hurry_what')), h('label', { class: 'offer' }, h('span', {}, t('recoveries.reason')), input),
        h('button', { type: 'button', class: 'primary', onclick: () => choose(input.value.trim()) }, t('recoveries.hurry_ask'))]
    })
    if (reason) await attempt(() => freshly('POST', `${base}/break-glass`, { recovery_id: recovery.recovery_id, reason }))
  }
  const makeLink = () => attempt(async () => {
    members = await items('members')
    const person = await sheet({ title: t('recoveries.make'), signal }, (/** @type {(person: string) => void} */ choose) => {
      const others = members.filter(({ person_id, state }) => person_id !== me && state === 'active')
      if (others.length === 0) return [h('p', {}, t('recoveries.nobody')), h('code', { tabindex: 0 }, 'approvals-hub people invite NAME')]
      return [h('p', {}, t('recoveries.make_what')),
        ...others.map((member) => h('button', { type: 'button', class: 'secondary', onclick: () => choose(member.person_id) }, visible(member.name).text))]
    })
    if (!person) return
    const made = await freshly('POST', `${base}/recoveries`, { person_id: person })
    await sheet({ title: t('recoveries.made'), signal, stays: true, end: t('recoveries.made_done') }, () => [
      h('p', {}, t('recoveries.made_what', { name: name(person) })), h('p', { class: 'one-link' }, h('code', {}, made['url']))])
  })
  const node = h('section', {}, h('h2', {}, t('recoveries.title')), rows, message,
    h('button', { type: 'button', class: 'secondary', onclick: () => void makeLink() }, t('recoveries.make')))
  return { node, load }
}
