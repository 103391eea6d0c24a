/**
 * Talking to the hub: JSON in, JSON out, problems as errors that say whether trying again helps.
 */

import { learn } from './time.js'

/** @typedef {Record<string, any>} Body what the hub answered; each caller names the members it reads */

const PATIENCE = 20_000
const RENEWAL = 300

/** The hub said no, with a stable code. */
export class Problem extends Error {
  /**
   * @param {number} status
   * @param {Body} body RFC 9457
   * @param {number} retryAfter seconds to wait before trying again, 0 where the hub named none
   */
  constructor(status, body, retryAfter = 0) {
    super(String(body['detail'] ?? body['title'] ?? status))
    this.status = status
    this.code = String(body['code'] ?? status)
    this.nextStep = String(body['next_step'] ?? '')
    this.body = body
    this.retryAfter = retryAfter
  }
}

/** Nothing came back: no network, no hub, or no answer in time. Nothing is known about what happened. */
export class Unreachable extends Error {}

/**
 * Asks the hub.
 * @param {string} method
 * @param {string} path from `/v1/…`
 * @param {unknown} [body]
 * @param {{signal?: AbortSignal | undefined, patience?: number}} [options] patience in milliseconds
 * @returns {Promise<Body>}
 * @throws {Problem | Unreachable}
 */
export async function ask(method, path, body, options = {}) {
  try {
    return await send(method, path, body, options)
  } catch (error) {
    if (!(error instanceof Problem && error.code === 'session_renewed')) throw error
    // A step-up, maybe of another tab, has renewed the cookie while this was on its way: the hub did nothing. The answer
    // that brings the cookie may still be under way.
    await new Promise((resolve) => setTimeout(resolve, RENEWAL))
    return send(method, path, body, options)
  }
}

/**
 * @param {string} method @param {string} path @param {unknown} body @param {{signal?: AbortSignal | undefined, patience?: number}} options
 * @returns {Promise<Body>}
 */
async function send(method, path, body, { signal, patience = PATIENCE }) {
  const limit = AbortSignal.timeout(patience)
  /** @type {RequestInit} */
  const init = { method, cache: 'no-store', credentials: 'same-origin', signal: signal ? AbortSignal.any([signal, limit]) : limit }
  if (body !== undefined) {
    init.body = JSON.stringify(body)
    init.headers = { 'content-type': 'application/json' }
  }
  let response
  let answer
  try {
    response = await fetch(path, init)
    answer = await read(response)
  } catch (error) {
    if (signal?.aborted) throw error
    throw new Unreachable(String(error))
  }
  if (typeof answer['now'] === 'string') learn(answer['now'])
  if (!response.ok) throw new Problem(response.status, answer, Number(response.headers.get('retry-after')) || 0)
  return answer
}

/**
 * Asks the hub, and again where it says that it took nothing and when to come back: a person who has signed or come back
 * from another app has nothing to press for that. Only for what is safe to send twice.
 * @param {string} method
 * @param {string} path
 * @param {unknown} body
 * @param {string} [code] only where the problem is this one; otherwise any that says when to come back
 * @returns {Promise<Body>}
 * @throws {Problem | Unreachable}
 */
export async function askUntilTaken(method, path, body, code) {
  const end = performance.now() + PATIENCE
  for (let pause = 1; ; pause *= 2) {
    try {
      return await ask(method, path, body)
    } catch (error) {
      if (!(error instanceof Problem && error.status === 503 && error.retryAfter > 0)) throw error
      if (code !== undefined && error.code !== code) throw error
      // What the hub names is the time by which it is surely ready; mostly it is at once.
      const wait = Math.min(pause, error.retryAfter) * 1000
      if (performance.now() + wait > end) throw error
      await new Promise((resolve) => setTimeout(resolve, wait))
    }
  }
}

/**
 * Whether an error only says that the screen was left.
 * @param {unknown} error
 */
export function isLeft(error) {
  return error instanceof DOMException && error.name === 'AbortError'
}

/** @param {Response} response @returns {Promise<Body>} */
async function read(response) {
  const text = await response.text()
  if (!text) return {}
  try {
    return JSON.parse(text)
  } catch {
    // A proxy in between may answer with a page of its own.
    return { code: 'not_json', detail: `status ${response.status}` }
  }
}
