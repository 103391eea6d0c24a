/**
 * The person's keys and sessions: to see, to end; and, for owners and admins, the new keys of others to confirm.
 */

import { ask, isLeft } from '../api.js'
import { browserName } from '../browser_name.js'
import { forgetKey } from '../device_key.js'
import { fill, h } from '../dom.js'
import { freshFactor } from '../fresh.js'
import { icon } from '../icons.js'
import { pendingDevices } from '../pending.js'
import { codesSection, recoveryNotice } from '../recovery.js'
import { relinkNotice } from '../relink.js'
import { devices, ownKey, signOut } from '../session.js'
import { sheet } from '../sheet.js'
import { factorList } from '../step_up/factor_list.js'
import { CATALOGUE, onDay, t, tOr, when } from '../words.js'
import { visible } from '../../shared/visible.js'

/** @typedef {import('../session.js').Device} Device */
/** @typedef {{session_id: string, client: string | null, created_at: string, last_seen_at: string, acr: string, current: boolean}} Present */

/** @type {import('../context.js').Screen} */
export async function devicesScreen(context) {
  const { root, signal, session, go } = context
  if (!session) return
  const message = h('p', { class: 'message', role: 'alert' })
  const pending = h('div')
  const notice = h('div')
  const keys = h('ul', { class: 'rows' })
  const sessions = h('ul', { class: 'rows' })
  const recovering = h('div')
  const codes = codesSection(signal)
  const proofs = factorList(session.person.person_id, signal)
  const leave = h('button', { type: 'button', class: 'secondary', onclick: () => void signOutHere() }, t('devices.sign_out'))
  fill(root, h('h1', {}, t('devices.title')), recovering, pending, notice, message,
    h('section', {}, h('h2', {}, t('devices.keys')), keys), proofs.node, codes.node,
    h('section', {}, h('h2', {}, t('devices.sessions')), sessions),
    h('section', { class: 'sign-out' }, h('p', { class: 'quiet-text' },
      t('devices.signed_in', { name: visible(session.person.name).text, org: visible(session.org.name).text })),
    leave, h('p', { class: 'quiet-text' }, t('devices.sign_out_why')),
    h('p', { class: 'quiet-text' }, t('devices.words', { version: CATALOGUE }))))

  const load = async () => {
    const [all, own, present] = await Promise.all([devices(signal), ownKey(), ask('GET', '/v1/sessions', undefined, { signal })])
    fill(keys, ...all.filter(({ state }) => state !== 'revoked').map((device) => keyRow(device, device.device_id === own?.deviceId, revoke)))
    fill(sessions, ...present['items'].map((/** @type {Present} */ entry) => sessionRow(entry, end)))
    fill(notice, await relinkNotice(session, signal))
    fill(recovering, await recoveryNotice(signal))
    await codes.load()
  }
  /** @param {() => Promise<unknown>} work */
  const attempt = async (work) => {
    message.textContent = ''
    try {
      await work()
      await load()
    } catch (error) {
      if (!isLeft(error)) message.textContent = t('devices.failed')
    }
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
  /** @param {Present} entry */
  const end = (entry) => attempt(() => ask('DELETE', `/v1/sessions/${entry.session_id}`))
  const signOutHere = async () => {
    leave.disabled = true
    await signOut().catch(() => undefined)
    await context.refresh().catch(() => undefined)
    go('/app/sign-in')
  }
  await Promise.all([load(), proofs.load()])
  if (session.roles.some((role) => role === 'owner' || role === 'admin')) fill(pending, await pendingDevices(session, signal))
}

/** @param {Device} device @param {boolean} here @param {(device: Device) => Promise<void>} revoke */
function keyRow(device, here, revoke) {
  const used = device.last_used_at ? t('devices.used', { when: when(device.last_used_at) }) : t('devices.made', { when: onDay(device.created_at) })
  return h('li', {},
    icon(device.kind === 'passkey' ? 'key' : 'phone'),
    h('div', { class: 'row-main' },
      h('p', { class: 'row-name' }, visible(device.name).text, here ? h('span', { class: 'tag' }, t('devices.here')) : null,
        device.state === 'pending' ? h('span', { class: 'tag' }, t('devices.pending')) : null),
      h('p', { class: 'quiet-text' }, tOr('kind', device.kind), ' · ', used),
      h('p', { class: 'quiet-text' }, h('code', {}, device.key_hash.replace('sha256:', '').slice(0, 16)))),
    h('button', { type: 'button', class: 'quiet', onclick: () => void revoke(device) }, t('devices.revoke'),
      h('span', { class: 'unseen' }, ` ${visible(device.name).text}`)))
}

/** A session's client: an app's own name, or what its browser says of itself. @param {string | null} name */
function client(name) {
  if (!name) return t('devices.unknown_client')
  return name.startsWith('Mozilla/') ? browserName(name) : visible(name).text
}

/** @param {Present} entry @param {(entry: Present) => Promise<void>} end */
function sessionRow(entry, end) {
  return h('li', {},
    h('div', { class: 'row-main' },
      h('p', { class: 'row-name' }, client(entry.client),
        entry.current ? h('span', { class: 'tag' }, t('devices.here')) : null),
      h('p', { class: 'quiet-text' }, t('devices.seen', { when: when(entry.last_seen_at) }), ' · ', tOr('acr', entry.acr))),
    entry.current ? null : h('button', { type: 'button', class: 'quiet', onclick: () => void end(entry) }, t('devices.end')))
}
