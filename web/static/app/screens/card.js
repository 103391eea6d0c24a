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
import { follower } from '../follow.js'
import { handOver } from '../hand_over.js'
import { icon } from '../icons.js'
import { followQuestion } from '../organisations.js'
import { takeAwayOf } from '../push/shown.js'
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
/** Milliseconds between looks at a question that is not in this person's inbox: nobody says when it changes. */
const UNTOLD = 5000

/**
 * The card with the sheet open in which it is denied, for whoever pressed Deny on a notification: once, not when the page
 * is loaded again. A link to it does no more.
 * @type {import('../context.js').Screen}
 */
export function denial(context) {
  history.replaceState(null, '', location.pathname.replace(/\/denial$/, ''))
  return show(context, true)
}

/** @type {import('../context.js').Screen} */
export function card(context) {
  return show(context, false)
}

/**
 * @param {Context} context
 * @param {boolean} first whether its person comes to deny it
 */
async function show(context, first) {
  const { root, bar, signal, names } = context
  const id = names['id'] ?? ''
  let denies = first
  /** @type {Question | null} */
  let question = null
  /** @type {((now: Question) => Promise<void>) | null} brings the card that is open up to date */
  let follow = null
  let visit = new AbortController()
  signal.addEventListener('abort', () => visit.abort())

  const paint = async () => {
    visit.abort()
    visit = new AbortController()
    const mine = visit.signal
    const asked = denies
    follow = null
    denies = false
    try {
      question = await fetchQuestion(id, mine)
      mine.throwIfAborted()
    } catch (error) {
      if (isLeft(error)) return
      if (!(error instanceof Problem) || error.status !== 404) throw error
      if (await followQuestion(id, context).catch(() => false)) return
      fill(bar, back())
      return fill(root, nothing(t('card.not_found')))
    }
    if (question.status === 'open' && (question.mine === null || question.mine.decision === 'approve')) {
      follow = await open(context, question, mine, { again, heard, denies: asked })
    } else {
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
  /** @param {Question} now @returns {Promise<boolean>} whether the card was painted anew */
  const heard = async (now) => {
    if (!question) return false
    if (moved(question, now)) {
      await again()
      return true
    }
    await follow?.(now)
    return false
  }
  const fresh = async () => {
    try {
      await heard(await fetchQuestion(id, signal))
    } catch (error) {
      // Nobody tells of this change a second time.
      if (!isLeft(error) && !signal.aborted) setTimeout(() => signal.aborted || void fresh(), AGAIN)
    }
  }
  // When the inbox changes, the question may have been answered elsewhere, withdrawn or given more time. What was heard of
  // is from before the question is fetched: another tab may answer while this one is still being painted.
  let { version, online } = feedState()
  await paint()
  takeAwayOf(id)
  watchFeed((feed) => {
    const changed = feed.version !== null && feed.version !== version
    const returned = feed.online && !online
    version = feed.version ?? version
    online = feed.online
    if (changed || returned) void fresh()
  }, signal)
  const timer = setInterval(() => {
    const { cards, online: there } = feedState()
    const told = cards?.some(({ escalation_id: one }) => one === id)
    if (question?.status === 'open' && !told && there && !document.hidden) void fresh()
  }, UNTOLD)
  signal.addEventListener('abort', () => clearInterval(timer))
}

/**
 * @param {Context} context
 * @param {Question} question
 * @param {AbortSignal} signal ends when this painting is replaced
 * @param {{again: () => Promise<void>, heard: (now: Question) => Promise<boolean>, denies: boolean}} card `heard`: the hub
 * was asked, and this is how the question is now; `denies`: its person comes to deny it
 * @returns {Promise<((now: Question) => Promise<void>) | null>} what follows the question from now on
 */
async function open(context, question, signal, { again, heard, denies }) {
  const { root, bar } = context
  const painting = new Painting(question.presentation.fields)
  const reading = new Reading()
  try {
    await check(question, painting.fields)
    if (signal.aborted) return null
  } catch (error) {
    if (!(error instanceof ContentChanged)) throw error
    fill(bar, back())
    fill(root, nothing(t('card.changed'), t('card.changed_lead')))
    return null
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
  const standing = standsInNotice(question)
  fill(root, question.mine ? h('p', { class: 'notice good mine' }, icon('check'), h('span')) : null, standing.node, article)
  const update = follower(question, article)
  const handing = handOver(question, context.session?.person.person_id ?? '', signal, heard)
  article.querySelector('.part-rule')?.append(handing.node)
  const others = h('p', { class: 'notice' }, icon('stop'), h('span', {}, t(question.asked_later ? 'card.later' : 'card.not_yours')))
  /** @type {import('../answer.js').Bar | null} */
  let answers = null
  const offerAnswers = async () => {
    const { signer, offer } = await meansFor(question, signal)
    const view = await tellSeen(question, signer, signal)
    if (signal.aborted || answers) return
    answers = { context, question, painting, reading, signer, offer, view, signal, again, heard, denies, repaint: () => undefined }
    others.remove()
    root.append(answerBar(answers))
  }
  if (question.may_answer) await withoutSigner(offerAnswers, article, again)
  else article.append(others)
  return async (now) => {
    const begins = !question.may_answer && now.may_answer
    update(now)
    standing.repaint()
    handing.repaint()
    if (begins) await withoutSigner(offerAnswers, article, again)
    answers?.repaint()
  }
}

/**
 * Offers the answers, or says in the card why there are none.
 * @param {() => Promise<void>} offerAnswers
 * @param {Element} article
 * @param {() => Promise<void>} again
 */
async function withoutSigner(offerAnswers, article, again) {
  try {
    await offerAnswers()
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
