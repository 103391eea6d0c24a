/**
 * How this person answers, in numbers, and for those who govern how everybody does: nobody is refused anything because
 * of one, and who sees their own can slow down.
 */

import { ask, Problem } from './api.js'
import { h } from './dom.js'
import { percent, t } from './words.js'
import { visible } from '../shared/visible.js'

/** @typedef {{person_id: string, name: string, prompts: number, prompts_per_day: number, busiest_day: number, answered: number, approved: number, approval_rate: number | null, median_seconds: number | null, busiest_minute: number, hurried: number, inactive: boolean}} Measure */

const DAYS = 30
/** More answers in a minute are given by habit: worth a sentence. */
const CROWD = 10

/**
 * Null where there is nothing to say yet.
 * @param {import('./session.js').Session} session
 * @param {AbortSignal} signal
 * @returns {Promise<Node | null>}
 */
export async function measures(session, signal) {
  const found = await everybody(session.org.org_id, signal)
  const mine = found.find(({ person_id: id }) => id === session.person.person_id)
  const others = found.filter((one) => one !== mine && one.prompts + one.answered > 0)
  if (!(mine && mine.prompts + mine.answered > 0) && !others.length) return null
  return h('section', { class: 'measures' }, h('h2', {}, t('measures.title', { days: DAYS })),
    mine && mine.prompts + mine.answered > 0 ? h('p', {}, said(mine)) : null,
    others.length ? h('details', {}, h('summary', {}, t('measures.others')),
      h('ul', { class: 'rows' }, ...others.map((one) => h('li', {}, h('div', { class: 'row-main' },
        h('p', { class: 'row-name' }, visible(one.name).text), h('p', { class: 'quiet-text' }, said(one))))))) : null)
}

/** In words, as far as there is something to say. @param {Measure} one */
function said(one) {
  return [
    t('measures.prompts', { count: one.prompts, busiest: one.busiest_day }),
    one.approval_rate === null ? '' : t('measures.answered', { count: one.answered, rate: percent(one.approval_rate) }),
    one.median_seconds === null ? '' : t('measures.median', { seconds: one.median_seconds }),
    one.busiest_minute > CROWD ? t('measures.busiest_minute', { count: one.busiest_minute }) : '',
    one.hurried ? t('measures.hurried', { count: one.hurried }) : '',
    one.inactive ? t('measures.inactive') : '',
  ].filter(Boolean).join(' ')
}

/**
 * Everybody's numbers, for who may read them; else one's own.
 * @param {string} org @param {AbortSignal} signal @returns {Promise<Measure[]>}
 */
async function everybody(org, signal) {
  /** @type {Measure[]} */
  const found = []
  let cursor = ''
  do {
    const query = `days=${DAYS}&limit=100${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`
    try {
      const answer = await ask('GET', `/v1/orgs/${org}/approvers?${query}`, undefined, { signal })
      found.push(...answer['items'])
      cursor = answer['next'] ?? ''
    } catch (error) {
      if (error instanceof Problem && (error.status === 403 || error.status === 404)) return []
      throw error
    }
  } while (cursor)
  return found
}
