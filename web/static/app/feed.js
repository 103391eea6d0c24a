/**
 * What waits for this person, kept fresh by one long-poll; and whether the hub can be reached at all.
 */

import { ask, isLeft, Problem } from './api.js'

/** @typedef {import('./question.js').Agent} Agent */
/**
 * @typedef {object} Card
 * @property {string} escalation_id
 * @property {number} revision
 * @property {string} action_type
 * @property {Agent} agent
 * @property {'low' | 'medium' | 'high' | 'critical'} risk
 * @property {string} status
 * @property {string} created_at
 * @property {string} expires_at
 * @property {number} repeats how often the very same was asked again
 * @property {number} similar how many more differ only in id and time
 * @property {boolean} answered
 * @property {boolean} handed_over whether somebody asked that this person answers instead
 * @property {import('./question.js').StoodIn[]} stands_in for whom this person may answer it
 */
/**
 * @typedef {object} State
 * @property {Card[] | null} cards null until the first answer
 * @property {string | null} version
 * @property {boolean} online false after any gap, until a fresh answer is here
 * @property {number | null} syncedAt `performance.now()` of the last answer
 * @property {number} askedAt milliseconds of this device's clock when the last answer was asked for
 */

const WAIT = 20
const GRACE = 8_000
const SLOWEST = 15_000
/** How often the hub is asked while this device says that it has no network, in milliseconds. */
const UNSURE = 2_000

/** @type {State} */
let state = { cards: null, version: null, online: true, syncedAt: null, askedAt: 0 }
/** @type {Set<(state: State) => void>} */
const listeners = new Set()
/** @type {AbortController | null} */
let running = null

/** The state as it was last heard. */
export function feedState() {
  return state
}

/**
 * Calls back at once and at every change, until the signal ends.
 * @param {(state: State) => void} listener
 * @param {AbortSignal} signal
 */
export function watchFeed(listener, signal) {
  listeners.add(listener)
  signal.addEventListener('abort', () => listeners.delete(listener))
  listener(state)
}

/**
 * Starts listening; `onSignedOut` is called when the session is over.
 * @param {() => void | Promise<void>} onSignedOut
 */
export function startFeed(onSignedOut) {
  if (running) return
  running = new AbortController()
  void listen(running.signal, onSignedOut)
}

/** Stops listening and forgets everything that was heard. */
export function stopFeed() {
  running?.abort()
  running = null
  set({ cards: null, version: null, online: true, syncedAt: null, askedAt: 0 })
}

/**
 * @param {AbortSignal} signal
 * @param {() => void | Promise<void>} onSignedOut
 */
async function listen(signal, onSignedOut) {
  let failures = 0
  const nudge = nudges(signal)
  while (!signal.aborted) {
    const turn = new AbortController()
    const stop = AbortSignal.any([signal, turn.signal])
    const release = nudge(() => turn.abort())
    try {
      await hear(stop)
      failures = 0
    } catch (error) {
      if (signal.aborted) return
      if (error instanceof Problem && error.status === 401) return void onSignedOut()
      if (!isLeft(error)) {
        set({ ...state, online: false })
        failures += 1
        await pause(failures, error, stop)
      }
    } finally {
      release()
    }
  }
}

/** @param {AbortSignal} signal */
async function hear(signal) {
  // After a gap, or when the page comes back to the front, the present state is fetched before any button is enabled.
  // A device without a network may still reach a hub of its own. An answer may also have been under way when the network
  // went: a long wait begun on the strength of it would hang, and the page would look connected all the while.
  const follow = state.online && state.version !== null && !document.hidden && navigator.onLine
  const query = follow ? `?wait=${WAIT}&since=${encodeURIComponent(state.version ?? '')}` : ''
  const patience = follow ? WAIT * 1000 + GRACE : GRACE
  const askedAt = Date.now()
  const answer = await ask('GET', `/v1/inbox${query}`, undefined, { signal, patience })
  set({ cards: answer['items'], version: String(answer['version']), online: true, syncedAt: performance.now(), askedAt })
  if (!follow && document.hidden) await shown(signal)
  else if (!navigator.onLine) await sleep(UNSURE, signal)
}

/** @param {State} next */
function set(next) {
  state = next
  for (const listener of listeners) listener(state)
}

/**
 * Waits before the next try: longer each time, never in step with others, and at least as long as the hub asks for.
 * @param {number} failures
 * @param {unknown} error
 * @param {AbortSignal} signal
 */
function pause(failures, error, signal) {
  const asked = error instanceof Problem ? error.retryAfter * 1000 : 0
  const backOff = Math.min(SLOWEST, 500 * 2 ** failures) * (0.5 + Math.random() / 2)
  return sleep(Math.max(asked, backOff), signal)
}

/** @param {number} milliseconds @param {AbortSignal} signal @returns {Promise<void>} */
function sleep(milliseconds, signal) {
  return new Promise((resolve) => {
    const timer = setTimeout(done, milliseconds)
    signal.addEventListener('abort', done, { once: true })
    function done() {
      clearTimeout(timer)
      resolve()
    }
  })
}

/** @param {AbortSignal} signal @returns {Promise<void>} until the page is looked at again */
function shown(signal) {
  return new Promise((resolve) => {
    document.addEventListener('visibilitychange', () => resolve(), { once: true, signal })
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

/**
 * Network back, page back in front: do not sit out a wait that began before.
 * @param {AbortSignal} signal
 * @returns {(wake: () => void) => () => void}
 */
function nudges(signal) {
  /** @type {() => void} */
  let wake = () => undefined
  const gap = () => {
    set({ ...state, online: state.online && navigator.onLine, version: null })
    wake()
  }
  addEventListener('online', gap, { signal })
  addEventListener('offline', gap, { signal })
  addEventListener('pageshow', gap, { signal })
  document.addEventListener('visibilitychange', () => document.hidden || gap(), { signal })
  return (next) => {
    wake = next
    return () => (wake = () => undefined)
  }
}
