/**
 * One question: fetched, checked against its hashes, painted whole, and answered; or how it ended.
 */

import { answerBar } from '../answer.js'
import { isLeft, Problem } from '../api.js'
import { countdown } from '../countdown.js'
import { meansFor, NoSigner, tellSeen } from '../decision.js'
import { fill, focusHeading, h } from '../dom.js'
import { ended } from '../ended.js'
import { feedState, watchFeed } from '../feed.js'
import { Painting } from '../fields.js'
import { icon } from '../icons.js'
import { check, ContentChanged, fetchQuestion, moved } from '../question.js'
import { sections, top } from '../sections.js'
import { standsInNotice } from '../stands_in.js'
import { forget } from '../step_up/kept.js'
import { Reading } from '../text_block.js'
import { secondsUntil } from '../time.js'
import { t } from '../words.js'

/** @typedef {import('../question.js').Answer} Question */
/** @typedef {import('../context.js').Context} Context */

/** Milliseconds until it is looked again, where the hub could not be asked. */
const AGAIN = 2000

/** @type {import('../context.js').Screen} */
export async function card(context) {
  const { root, bar, signal, names } = context
  const id = names['id'] ?? ''
  /** @type {Question | null} */
  let question = null
  let visit = new AbortController()
  signal.addEventListener('abort', () => visit.abort())

  const paint = async () => {
    visit.abort()
    visit = new AbortController()
    const mine = visit.signal
    try {
      question = await fetchQuestion(id, mine)
      mine.throwIfAborted()
    } catch (error) {
      if (isLeft(error)) return
      if (!(error instanceof Problem) || error.status !== 404) throw error
      fill(bar, back())
      return fill(root, nothing(t('card.not_found')))
    }
    if (question.status === 'open' && (question.mine === null || question.mine.decision === 'approve')) await open(context, question, mine, again)
    else {
      forget(id)
      fill(bar, back())
      fill(root, ended(question, context, again))
    }
  }
  const again = async () => {
    await paint()
    scrollTo(0, 0)
    focusHeading(root)
  }
  const fresh = async () => {
    try {
      if (!question || !moved(question, await fetchQuestion(id, signal))) return
      await again()
    } catch (error) {
      // Nobody tells of this change a second time.
      if (!isLeft(error) && !signal.aborted) setTimeout(() => signal.aborted || void fresh(), AGAIN)
    }
  }
  // When the inbox changes, the question may have been answered elsewhere, withdrawn or given more time. What was heard of
  // is from before the question is fetched: another tab may answer while this one is still being painted.
  let { version, online } = feedState()
  await paint()
  watchFeed((feed) => {
    const changed = feed.version !== null && feed.version !== version
    const returned = feed.online && !online
    version = feed.version ?? version
    online = feed.online
    if (changed || returned) void fresh()
  }, signal)
}

/**
 * @param {Context} context
 * @param {Question} question
 * @param {AbortSignal} signal ends when this painting is replaced
 * @param {() => Promise<void>} again
 */
async function open(context, question, signal, again) {
  const { root, bar } = context
  const painting = new Painting(question.presentation.fields)
  const reading = new Reading()
  try {
    await check(question, painting.fields)
    if (signal.aborted) return
  } catch (error) {
    if (!(error instanceof ContentChanged)) throw error
    fill(bar, back())
    return fill(root, nothing(t('card.changed'), t('card.changed_lead')))
  }
  const article = h('article', { class: 'card', 'data-risk': question.requirement.risk, 'aria-labelledby': 'verb' },
    ...top(question), ...sections(question, painting, reading))
  const time = countdown({
    from: question.created_at,
    until: () => question.expires_at,
    signal,
    onTick: (left) => {
      if (left === 0 && secondsUntil(question.expires_at) === 0) setTimeout(() => signal.aborted || void again(), 1200)
    },
  })
  fill(bar, back(), time)
  const mine = t(question.progress?.effective_at ? 'card.waits_already' : 'card.approved_already')
  fill(root, question.mine ? h('p', { class: 'notice good' }, icon('check'), h('span', {}, mine)) : null, standsInNotice(question.stands_in), article)
  if (!question.may_answer) {
    article.append(h('p', { class: 'notice' }, icon('stop'), h('span', {}, t(question.asked_later ? 'card.later' : 'card.not_yours'))))
    return
  }
  try {
    const { signer, offer } = await meansFor(question, signal)
    const view = await tellSeen(question, signer, signal)
    if (signal.aborted) return
    root.append(answerBar({ context, question, painting, reading, signer, offer, view, signal, again }))
  } catch (error) {
    if (isLeft(error)) return
    if (error instanceof NoSigner) {
      article.append(h('p', { class: 'notice strong' }, icon('key'), h('span', {}, t('card.no_signer')),
        h('a', { href: '/app/devices' }, t('frame.devices'))))
    } else if (error instanceof Problem && error.status === 409) {
      await again()
    } else throw error
  }
}

function back() {
  return h('a', { class: 'back', href: '/app/' }, icon('back'), t('card.back'))
}

/** @param {string} title @param {string} [lead] */
function nothing(title, lead) {
  return h('div', { class: 'empty' }, icon('stop', 'hero'), h('h1', {}, title), lead ? h('p', {}, lead) : null)
}
