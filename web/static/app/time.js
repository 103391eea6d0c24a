/**
 * The hub's time. The device's own clock may be wrong by minutes; every answer of the hub tells the right one.
 */

let offset = 0

/**
 * Learns from an answer that was just read. The hub writes `now` when it answers, which after a long wait is long after
 * it was asked; so the moment of reading is the best guess, late by one way over the network.
 * @param {string} now RFC 3339
 */
export function learn(now) {
  const guess = Date.parse(now) - (performance.timeOrigin + performance.now())
  if (Number.isFinite(guess)) offset = guess
}

/** Milliseconds since 1970 by the hub's clock; steady while the device's clock is set. */
export function hubNow() {
  return performance.timeOrigin + performance.now() + offset
}

/**
 * Whole seconds from now until then, never below zero.
 * @param {string} text RFC 3339
 */
export function secondsUntil(text) {
  return Math.max(0, Math.ceil((Date.parse(text) - hubNow()) / 1000))
}

/**
 * "4:05" or "2:03:09".
 * @param {number} seconds
 */
export function clockFace(seconds) {
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
  const shown = parts[0] ? parts : parts.slice(1)
  return shown.map((part, index) => (index ? String(part).padStart(2, '0') : String(part))).join(':')
}
