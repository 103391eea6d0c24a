/**
 * Setting up: an invitation becomes a key on this device. The invitation's token came behind `#` and is gone from there.
 */

import { ask, isLeft, Problem, Unreachable } from '../api.js'
import { NoKeyStore } from '../device_key.js'
import { fill, focusHeading, h } from '../dom.js'
import { acceptInvitation, linkKey, linkPasskey } from '../enrolment.js'
import { noneCounts } from '../first_key.js'
import { icon } from '../icons.js'
import { offerJoining } from '../joining.js'
import { hasPasskeys } from '../passkey.js'
import { waitingKey } from '../recovery.js'
import { devices, ownKey, presentSession, signInWithKey, signInWithPasskey } from '../session.js'
import { t } from '../words.js'
import { visible } from '../../shared/visible.js'

/** @typedef {import('../context.js').Context} Context */
/** @typedef {import('../enrolment.js').Linked} Linked */
/** @typedef {{personId: string, name: string, org: string, purpose: string}} Invited */

const POLL = 2000
const JOINED = 'joined'
/** @type {Record<string, import('../words.js').Key>} */
const LEADS = { setup: 'enrol.setup_lead', recover: 'recover.link_lead', [JOINED]: 'first_key.lead' }

/** @type {import('../context.js').Screen} */
export async function enrol(context) {
  const { root, fragment, signal, query } = context
  fill(root, h('h1', {}, t('enrol.opening')))
  try {
    if (fragment && (await joins(context, decodeURIComponent(fragment)))) return
    const answer = fragment ? await acceptInvitation(decodeURIComponent(fragment)) : await begun(query)
    if (signal.aborted) return
    if (!answer) return explain(root, 'enrol.no_link')
    if (answer['has_keys']) return explain(root, 'enrol.has_keys')
    choose(context, invitedBy(answer))
  } catch (error) {
    if (isLeft(error)) return
    if (error instanceof Unreachable) return explain(root, 'error.unreachable')
    // The same link again, in the browser that opened it before: the set-up goes on.
    const answer = await begun(query).catch(() => null)
    if (answer) choose(context, invitedBy(answer))
    else explain(root, 'enrol.bad_link')
  }
}

/**
 * Whether somebody is here whose keys would do: this browser is signed in, or its own key signs in. Then they are asked.
 * @param {Context} context
 * @param {string} token
 */
async function joins(context, token) {
  const session = (await presentSession(context.signal)) ?? (await byOwnKey())
  if (session === null || session.session.scope !== 'full' || noneCounts(await devices())) return false
  const setUp = async () => {
    const answer = await acceptInvitation(token).catch(() => null)
    if (answer) choose(context, invitedBy(answer))
    else explain(context.root, 'enrol.bad_link')
  }
  try {
    await offerJoining(context, session, token, setUp)
    return true
  } catch (error) {
    // It is no invitation into an organisation, but a recovery's link; or it was used.
    if (error instanceof Problem && error.status === 404) return false
    throw error
  }
}

async function byOwnKey() {
  const key = await ownKey()
  return key ? await signInWithKey(key) : null
}

/**
 * The enrolment that an invitation or a recovery code opened in this browser: the page may have been loaded again. Or the
 * session of somebody who signed in without a key and has none yet. Else null.
 * @param {URLSearchParams} query
 * @returns {Promise<Record<string, any> | null>}
 */
async function begun(query) {
  const session = await presentSession()
  if (session === null) return null
  if (session.session.scope === 'enrolment') return { ...session, purpose: query.has('recover') ? 'recover' : 'invite' }
  return noneCounts(await devices()) ? { ...session, purpose: JOINED } : null
}

/** @param {Record<string, any>} answer @returns {Invited} */
function invitedBy(answer) {
  return {
    personId: answer['person'].person_id,
    name: visible(answer['person'].name).text,
    org: visible(answer['org'].name).text,
    purpose: String(answer['purpose'] ?? 'invite'),
  }
}

/** @param {Context} context @param {Invited} invited */
function choose(context, invited) {
  const { root } = context
  const message = h('p', { class: 'message', role: 'alert' })
  /** @param {() => Promise<void>} work */
  const attempt = async (work) => {
    for (const button of root.querySelectorAll('button')) button.disabled = true
    message.textContent = ''
    try {
      await work()
    } catch (error) {
      if (isLeft(error)) return
      message.textContent = said(error)
      for (const button of root.querySelectorAll('button')) button.disabled = false
    }
  }
  const passkey = () => attempt(async () => {
    const linked = await linkPasskey(invited.personId, null)
    if (waits(linked)) fill(root, waitingKey(linked))
    else if (linked.digits) await digits(context, invited, linked)
    else await alsoKey(context, invited, linked)
  })
  const key = () => attempt(async () => {
    const linked = await linkKey(invited.personId, null)
    if (waits(linked)) fill(root, waitingKey(linked))
    else if (linked.digits) await digits(context, invited, linked)
    else await done(context, linked.persisted)
  })
  fill(root, h('div', { class: 'welcome' }, icon('low', 'hero'),
    h('h1', {}, t('enrol.hello', { name: invited.name })),
    h('p', { class: 'lead' }, t(LEADS[invited.purpose] ?? 'enrol.lead', { org: invited.org })),
    hasPasskeys ? h('button', { type: 'button', class: 'primary wide', onclick: passkey }, icon('key'), t('enrol.passkey')) : null,
    hasPasskeys ? h('p', { class: 'quiet-text' }, t('enrol.passkey_why')) : null,
    h('button', { type: 'button', class: hasPasskeys ? 'secondary wide' : 'primary wide', onclick: key }, icon('phone'), t('enrol.key')),
    h('p', { class: 'quiet-text' }, t('enrol.key_why')), message,
    invited.purpose === JOINED ? h('a', { class: 'button quiet', href: '/app/' }, t('first_key.later')) : null))
  focusHeading(root)
}

