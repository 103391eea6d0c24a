/**
 * The person's keys and sessions: to see, to end; and, for owners and admins, the new keys of others to confirm.
 */

import { absenceList } from '../absences.js'
import { passkeyOffer } from '../add_passkey.js'
import { ask, isLeft, Problem, Unreachable } from '../api.js'
import { browserName } from '../browser_name.js'
import { NoSigner } from '../decision.js'
import { forgetKey } from '../device_key.js'
import { fill, h } from '../dom.js'
import { freshFactor } from '../fresh.js'
import { icon } from '../icons.js'
import { noticesLink } from '../notices.js'
import { leaveButton, organisations } from '../organisations.js'
import { pendingDevices, pendingJoinings } from '../pending.js'
import { pushLine, pushStandings } from '../push/device_line.js'
import { keepTrue } from '../push/subscribing.js'
import { pushSwitch } from '../push/switch.js'
import { codesSection, recoveryNotice } from '../recovery.js'
import { colleaguesRecoveries } from '../recoveries.js'
import { relinkNotice } from '../relink.js'
import { devices, ownKey, signOut } from '../session.js'
import { sheet } from '../sheet.js'
import { factorList } from '../step_up/factor_list.js'
import { CATALOGUE, onDay, t, tOr, when } from '../words.js'
import { visible } from '../../shared/visible.js'

/** @typedef {import('../session.js').Device} Device */
/** @typedef {{session_id: string, device_id: string | null, client: string | null, created_at: string, last_seen_at: string, acr: string, method: string | null, network: string | null, current: boolean}} Present */

