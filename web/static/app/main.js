/**
 * Starts the page: who is signed in, which screen, and the service worker.
 */

import { isLeft, Problem, Unreachable } from './api.js'
import { fill, focusHeading, h } from './dom.js'
import { startFeed, stopFeed, watchFeed } from './feed.js'
import { frame } from './frame.js'
import { takeAwayEnded } from './push/shown.js'
import { keepTrue } from './push/subscribing.js'
import { screenAt } from './router.js'
import { ownKey, presentSession, signInWithKey } from './session.js'
import { t } from './words.js'
import { keepUpToDate, ledBy } from './worker.js'

/** @typedef {import('./session.js').Session} Session */

const page = /** @type {HTMLElement} */ (document.getElementById('page'))
/** @type {Session | null | undefined} undefined: not asked yet */
let session
let leave = new AbortController()
/** For whom it was looked whether this device is told things. */
let toldTrue = ''
/** @type {import('./router.js').Name} */
let shown = 'inbox'

/** @param {string} path */
function go(path) {
  history.pushState(null, '', path)
  void show()
}

async function refresh() {
  session = await presentSession()
}

/** Shows the screen of the present address. */
async function show() {
  leave.abort()
  leave = new AbortController()
  const { signal } = leave
  const query = new URLSearchParams(location.search)
  const { name, names, screen, signedIn } = screenAt(location.pathname, query)
  const fragment = location.hash.slice(1)
  // A token that came in the address stays out of the history.
  if ((fragment && fragment !== 'main') || query.size > 0) history.replaceState(null, '', location.pathname)
  try {
    if (signedIn && session === undefined) await arrive(signal)
    if (signal.aborted) return
    if (signedIn && session?.session.scope !== 'full') return replaceWith('/app/sign-in')
    if (signedIn) startFeed(signedOut)
    if (signedIn && session && toldTrue !== session.person.person_id) {
      toldTrue = session.person.person_id
      keepTrue(session)
    }
    shown = name
    const { nodes, main, bar } = frame(name, session ?? null, signal)
    fill(page, ...nodes)
    scrollTo(0, 0)
    await screen({ root: main, bar, signal, session: session ?? null, go, replace: replaceWith, refresh, query, fragment, names })
    if (signal.aborted) return
    document.title = main.querySelector('h1')?.textContent || t('frame.brand')
    // Whoever is quicker than the last of the screen's parts is where they went.
    if (!page.contains(document.activeElement)) focusHeading(main)
  } catch (error) {
    if (isLeft(error) || signal.aborted) return
    // The session ended while the screen was being painted, as by signing out at once.
    if (signedIn && error instanceof Problem && error.status === 401 && (await isSignedOut())) return
    failed(error)
  }
}

/**
 * Who is here: a session from before, or this browser's own key, which signs in by itself.
 * @param {AbortSignal} signal
 */
async function arrive(signal) {
  session = await presentSession(signal)
  if (session) return
  const key = await ownKey()
  if (key && (await signInWithKey(key))) await refresh()
}

/** The session that the feed used is over; a newer one may have taken its place, as after linking a new key. */
async function signedOut() {
  stopFeed()
  const before = session?.org.org_id
  session = await presentSession().catch(() => null)
  if (session?.session.scope !== 'full') replaceWith('/app/sign-in')
  // Another tab went to another organisation: what is on this one's screen is of the one before.
  else if (before !== session.org.org_id) void show()
  else startFeed(signedOut)
}

/** Leads to signing in where nobody is signed in any more. */
async function isSignedOut() {
  session = await presentSession().catch(() => undefined)
  if (session !== null) return false
  stopFeed()
  replaceWith('/app/sign-in')
  return true
}

/** @param {string} path */
function replaceWith(path) {
  history.replaceState(null, '', path)
  void show()
}

/** @param {unknown} error */
function failed(error) {
  if (!(error instanceof Unreachable)) console.error(error)
  const again = h('button', { type: 'button', class: 'primary', onclick: () => void show() }, t('common.again'))
  fill(page, h('main', { class: 'screen failed' }, h('h1', {}, t('error.title')), h('p', {}, t('error.unreachable')), again))
  focusHeading(page)
}

document.addEventListener('click', (event) => {
  const link = event.target instanceof Element ? event.target.closest('a') : null
  const plain = !event.defaultPrevented && event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey
  if (!link || !plain || link.origin !== location.origin || link.hash) return
  event.preventDefault()
  if (link.pathname !== location.pathname) go(link.pathname)
})
addEventListener('popstate', () => void show())
// The back-forward cache may bring a page back long after its session ended.
addEventListener('pageshow', (event) => {
  if (event.persisted) {
    session = undefined
    void show()
  }
})
keepUpToDate(() => shown !== 'card' && shown !== 'policy')
watchFeed(({ cards, askedAt }) => cards && takeAwayEnded(cards, askedAt), new AbortController().signal)
ledBy((path) => {
  if (path !== location.pathname) go(path)
})
void show()
