/**
 * The time that is left, by the hub's clock: a ring and a text for the eye, a few milestones for the ear.
 */

import { h, svg } from './dom.js'
import { clockFace, secondsUntil } from './time.js'
import { t } from './words.js'

const AROUND = 2 * Math.PI * 9
const MILESTONES = [300, 60, 20]

/**
 * A countdown that runs until the signal ends.
 * @param {object} options
 * @param {() => string} options.until the end, RFC 3339; asked anew each second, as it may be moved
 * @param {string} options.from the beginning, RFC 3339
 * @param {(seconds: number) => void} [options.onTick]
 * @param {AbortSignal} options.signal
 */
export function countdown({ until, from, onTick, signal }) {
  const arc = svg('circle', { class: 'arc', cx: 12, cy: 12, r: 9 })
  const text = h('span', { class: 'left' })
  const spoken = h('span', { class: 'unseen', role: 'status' })
  const ring = svg('svg', { class: 'ring', viewBox: '0 0 24 24', 'aria-hidden': 'true' },
    svg('circle', { class: 'track', cx: 12, cy: 12, r: 9 }), arc)
  const node = h('div', { class: 'countdown' }, ring, h('span', { class: 'unseen' }, t('card.time_left')), text, spoken)
  let before = Infinity

  const tick = () => {
    const left = secondsUntil(until())
    const whole = Math.max(1, (Date.parse(until()) - Date.parse(from)) / 1000)
    const share = Math.min(1, left / whole)
    text.textContent = clockFace(left)
    arc.setAttribute('stroke-dasharray', `${share * AROUND} ${AROUND}`)
    node.dataset['level'] = share <= 0.1 ? 'last' : share <= 0.25 ? 'late' : 'early'
    const passed = MILESTONES.find((milestone) => left <= milestone && before > milestone && before !== Infinity)
    if (passed !== undefined) spoken.textContent = t('card.time_left_spoken', { time: clockFace(left) })
    before = left
    onTick?.(left)
  }
  tick()
  const timer = setInterval(tick, 1000)
  signal.addEventListener('abort', () => clearInterval(timer))
  return node
}