/** @type {import('../context.js').Screen} */
export async function devicesScreen(context) {
  const { root, signal, session, go } = context
  if (!session) return
  const message = h('p', { class: 'message', role: 'alert' })
  const pending = h('div')
  const notice = h('div')
  const keys = h('ul', { class: 'rows' })
  const another = h('div')
  const reach = h('div')
  const sessions = h('ul', { class: 'rows' })
  const recovering = h('div')
  const codes = codesSection(session, signal)
  const governs = session.roles.some((role) => role === 'owner' || role === 'admin')
  const others = governs ? colleaguesRecoveries(session, signal) : null
  const told = pushSwitch(session, signal, () => load())
  const proofs = factorList(session.person.person_id, signal)
  const all = h('button', { type: 'button', class: 'secondary', hidden: true, onclick: () => void endAll() }, t('devices.end_all'))
  const leave = h('button', { type: 'button', class: 'secondary', onclick: () => void signOutHere() }, t('devices.sign_out'))
  const parting = h('div')
  let opened = { byKey: true }
  const away = absenceList(signal, (work) => attempt(work))
  fill(root, h('h1', {}, t('devices.title')), recovering, pending, notice, message, away.node,
    h('section', {}, h('h2', {}, t('devices.keys')), keys, another), reach, told.node, proofs.node, codes.node, others?.node, governs ? noticesLink() : null,
    h('section', {}, h('h2', {}, t('devices.sessions')), sessions, all),
    h('section', { class: 'sign-out' }, h('p', { class: 'quiet-text' },
      t('devices.signed_in', { name: visible(session.person.name).text, org: visible(session.org.name).text })),
    leave, h('p', { class: 'quiet-text' }, t('devices.sign_out_why')), parting,
    h('p', { class: 'quiet-text' }, t('devices.words', { version: CATALOGUE }))))

  const load = async () => {
    const [keyring, own, present] = await Promise.all([devices(signal), ownKey(), ask('GET', '/v1/sessions', undefined, { signal })])
    await told.load()
    const { standings, few } = await pushStandings(signal)
    fill(reach, few)
    fill(keys, ...keyring.filter(({ state }) => state !== 'revoked').map((device) => {
      const here = device.device_id === own?.deviceId
      const standing = standings.get(device.device_id)
      const line = standing ? pushLine(standing, { name: device.name, signal, renew: here ? () => keepTrue(session) : null }) : null
      return keyRow(device, here, line, revoke, rename)
    }))
    all.hidden = present['items'].length < 2
    opened = { byKey: present['items'].some((/** @type {Present} */ entry) => entry.current && entry.device_id !== null) }
    const linked = new Set(keyring.filter(({ kind, state }) => kind === 'device_key' && state === 'active').map(({ device_id }) => device_id))
    const names = new Map(keyring.map(({ device_id, name }) => [device_id, name]))
    fill(sessions, ...present['items'].map((/** @type {Present} */ entry) =>
      sessionRow(entry, names.get(entry.device_id ?? '') ?? null, () => end(entry, entry.device_id !== null && entry.device_id !== own?.deviceId && linked.has(entry.device_id)))))
    const offer = await passkeyOffer(session.person.person_id, keyring, signal, async (said) => {
      await load()
      notice.append(said)
      said.focus()
    })
    fill(notice, await relinkNotice(session, signal), offer?.first ? offer.node : null)
    fill(another, offer && !offer.first ? offer.node : null)
    fill(recovering, await recoveryNotice(signal))
    await Promise.all([codes.load(), away.load()])
  }
  /** @param {() => Promise<unknown>} work */
  const attempt = async (work) => {
    message.textContent = ''
    try {
      await work()
      await load()
    } catch (error) {
      if (!isLeft(error)) fill(message, ...whyNot(error, signInAgain))
    }
  }
  const signInAgain = async () => {
    await ask('DELETE', '/v1/sessions/current').catch(() => undefined)
    await context.refresh().catch(() => undefined)
    go('/app/sign-in')
  }
  /** @param {Device} device */
  const revoke = async (device) => {
    const sure = await sheet({ title: t('devices.revoke_title'), signal }, (choose) => [
      h('p', {}, t('devices.revoke_what', { name: visible(device.name).text })),
      h('button', { type: 'button', class: 'deny plain', onclick: () => choose(true) }, t('devices.revoke'))])
    if (!sure) return
    await attempt(async () => {
      const fresh = device.state === 'active' ? { fresh: await freshFactor() } : {}
      await ask('DELETE', `/v1/devices/${device.device_id}`, fresh)
      if ((await ownKey())?.deviceId === device.device_id) await forgetKey()
    })
  }
  /** @param {Present} entry @param {boolean} keepsKey whether its browser would sign in again by itself */
  const end = async (entry, keepsKey) => {
    const forget = keepsKey ? await sheet({ title: t('devices.end_title'), signal }, (/** @type {(forget: boolean) => void} */ choose) => [
      h('p', {}, t('devices.end_what')),
      h('button', { type: 'button', class: 'deny plain', onclick: () => choose(true) }, t('devices.end_forget')),
      h('button', { type: 'button', class: 'secondary', onclick: () => choose(false) }, t('devices.end_only'))]) : false
    if (forget !== null) await attempt(async () => endElsewhere(`/v1/sessions/${entry.session_id}`, forget, opened.byKey))
  }
  const endAll = async () => {
    const forget = await sheet({ title: t('devices.end_all'), signal }, (/** @type {(forget: boolean) => void} */ choose) => [
      h('p', {}, t('devices.end_what')),
      h('button', { type: 'button', class: 'deny plain', onclick: () => choose(true) }, t('devices.end_forget')),
      h('button', { type: 'button', class: 'secondary', onclick: () => choose(false) }, t('devices.end_only'))])
    if (forget !== null) await attempt(async () => endElsewhere('/v1/sessions', forget, opened.byKey))
  }
  /** @param {Device} device */
  const rename = async (device) => {
    const name = await sheet({ title: t('devices.rename_title'), signal }, (/** @type {(name: string) => void} */ choose) => {
      const input = h('input', { type: 'text', value: device.name, maxlength: 100, 'aria-labelledby': 'sheet-title' })
      return [input, h('button', { type: 'button', class: 'primary', onclick: () => choose(input.value.trim()) }, t('devices.rename_save'))]
    })
    if (name) await attempt(() => ask('PUT', `/v1/devices/${device.device_id}/name`, { name }))
  }
  const signOutHere = async () => {
    leave.disabled = true
    await signOut().catch(() => undefined)
    await context.refresh().catch(() => undefined)
    go('/app/sign-in')
  }
  const loadOthers = async () => {
    await Promise.all([proofs.load(), others?.load()])
    if (governs) fill(pending, await pendingDevices(session, signal), await pendingJoinings(session, signal))
    fill(parting, leaveButton(context, await organisations(signal)))
  }
  try {
    await Promise.all([load(), loadOthers()])
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error
    // Signing out stays at hand where no hub answers.
    const again = h('button', { type: 'button', class: 'quiet', onclick: () => void attempt(loadOthers) }, t('common.again'))
    fill(message, t('error.unreachable'), ' ', again)
  }
}