/**
 * The passkey is there; a key in this browser as well makes most answers a matter of one touch.
 * @param {Context} context @param {Invited} invited @param {Linked} linked
 */
async function alsoKey(context, invited, linked) {
  const { root } = context
  const message = h('p', { class: 'message', role: 'alert' })
  const link = async () => {
    button.disabled = true
    try {
      const { persisted } = await linkKey(invited.personId, { kind: 'passkey', device: linked.device })
      await done(context, persisted)
    } catch (error) {
      if (isLeft(error)) return
      message.textContent = t(error instanceof NoKeyStore ? 'relink.no_store' : 'relink.failed')
      button.disabled = false
    }
  }
  const button = h('button', { type: 'button', class: 'primary wide', onclick: () => void link() }, icon('phone'), t('enrol.also_key'))
  fill(root, h('div', { class: 'welcome' }, icon('check', 'hero good'),
    h('h1', {}, t('enrol.passkey_done')), h('p', { class: 'lead' }, t('enrol.also_key_why')), button,
    h('button', { type: 'button', class: 'quiet', onclick: () => void enter(context) }, t('enrol.later')), message))
  focusHeading(root)
}

/** Whether the key of a recovery counts later. @param {Linked} linked */
function waits({ device, recovery }) {
  return recovery !== null && device.state === 'pending'
}

/** @param {Context} context @param {boolean} persisted */
async function done(context, persisted) {
  const { root } = context
  fill(root, h('div', { class: 'welcome' }, icon('check', 'hero good'), h('h1', {}, t('enrol.done')),
    h('p', { class: 'lead' }, t('enrol.done_lead')),
    h('p', { class: 'quiet-text' }, t(persisted ? 'enrol.persisted' : 'enrol.not_persisted')),
    h('button', { type: 'button', class: 'primary wide', onclick: () => void enter(context) }, t('enrol.enter'))))
  focusHeading(root)
}

/**
 * Six digits that the inviter sees as well, or the owners and admins; the key counts once they are confirmed.
 * @param {Context} context @param {Invited} invited @param {Linked} linked
 */
async function digits(context, invited, linked) {
  const { root, signal } = context
  const shown = linked.digits ?? ''
  const joined = invited.purpose === JOINED
  fill(root, h('div', { class: 'welcome' }, icon('phone', 'hero'), h('h1', {}, t('enrol.digits')),
    h('p', { class: 'digits' }, h('span', {}, shown.slice(0, 3)), ' ', h('span', {}, shown.slice(3))),
    h('p', { class: 'lead' }, t(joined ? 'first_key.digits_lead' : 'enrol.digits_lead', { org: invited.org })),
    h('p', { class: 'waiting', role: 'status' }, t('enrol.waiting'))))
  focusHeading(root)
  while (!signal.aborted) {
    await new Promise((resolve) => setTimeout(resolve, POLL))
    const state = await stateOf(linked.device.device_id)
    if (state === 'active') break
    if (state === 'revoked') return explain(root, joined ? 'first_key.turned_down' : 'enrol.turned_down')
  }
  if (signal.aborted) return
  const key = await ownKey()
  if (key) await signInWithKey(key)
  else await signInWithPasskey()
  await done(context, await (navigator.storage?.persisted?.() ?? false))
}

/** @param {string} deviceId @returns {Promise<string>} */
async function stateOf(deviceId) {
  try {
    return (await ask('GET', `/v1/devices/${deviceId}`))['state']
  } catch (error) {
    if (error instanceof Unreachable || (error instanceof Problem && error.status >= 500)) return 'pending'
    // Wrong digits end the session that asks, together with the key.
    if (error instanceof Problem && error.status === 401) return 'revoked'
    throw error
  }
}

/** @param {Context} context */
async function enter({ refresh, go }) {
  await refresh()
  go('/app/')
}

/** @param {unknown} error */
function said(error) {
  if (error instanceof NoKeyStore) return t('relink.no_store')
  if (error instanceof Unreachable) return t('error.unreachable')
  if (error instanceof DOMException) return t('sign_in.stopped')
  if (error instanceof Problem && error.code === 'existing_key_needed') return t('first_key.had_keys')
  return t('enrol.failed')
}

/** @param {Element} root @param {import('../words.js').Key} key */
function explain(root, key) {
  fill(root, h('div', { class: 'welcome' }, icon('key', 'hero'), h('h1', {}, t('enrol.title')),
    h('p', { class: 'lead' }, t(key)), h('a', { class: 'button secondary wide', href: '/app/sign-in' }, t('sign_in.title'))))
  focusHeading(root)
}
