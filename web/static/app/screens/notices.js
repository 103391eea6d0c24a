/**
 * What owners and admins must know: notices, recoveries of the past, and the eIDs that are expected of members.
 */

import { ask, isLeft } from '../api.js'
import { fill, h } from '../dom.js'
import { icon } from '../icons.js'
import { loadNotices, markRead, subject, unreadBeyond } from '../notices.js'
import { recoveryIs, wayWords } from '../recoveries.js'
import { onDay, t, tOr, when } from '../words.js'
import { visible } from '../../shared/visible.js'

/** @typedef {import('../notices.js').Notice} Notice */
/** @typedef {import('../recoveries.js').Recovery & {cause: string | null}} Recovery */
/** @typedef {{factor_id: string, person_name: string, method: string, state: string, by_name: string | null, created_at: string, expires_at: string}} Expected */

/** @type {import('../context.js').Screen} */
export async function noticesScreen({ root, signal, session, replace }) {
  if (!session) return
  if (!session.roles.some((role) => role === 'owner' || role === 'admin')) return replace('/app/')
  const base = `/v1/orgs/${session.org.org_id}`
  const message = h('p', { class: 'message', role: 'alert' })
  const list = h('ul', { class: 'rows' })
  const empty = h('p', { class: 'quiet-text', hidden: true }, t('notices.none'), ' ', h('a', { href: '/app/' }, t('notices.none_do')))
  const unseen = h('p', { class: 'quiet-text', role: 'status' })
  const older = h('button', { type: 'button', class: 'secondary', hidden: true }, t('notices.older'))
  const recoveries = h('ul', { class: 'rows' })
  const noRecoveries = h('p', { class: 'quiet-text', hidden: true }, t('notices.no_recoveries'), ' ', h('a', { href: '/app/devices' }, t('notices.no_recoveries_do')))
  const expected = h('ul', { class: 'rows' })
  const noExpected = h('p', { class: 'quiet-text', hidden: true }, t('notices.no_expected'), ' ', h('code', { tabindex: 0 }, 'PUT /v1/orgs/{org}/members/{person}/factors/{method}'))
  fill(root, h('h1', {}, t('notices.title')),
    h('p', { class: 'quiet-text' }, t('notices.lead', { org: visible(session.org.name).text })), message, empty, list, unseen, older,
    h('section', {}, h('h2', {}, t('notices.recoveries')), noRecoveries, recoveries),
    h('section', {}, h('h2', {}, t('notices.expected')), noExpected, expected),
    h('p', {}, h('a', { href: '/app/' }, t('notices.back'))))

  /** @type {Notice[]} */
  const shown = []
  /** @type {string | null} */
  let cursor = null
  const load = async () => {
    const { items: found, next } = await loadNotices(session, signal, cursor)
    shown.push(...found)
    cursor = next
    list.append(...found.map(noticeRow))
    empty.hidden = shown.length > 0
    older.hidden = next === null
    unseen.textContent = unreadBeyond(shown, next) ? t('notices.unseen') : ''
    // Read once they stand on the screen. Where that is not taken, they are new once more: better than never.
    await markRead(session, shown, next).catch(() => undefined)
  }
  older.addEventListener('click', async () => {
    older.disabled = true
    message.textContent = ''
    await load().catch((error) => { if (!isLeft(error)) message.textContent = t('notices.failed') })
    older.disabled = false
  })

  /** @param {string} what @returns {Promise<any[]>} */
  const items = async (what) => (await ask('GET', `${base}/${what}`, undefined, { signal }))['items']
  try {
    const [pasts, awaited, members] = await Promise.all([
      items('recoveries'), items('expected-factors'), items('members'), load()])
    /** @type {Map<string, string>} */
    const names = new Map(members.map(({ person_id, name }) => [person_id, name]))
    fill(recoveries, ...pasts.map((/** @type {Recovery} */ past) => recoveryRow(past, names)))
    noRecoveries.hidden = pasts.length > 0
    fill(expected, ...awaited.map(expectedRow))
    noExpected.hidden = awaited.length > 0
  } catch (error) {
    if (isLeft(error)) throw error
    message.textContent = t('notices.failed')
  }
}

/** @param {Notice} notice */
function noticeRow(notice) {
  const by = notice.by_name === null ? null : ` · ${t('notices.by', { name: visible(notice.by_name).text })}`
  return h('li', {},
    icon(notice.kind === 'agent_paused' ? 'agent' : 'person'),
    h('div', { class: 'row-main' },
      h('p', { class: 'row-name' }, subject(notice), notice.unread ? h('span', { class: 'tag' }, t('notices.new')) : null),
      h('p', { class: 'quiet-text' }, h('time', { datetime: notice.at }, when(notice.at)), by)))
}

/** @param {Recovery} past @param {Map<string, string>} names */
function recoveryRow(past, names) {
  const name = visible(names.get(past.person_id) ?? past.person_id).text
  return h('li', {},
    icon('key'),
    h('div', { class: 'row-main' },
      h('p', { class: 'row-name' }, t('notices.recovery', { name, way: wayWords(past.way) }), h('span', { class: 'tag' }, recoveryIs(past.state))),
      h('p', { class: 'quiet-text' }, h('time', { datetime: past.opened_at }, when(past.opened_at)),
        names.has(past.opened_by) && past.opened_by !== past.person_id ? ` · ${t('notices.by', { name: visible(names.get(past.opened_by) ?? '').text })}` : null)))
}

/** @param {Expected} one */
function expectedRow(one) {
  const by = one.by_name === null ? t('expected.operator') : visible(one.by_name).text
  return h('li', {},
    icon(one.state === 'waiting' ? 'clock' : one.state === 'linked' ? 'check' : 'cross'),
    h('div', { class: 'row-main' },
      h('p', { class: 'row-name' }, t('notices.expected_of', { way: tOr('way', one.method), name: visible(one.person_name).text }),
        h('span', { class: 'tag' }, tOr('expected_is', one.state))),
      h('p', { class: 'quiet-text' }, t('notices.said_by', { name: by }), ` · ${onDay(one.created_at)}`)))
}