/**
 * Ends sessions of the person elsewhere: by the sign-in here where that is enough, otherwise by a key, just now.
 * @param {string} path @param {boolean} forget whether their keys end too @param {boolean} byKey whether one opened this session
 * @throws {NoSigner | DOMException | Problem}
 */
async function endElsewhere(path, forget, byKey) {
  /** @type {Problem | null} */
  let refused = null
  if (!byKey && !forget) {
    try {
      await ask('DELETE', path)
      return
    } catch (error) {
      if (!(error instanceof Problem && ['sign_in_again', 'fresh_factor_needed'].includes(error.code))) throw error
      refused = error
    }
  }
  try {
    await ask('DELETE', path, { forget_device: forget, fresh: await freshFactor() })
  } catch (error) {
    // Whoever has lost the key that they are asked for signs in anew instead.
    const keyless = error instanceof NoSigner || error instanceof DOMException
    throw keyless && refused?.code === 'sign_in_again' ? refused : error
  }
}

/** What to do about what did not work. @param {unknown} error @param {() => Promise<void>} signInAgain @returns {import('../dom.js').Child[]} */
function whyNot(error, signInAgain) {
  const anew = h('button', { type: 'button', class: 'quiet', onclick: () => void signInAgain() }, t('devices.again'))
  if (error instanceof Problem && error.code === 'sign_in_again') return [t('devices.prove_again'), ' ', anew]
  if (error instanceof NoSigner) return [t('devices.no_signer'), ' ', anew]
  return [t(error instanceof DOMException ? 'factors.stopped' : 'devices.failed')]
}

/** @param {Device} device @param {boolean} here @param {Node | null} line how it stands with its notifications @param {(device: Device) => Promise<void>} revoke @param {(device: Device) => Promise<void>} rename */
function keyRow(device, here, line, revoke, rename) {
  const used = device.last_used_at ? t('devices.used', { when: when(device.last_used_at) }) : t('devices.made', { when: onDay(device.created_at) })
  return h('li', {},
    icon(device.kind === 'passkey' ? 'key' : 'phone'),
    h('div', { class: 'row-main' },
      h('p', { class: 'row-name' }, visible(device.name).text, here ? h('span', { class: 'tag' }, t('devices.here')) : null,
        device.state === 'pending' ? h('span', { class: 'tag' }, t('devices.pending')) : null),
      h('p', { class: 'quiet-text' }, tOr('kind', device.kind), ' · ', used),
      h('p', { class: 'quiet-text' }, h('code', {}, device.key_hash.replace('sha256:', '').slice(0, 16))), line),
    h('button', { type: 'button', class: 'quiet', onclick: () => void rename(device) }, t('devices.rename'),
      h('span', { class: 'unseen' }, ` ${visible(device.name).text}`)),
    h('button', { type: 'button', class: 'quiet', onclick: () => void revoke(device) }, t('devices.revoke'),
      h('span', { class: 'unseen' }, ` ${visible(device.name).text}`)))
}

/** A session's client: an app's own name, or what its browser says of itself. @param {string | null} name */
function client(name) {
  if (!name) return t('devices.unknown_client')
  return name.startsWith('Mozilla/') ? browserName(name) : visible(name).text
}

/** @param {Present} entry @param {string | null} name what the person calls the device behind it @param {() => Promise<void>} end */
function sessionRow(entry, name, end) {
  return h('li', {},
    h('div', { class: 'row-main' },
      h('p', { class: 'row-name' }, client(entry.client),
        entry.current ? h('span', { class: 'tag' }, t('devices.here')) : null),
      h('p', { class: 'quiet-text' }, t('devices.seen', { when: when(entry.last_seen_at) }), ' · ', tOr('acr', entry.acr)),
      h('p', { class: 'quiet-text' }, t('devices.since', { when: onDay(entry.created_at) }),
        entry.method ? ` · ${tOr('session_by', entry.method)}` : '', name ? ` · ${visible(name).text}` : '',
        entry.network ? ` · ${entry.network}` : '')),
    entry.current ? null : h('button', { type: 'button', class: 'quiet', onclick: () => void end() }, t('devices.end')))
}
