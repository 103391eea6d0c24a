/**
 * Notices for owners and admins: how many are new, their words, and that they were read.
 */

import { ask, isLeft } from './api.js'
import { h } from './dom.js'
import { icon } from './icons.js'
import { t, tOr } from './words.js'
import { visible } from '../shared/visible.js'

/** @typedef {import('./session.js').Session} Session */
/** @typedef {{notice_id: string, kind: string, subject_id: string, subject_name: string | null, by_name: string | null, at: string, unread: boolean}} Notice */

/** How many are loaded at once, the newest ones first. */
const PAGE = 50

/**
 * A word about what is new, which leads to the screen; null where nothing is, or where the person is no admin.
 * @param {Session} session
 * @param {AbortSignal} signal
 */
export async function newNotices(session, signal) {
  if (!session.roles.some((role) => role === 'owner' || role === 'admin')) return null
  try {
    const { items, next } = await loadNotices(session, signal)
    const count = items.filter(({ unread }) => unread).length
    if (count === 0) return null
    const words = unreadBeyond(items, next) ? t('notices.unread_many', { count }) : t('notices.unread', { count })
    return h('p', { class: 'notice' }, icon('person'), h('a', { href: '/app/notices' }, words))
  } catch (error) {
    if (isLeft(error)) throw error
    // The inbox is what one came for.
    return null
  }
}

/** The way to the screen, for the screen Devices. */
export function noticesLink() {
  return h('p', {}, h('a', { href: '/app/notices' }, t('notices.link')))
}

/** @param {Notice} notice */
export function subject(notice) {
  const name = notice.subject_name === null ? t('notices.unknown') : visible(notice.subject_name).text
  const key = /** @type {import('./words.js').Key} */ (`notice.${notice.kind}`)
  return tOr('notice', notice.kind) === notice.kind ? notice.kind : t(key, { name })
}

/**
 * Those after a cursor, newest first, and the cursor after them; those that are unread come before all others.
 * @param {Session} session
 * @param {AbortSignal} signal
 * @param {string | null} [cursor]
 * @returns {Promise<{items: Notice[], next: string | null}>}
 */
export async function loadNotices(session, signal, cursor = null) {
  const after = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`
  const { items, next } = await ask('GET', `/v1/orgs/${session.org.org_id}/notices?limit=${PAGE}${after}`, undefined, { signal })
  return { items, next }
}

/**
 * Whether some may be unread that are not among these.
 * @param {Notice[]} notices
 * @param {string | null} next
 */
export function unreadBeyond(notices, next) {
  return next !== null && notices.at(-1)?.unread === true
}

/**
 * Tells the hub that these were read. To the hub, older ones count as read with them: so not while some of those are
 * unread and stand on no screen, or whoever makes many hides the one that matters.
 * @param {Session} session
 * @param {Notice[]} notices all that are shown, newest first
 * @param {string | null} next
 */
export async function markRead(session, notices, next) {
  const newest = notices[0]
  if (!newest?.unread || unreadBeyond(notices, next)) return
  await ask('PUT', `/v1/orgs/${session.org.org_id}/notices/read`, { up_to: newest.notice_id })
}
