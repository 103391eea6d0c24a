/**
 * How it stands with the notifications of one device, under its name: told, not heard of for long, or gone; and a test
 * message to it, with what its provider answered and, on this device, how long it took to arrive.
 */

import { ask, isLeft, Problem } from '../api.js'
import { h } from '../dom.js'
import { onDay, t, tOr } from '../words.js'
import { visible } from '../../shared/visible.js'

/** @typedef {{device_id: string, channel: string, address: string, registered_at: string, heard_at: string, state: 'told' | 'stale' | 'gone', gone_at: string | null}} PushStanding */
/** @typedef {{telling_id: string, status: string, said: string | null}} Tried */

/** Milliseconds in which a test message should have arrived, after the provider has taken it. */
const SOON = 15_000

/**
 * How it stands with the person's devices, by device; and, where one channel that fails would leave the person without
 * any, a line that says so.
 * @param {AbortSignal} [signal]
 * @returns {Promise<{standings: Map<string, PushStanding>, few: HTMLElement | null}>}
 */
export async function pushStandings(signal) {
  const { items, channels, enough } = /** @type {{items: PushStanding[], channels: string[], enough: boolean}} */ (
    await ask('GET', '/v1/push-addresses', undefined, { signal }))
  const said = channels[0] === undefined ? t('push_few.none') : t('push_few.one', { channel: visible(channels[0]).text })
  return {
    standings: new Map(items.map((each) => [each.device_id, each])),
    few: enough ? null : h('p', { class: 'notice' }, said),
  }
}

/**
 * @param {PushStanding} standing
 * @param {{name: string, signal: AbortSignal, renew: (() => Promise<void>) | null}} given the device's name; on this
 *   device also what subscribes anew where the provider says that it takes nothing any more
 */
export function pushLine(standing, { name, signal, renew }) {
  const said = h('p', { class: 'message', role: 'status' })
  const button = h('button', { type: 'button', class: 'quiet', onclick: () => void press() }, t('push_line.test'),
    h('span', { class: 'unseen' }, ` ${visible(name).text}`))
  const press = async () => {
    button.disabled = true
    said.textContent = t('push_line.sending')
    const arrivals = renew ? new Arrivals() : null
    try {
      const began = performance.now()
      const tried = /** @type {Tried} */ (await ask('POST', `/v1/devices/${standing.device_id}/push/test`, undefined, { signal }))
      said.textContent = inWords(tried)
      if (tried.status === 'gone' && renew) {
        await renew()
        if ((await pushStandings(signal)).standings.get(standing.device_id)?.state === 'told') said.textContent = t('push_line.renewed')
      } else if (tried.status === 'delivered' && arrivals) {
        const at = await arrivals.of(tried.telling_id, signal)
        if (at !== null) said.textContent = t('push_line.arrived', { seconds: Math.max(0.1, Math.round((at - began) / 100) / 10) })
        else if (!signal.aborted) said.textContent = t('push_line.not_arrived')
      }
    } catch (error) {
      if (!isLeft(error)) said.textContent = t(error instanceof Problem && error.status === 429 ? 'push_line.too_many' : 'push.failed')
    } finally {
      arrivals?.close()
      button.disabled = false
    }
  }
  const about = t(`push_state.${standing.state}`, { day: onDay(standing.gone_at ?? standing.heard_at) })
  return h('div', {}, h('p', { class: 'quiet-text' }, about), standing.state === 'gone' ? null : button, said)
}

/** @param {Tried} tried */
function inWords({ status, said }) {
  const words = tOr('push_tried', status)
  return said ? `${words} (${visible(said).text})` : words
}

/** The messages that the worker has shown since this was made: one may be there before the hub has answered. */
class Arrivals {
  /** @type {Map<string, number>} */
  #at = new Map()
  #wake = () => {}
  #left = new AbortController()

  constructor() {
    navigator.serviceWorker.addEventListener('message', (event) => {
      if (typeof event.data?.shown !== 'string') return
      this.#at.set(event.data.shown, performance.now())
      this.#wake()
    }, { signal: this.#left.signal })
    navigator.serviceWorker.startMessages()
  }

  /**
   * When it was shown; null where it was not within the time.
   * @param {string} id @param {AbortSignal} signal @returns {Promise<number | null>}
   */
  async of(id, signal) {
    const end = AbortSignal.any([signal, AbortSignal.timeout(SOON)])
    while (!this.#at.has(id) && !end.aborted) {
      await new Promise((resolve) => {
        this.#wake = () => resolve(undefined)
        end.addEventListener('abort', resolve, { once: true })
      })
    }
    return this.#at.get(id) ?? null
  }

  close() {
    this.#left.abort()
  }
}
