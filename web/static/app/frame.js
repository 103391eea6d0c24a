/**
 * What stands around every screen: the name, the ways to the main screens, and a word when there is no network.
 */

import { h } from './dom.js'
import { feedState, watchFeed } from './feed.js'
import { icon } from './icons.js'
import { readsPolicies } from './policies/who.js'
import { t } from './words.js'

/** @typedef {import('./session.js').Session} Session */
/** @typedef {import('./router.js').Name} Name */

/** @type {{name: Name, path: string, key: import('./words.js').Key}[]} */
const WAYS = [
  { name: 'inbox', path: '/app/', key: 'frame.inbox' },
  { name: 'decisions', path: '/app/decisions', key: 'frame.decisions' },
  { name: 'devices', path: '/app/devices', key: 'frame.devices' },
]
/** For who may see what agents are allowed. @type {typeof WAYS[number]} */
const POLICIES = { name: 'policies', path: '/app/policies', key: 'frame.policies' }

/**
 * The frame around one screen.
 * @param {Name} name
 * @param {Session | null} session
 * @param {AbortSignal} signal
 * @returns {{nodes: Node[], main: HTMLElement, bar: HTMLElement}} bar: the top of the screen; a card fills it itself
 */
export function frame(name, session, signal) {
  const main = h('main', { id: 'main', class: `screen at-${name}` })
  const skip = h('a', { class: 'skip', href: '#main' }, t('frame.skip'))
  const brand = h('span', { class: 'brand' }, icon('low', 'brand-icon'),
    h('span', { class: 'brand-name' }, session?.org.name ?? t('frame.brand')))
  const whole = session && name !== 'enrol' && name !== 'return'
  const bar = h('header', { class: 'top' }, ...(name === 'card' ? [] : [brand, whole ? ways(name === 'policy' ? 'policies' : name, session, signal) : null]))
  return { nodes: [skip, bar, session ? offlineBanner(signal) : h('div'), main], main, bar }
}

/** @param {Name} name @param {Session} session @param {AbortSignal} signal */
function ways(name, session, signal) {
  const count = h('span', { class: 'count', hidden: true })
  watchFeed(({ cards }) => {
    const waiting = cards?.filter(({ answered }) => !answered).length ?? 0
    count.hidden = waiting === 0
    count.textContent = String(waiting)
    count.setAttribute('aria-label', t('frame.waiting', { count: waiting }))
    if (cards !== null) badge(waiting)
  }, signal)
  return h('nav', { 'aria-label': t('frame.ways') }, ...(readsPolicies(session) ? [...WAYS, POLICIES] : WAYS).map((way) =>
    h('a', { href: way.path, 'aria-current': way.name === name ? 'page' : null },
      t(way.key), way.name === 'inbox' ? count : null)))
}

/**
 * The number on the icon of the installed page, where the system has such a thing.
 * @param {number} waiting
 */
function badge(waiting) {
  const done = waiting > 0 ? navigator.setAppBadge?.(waiting) : navigator.clearAppBadge?.()
  done?.catch(() => undefined)
}

/**
 * Says since when nothing was heard; buttons that need the hub are disabled by their screens.
 * @param {AbortSignal} signal
 */
function offlineBanner(signal) {
  const text = h('span')
  const banner = h('div', { class: 'banner offline', role: 'status', hidden: true }, icon('offline'), text)
  const paint = () => {
    const { online, syncedAt } = feedState()
    banner.hidden = online
    if (online) return
    const minutes = syncedAt === null ? 0 : Math.floor((performance.now() - syncedAt) / 60_000)
    const said = minutes > 0 ? t('offline.since', { count: minutes }) : t('offline.now')
    if (text.textContent !== said) text.textContent = said
  }
  watchFeed(paint, signal)
  const timer = setInterval(paint, 5_000)
  signal.addEventListener('abort', () => clearInterval(timer))
  return banner
}
