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

/** How many are shown, the newest ones. */
export const PAGE = 50

/**
 * A word about what is new, which leads to the screen; null where nothing is, or where the person is no admin.
 * @param {Session} session
 * @param {AbortSignal} signal
 */
export async function newNotices(session, signal) {
  if (!session.roles.some((role) => role === 'owner' || role === 'admin')) return null
  try {
    const answer = await ask('GET', `/v1/orgs/${session.org.org_id}/notices?limit=${PAGE}`, undefined, { signal })
    const count = answer['items'].filter((/** @type {Notice} */ { unread }) => unread).length
    if (count === 0) return null
    return h('p', { class: 'notice' }, icon('person'), h('a', { href: '/app/notices' }, t('notices.unread', { count })))
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
 * Tells the hub that these were read.
 * @param {Session} session
 * @param {Notice[]} notices
 */
export async function markRead(session, notices) {
  if (!notices.some(({ unread }) => unread)) return
  const newest = notices.map(({ notice_id: id }) => id).sort().at(-1)
  await ask('PUT', `/v1/orgs/${session.org.org_id}/notices/read`, { up_to: newest })
}
