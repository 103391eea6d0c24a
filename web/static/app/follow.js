/**
 * A card that is open stays true: how far its question has come, until when it can be answered, what this person may do.
 * Nothing that was painted to be signed is touched, nor where one is in reading it.
 */

import { announcer } from './announce.js'
import { progressOf } from './rule.js'
import { insteadOf, namesOf } from './stands_in.js'
import { t, when } from './words.js'
import { visible } from '../shared/visible.js'

/** @typedef {import('./question.js').Answer} Question */

/** What may change while a question is open. None of it is signed. */
const LIVE = /** @type {const} */ (['version', 'progress', 'expires_at', 'latest_expiry', 'may_answer', 'may_approve', 'asked_later',
  'number_tries_left', 'repeats', 'handed_by', 'handed_to', 'stands_in'])

/**
 * Paints how far the question has come, and returns what follows it from then on: given the question as it is now, it
 * brings the card up to date and says in words what is new.
 * @param {Question} question the one that is painted; it is kept up to date too
 * @param {Element} article
 * @returns {(now: Question) => void}
 */
export function follower(question, article) {
  const say = announcer(article)
  const line = article.querySelector('.rule > .progress')
  const until = article.querySelector('.part-until time')
  const mine = article.parentElement?.querySelector('.mine span')
  const paint = () => {
    const words = progressOf(question)
    if (line instanceof HTMLElement) {
      line.hidden = words === null
      line.textContent = words
    }
    until?.setAttribute('datetime', question.expires_at)
    if (until) until.textContent = when(question.expires_at)
    if (mine) mine.textContent = t(question.progress?.effective_at ? 'card.waits_already' : 'card.approved_already')
  }
  paint()
  return (now) => {
    const before = { progress: progressOf(question), until: question.expires_at, by: question.handed_by, away: namesOf(question.stands_in) }
    for (const name of LIVE) Reflect.set(question, name, now[name])
    paint()
    const words = progressOf(question)
    const news = [
      words !== before.progress ? words : null,
      question.expires_at !== before.until ? t('card.moved', { time: when(question.expires_at) }) : null,
      question.handed_by !== before.by && question.handed_by !== null ? t('handed.by', { name: visible(question.handed_by).text }) : null,
      namesOf(question.stands_in) !== before.away && question.stands_in.length > 0 ? insteadOf(question.stands_in) : null,
    ]
    const said = news.filter((part) => part !== null).join(' ')
    if (said) say(said)
  }
}
