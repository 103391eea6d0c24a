/**
 * Being told on this device: whether that can be, is, and is not; on, off, and kept true.
 */

import { ask, Problem } from '../api.js'
import { ownKey } from '../session.js'
import { language } from '../words.js'
import { pushStandings } from './device_line.js'
import { b64u } from '../../shared/canonical.js'
import { forgetTold, keepTold, subscription, told } from './kept.js'
import { makeSealKey, sealForm } from './seal_key.js'

/** @typedef {import('../session.js').Session} Session */
/** @typedef {{channel: string, kind: string, public_key: string | null}} PushChannel */
/** @typedef {{channel: string, publicKey: string}} Outlet a channel that browsers subscribe to */
/**
 * @typedef {'no_channel' | 'install' | 'unsupported' | 'unlinked' | 'blocked' | 'off' | 'on'} Standing
 * no_channel: the hub tells no browsers; install: this system has it for pages on the home screen alone; unlinked: this
 * browser has no key of this person, and what a push is sent to is a device
 */

/** Milliseconds. Without its maker's push service a browser never answers. */
const PATIENCE = 20_000
const SOON = 5_000

/** Of this page: its files lie below it, `/app/static/VERSION/…`. */
const VERSION = new URL(import.meta.url).pathname.split('/')[3] ?? ''

/** What `keepTrue` is at: until it is done, nothing else says how it stands. @type {Promise<void>} */
let keeping = Promise.resolve()

/** The browser did not subscribe: its push service cannot be reached, or it refuses. */
export class NotSubscribed extends Error {}

/**
 * How it stands on this device.
 * @param {Session} session
 * @param {AbortSignal} [signal]
 * @returns {Promise<Standing>}
 */
export async function standing(session, signal) {
  await keeping
  const outlet = await outletOfHub(signal)
  if (!outlet) return 'no_channel'
  if (!canBeTold()) return isApple() && !isInstalled() ? 'install' : 'unsupported'
  const key = await ownKey()
  if (key?.personId !== session.person.person_id) return 'unlinked'
  if (Notification.permission === 'denied') return 'blocked'
  const kept = await told()
  const on = Notification.permission === 'granted' && kept?.deviceId === key.deviceId && (await subscription()) !== null
  return on ? 'on' : 'off'
}

/**
 * Has this device told. Only after a press: the browser asks the person, and some let nothing else make them ask.
 * @param {Session} session
 * @returns {Promise<boolean>} whether the person allowed it
 * @throws {NotSubscribed | import('../api.js').Unreachable | Problem}
 */
export async function turnOn(session) {
  if ((await Notification.requestPermission()) !== 'granted') return false
  const outlet = await outletOfHub()
  const key = await ownKey()
  if (!outlet || !key) throw new NotSubscribed('nothing to subscribe to')
  await tell(session, key.deviceId, outlet)
  return true
}

/** Tells this device nothing more: the hub forgets the address, and the browser the subscription. */
export async function turnOff() {
  const kept = await told()
  await forgetTold()
  if (kept) await ask('DELETE', `/v1/devices/${kept.deviceId}/push`)
}

/**
 * Called whenever the page is opened; see `madeTrue`. Without the hub or a push service it is tried at the next opening.
 * @param {Session} session
 */
export function keepTrue(session) {
  keeping = madeTrue(session).catch((error) => console.warn('notifications', error))
  return keeping
}

/**
 * Says to the hub that this browser still has its address, as some drop it in
 * silence; subscribes anew where the hub has another key, the device was linked anew, or its push service called the
 * address gone, as the browser would go on naming that one; and takes back what the person has forbidden in their
 * browser's settings, so that other ways step in.
 * @param {Session} session
 */
async function madeTrue(session) {
  const kept = await told()
  if (!kept || !canBeTold()) return
  // Somebody else is signed in here now: what is for the one before them is not shown to them.
  if (kept.personId !== session.person.person_id) return forgetTold()
  if (Notification.permission !== 'granted') return turnOff()
  const [outlet, key, { standings }] = await Promise.all([outletOfHub(), ownKey(), pushStandings()])
  if (!outlet || key?.personId !== kept.personId) return
  if (standings.get(key.deviceId)?.state === 'gone') await (await subscription())?.unsubscribe()
  await tell(session, key.deviceId, outlet)
}

/**
 * @param {Session} session
 * @param {string} deviceId
 * @param {Outlet} outlet
 */
async function tell(session, deviceId, { channel, publicKey }) {
  const { endpoint, keys } = (await subscribed(publicKey)).toJSON()
  const kept = await told()
  const seal = (kept?.deviceId === deviceId ? kept.seal : null) ?? (await makeSealKey())
  const form = seal && (await sealForm(seal, deviceId))
  await ask('PUT', `/v1/devices/${deviceId}/push`, {
    channel, address: { endpoint, keys }, language, app_version: VERSION, ...(form ? { seal: form } : {}),
  })
  await keepTold({ personId: session.person.person_id, deviceId, channel, publicKey, language, seal })
}

/**
 * The subscription for a key of the hub: the present one, or a new one in the place of one for another key.
 * @param {string} publicKey base64url
 * @returns {Promise<PushSubscription>}
 */
async function subscribed(publicKey) {
  const present = await subscription()
  if (present) {
    const key = present.options.applicationServerKey
    if (key && b64u(new Uint8Array(key)) === publicKey) return present
    await present.unsubscribe()
  }
  try {
    const registration = await within(SOON, navigator.serviceWorker.ready)
    return await within(PATIENCE, registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: publicKey }))
  } catch (error) {
    throw new NotSubscribed(String(error))
  }
}

/**
 * The channel that browsers subscribe to, if the hub has one and can be asked.
 * @param {AbortSignal} [signal]
 * @returns {Promise<Outlet | null>}
 */
async function outletOfHub(signal) {
  try {
    /** @type {PushChannel[]} */
    const channels = (await ask('GET', '/v1/push-channels', undefined, { signal }))['items']
    const found = channels.find(({ kind, public_key: key }) => kind === 'webpush' && key !== null)
    return found ? { channel: found.channel, publicKey: found.public_key ?? '' } : null
  } catch (error) {
    // Who may not ask is told nothing here either.
    if (error instanceof Problem && error.status === 403) return null
    throw error
  }
}

function canBeTold() {
  return 'serviceWorker' in navigator && 'PushManager' in globalThis && 'Notification' in globalThis
}

/** An iPad calls itself a Mac; no Mac has a touch screen. */
function isApple() {
  return /iPhone|iPad|iPod/.test(navigator.userAgent) || (navigator.userAgent.includes('Macintosh') && navigator.maxTouchPoints > 1)
}

function isInstalled() {
  return matchMedia('(display-mode: standalone)').matches || Reflect.get(navigator, 'standalone') === true
}

/**
 * @template T
 * @param {number} milliseconds
 * @param {Promise<T>} work
 * @returns {Promise<T>}
 */
function within(milliseconds, work) {
  return Promise.race([work, new Promise((_, reject) => setTimeout(() => reject(new Error('no answer')), milliseconds))])
}
