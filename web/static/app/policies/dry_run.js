/**
 * What the text in the editor would have decided about the real decisions of the last thirty days.
 */

import { ask, isLeft, Problem } from '../api.js'
import { fill, h } from '../dom.js'
import { t, tOr, when } from '../words.js'
import { visible } from '../../shared/visible.js'

/** @typedef {{id: string, agent_id: string, at: string, action_type: string | null, was: string, now: string, would_be: string, reason: string, rule_id: string | null}} Changed */

const DAYS = 30
const PAGE = 25

/**
 * @param {{path: () => string, body: () => Record<string, unknown>, signal: AbortSignal}} options
 */
export function dryRun({ path, body, signal }) {
  const message = h('p', { class: 'message', role: 'alert' })
  const counts = h('div', { role: 'status' })
  const list = h('ul', { class: 'rows' })
  const more = h('button', { type: 'button', class: 'secondary', hidden: true, onclick: () => void run(next) }, t('policies.more'))
  const button = h('button', { type: 'button', class: 'secondary', onclick: () => void run(null) }, t('policies.dry_run_go', { count: DAYS }))
  /** @type {string | null} */
  let next = null
  list.hidden = true
  /** @param {string | null} cursor */
  const run = async (cursor) => {
    message.textContent = ''
    button.disabled = more.disabled = true
    try {
      const answer = await ask('POST', `${path()}/dry-run`, { ...body(), days: DAYS, limit: PAGE, ...(cursor ? { cursor } : {}) }, { signal })
      if (!cursor) fill(list)
      list.append(...answer['items'].map(row))
      list.hidden = list.childElementCount === 0
      next = answer['next']
      more.hidden = next === null
      fill(counts, ...summary(/** @type {any} */ (answer)))
    } catch (error) {
      if (isLeft(error)) return
      fill(counts)
      message.textContent = error instanceof Problem ? error.message : t('policies.unreachable')
    } finally {
      button.disabled = more.disabled = false
    }
  }
  return h('section', { class: 'dry-run' }, h('h2', {}, t('policies.dry_run')), h('p', { class: 'quiet-text' }, t('policies.dry_run_lead')),
    button, message, counts, list, more)
}

/** @param {{replayed: number, complete: boolean, changes: Record<string, number>, not_replayed: Record<string, number>}} found */
function summary({ replayed, complete, changes, not_replayed: left }) {
  const many = Object.values(changes).reduce((sum, count) => sum + count, 0)
  if (replayed === 0 && Object.keys(left).length === 0) return [h('p', {}, t('policies.nothing_replayed', { count: DAYS }))]
  const other = Object.values(left).reduce((sum, count) => sum + count, 0)
  return [
    h('p', {}, t('policies.replayed', { count: replayed }), ' ', many === 0 ? t('policies.nothing_changes') : t('policies.would_change', { count: many })),
    many === 0 ? null : h('ul', { class: 'asked' }, ...Object.entries(changes).map(([change, count]) => {
      const [was = '', would = ''] = change.split(' to ')
      return h('li', {}, t('policies.change_kind', { was: tOr('policy_verdict', was), would: tOr('policy_verdict', would), count }))
    })),
    other > 0 ? h('p', { class: 'quiet-text' }, t('policies.not_replayed', { count: other })) : null,
    complete ? null : h('p', { class: 'quiet-text' }, t('policies.not_all')),
  ].filter((node) => node !== null)
}

/** @param {Changed} each */
function row(each) {
  return h('li', {}, h('div', { class: 'row-main' },
    h('p', { class: 'row-name' }, h('span', {}, visible(each.action_type ?? each.id).text),
      h('span', { class: 'tag' }, `${tOr('policy_verdict', each.was)} → ${tOr('policy_verdict', each.would_be)}`)),
    h('p', { class: 'quiet-text' }, h('time', { datetime: each.at }, when(each.at)), ' · ', h('span', { lang: 'en' }, visible(each.reason).text))))
}
