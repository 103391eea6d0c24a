/**
 * The two answers at the foot of a card, how each is given, and what can go wrong on the way.
 */

import { ask, isLeft, Problem, Unreachable } from './api.js'
import { checkTemplate, decide, fillIn, tellSeen } from './decision.js'
import { demands } from './demands.js'
import { focusHeading, h } from './dom.js'
import { feedState, watchFeed } from './feed.js'
import { holdable } from './hold.js'
import { icon } from './icons.js'
import { check, ContentChanged, fetchQuestion, valueAt } from './question.js'
import { forget } from './step_up/kept.js'
import { isProving, prove } from './step_up/prove.js'
import { askForReason, confirmApproval, confirmNotMe } from './sheets.js'
import { secondsUntil } from './time.js'
import { headline, t } from './words.js'

/** @typedef {import('./question.js').Answer} Question */
/** @typedef {import('./decision.js').Reply} Reply */
/**
 * @typedef {object} Bar
 * @property {import('./context.js').Context} context
 * @property {Question} question
 * @property {import('./fields.js').Painting} painting
 * @property {import('./text_block.js').Reading} reading
 * @property {import('./decision.js').Signer} signer
 * @property {import('./step_up/hub.js').Offer} offer what has to be proven beside the signature
 * @property {import('./decision.js').View} view
 * @property {AbortSignal} signal
 * @property {() => Promise<void>} again paints the card anew
 * @property {(now: Question) => Promise<boolean>} heard the hub was asked, and this is how the question is now; whether the
 * card was painted anew because of it
 * @property {boolean} denies whether its person comes from a notification's button to deny it
 * @property {() => void} repaint brings the buttons up to date; the bar puts it here
 */

const SOONEST = 20
const SOON = 60
const MARGIN = 5
const MOST_OF_SCREEN = 0.4

/**
 * The bar with the buttons.
 * @param {Bar} bar
 */
export function answerBar(bar) {
  const { question, reading, signer, offer, signal } = bar
  const { risk } = question.requirement
  const { verb } = headline(valueAt(question.presentation.fields, '/action_type') ?? '')
  const held = risk === 'high' && !offer.needed
  const noWay = offer.needed && offer.ways.length === 0
  const message = h('p', { class: 'message', role: 'alert' })
  const hint = h('p', { class: 'hint', id: 'approve-hint' })
  const approve = h('button', { type: 'button', class: 'approve', 'aria-describedby': 'approve-hint' },
    h('span', { class: 'fill', 'aria-hidden': 'true' }), h('span', { class: 'label' }, t('answer.approve', { verb: verb.toLocaleLowerCase() })))
  const deny = h('button', { type: 'button', class: 'deny' }, t('answer.deny'))
  const notMe = h('button', { type: 'button', class: 'quiet not-me' }, t('answer.not_me'))
  const more = moreTime(bar, message)
  const asked = demands(question, () => paint(), signal)
  let busy = false

  const paint = () => {
    const reachable = feedState().online
    const unread = (risk === 'high' || risk === 'critical') && !reading.done
    const unwanted = question.mine !== null || !question.may_approve
    if (unwanted && document.activeElement === approve) deny.focus({ preventScroll: true })
    approve.hidden = unwanted
    const lacks = asked.lacks()
    approve.disabled = busy || !reachable || unread || noWay || lacks !== null
    deny.disabled = notMe.disabled = busy || !reachable
    const kind = noWay ? 'no_way' : offer.needed ? 'step_up' : signer.kind === 'passkey' ? 'passkey' : held ? 'held' : risk === 'low' ? 'tapped' : 'twice'
    hint.textContent = !reachable ? t('answer.offline') : question.mine ? t('answer.change') : !question.may_approve ? t(question.number_tries_left === 0 ? 'answer.barred' : 'answer.only_stop')
      : unread ? t('answer.unread') : lacks ? t(`answer.lacks_${lacks}`) : t(`answer.${kind}`)
  }
  /** @param {Reply | null} reply */
  const give = async (reply) => {
    if (!reply || busy) return
    busy = true
    message.textContent = ''
    node.classList.add('busy')
    paint()
    try {
      await send(bar, reply)
      await bar.again()
    } catch (error) {
      busy = false
      node.classList.remove('busy')
      if (!isLeft(error)) await refused(error)
      paint()
    }
  }
  /** @param {unknown} error */
  const refused = async (error) => {
    if (error instanceof Problem && error.code === 'number_wrong') asked.clear()
    await explain(bar, error, message)
  }
  const approved = async () => give({ decision: 'approve', written: await asked.written() })
  const confirmed = async () => {
    if (approve.disabled) return
    if (offer.needed) return proven()
    if (await confirmApproval(question, verb, signer.kind, signal)) await approved()
  }
  const proven = async () => {
    try {
      const proof = await prove({
        escalationId: question.escalation_id,
        personId: personOf(bar),
        signer,
        offer,
        signal,
        title: t('confirm.title', { verb: verb.toLocaleLowerCase() }),
        freshView: async () => templateToProve(bar, await asked.written()),
      })
      if (proof) await give({ decision: 'approve', proof })
    } catch (error) {
      if (!isLeft(error)) await refused(error)
    }
  }
  if (held) holdable(approve, { onHeld: () => void approved(), onTapped: () => void confirmed(), signal })
  else approve.addEventListener('click', () => void (risk === 'low' && !offer.needed ? approved() : confirmed()))
  deny.addEventListener('click', () => {
    if (risk === 'low') void give({ decision: 'deny' })
    else void askForReason(signal).then(give)
  })
  notMe.addEventListener('click', () => void confirmNotMe(question, signal).then((sure) => give(sure ? { decision: 'not_me' } : null)))
  reading.onChange = bar.repaint = paint
  watchFeed(paint, signal)

  const node = h('footer', { class: 'answers' }, more, asked.node, message, hint,
    h('div', { class: 'answer-buttons' }, deny, approve), notMe)
  stickWhereItFits(node, signal)
  // The page was loaded again, or the person came back from another app: what they began goes on.
  if (bar.denies) void askForReason(signal, question).then(give)
  else if (offer.needed && question.mine === null && isProving(question.escalation_id, personOf(bar))) void proven()
  return node
}

/** @param {Bar} bar */
function personOf({ context }) {
  return context.session?.person.person_id ?? ''
}

/**
 * The hashes of what is on the screen at this moment.
 * @param {Bar} bar
 * @throws {ContentChanged}
 */
async function painted({ question, painting }) {
  const fields = painting.intact()
  if (!fields) throw new ContentChanged('the page was changed after it was painted')
  return check(question, fields)
}

/**
 * A new statement to prove oneself for: what is proven is bound to it before it is signed, so it is compared before too.
 * @param {Bar} bar
 * @param {import('./demands.js').Written} written
 */
async function templateToProve(bar, written) {
  const hashes = await painted(bar)
  const view = await tellSeen(bar.question, bar.signer)
  checkTemplate(view.statement, bar.question, hashes, bar.signer, personOf(bar))
  return { ...view, statement: fillIn(view.statement, written), written }
}

/**
 * Checks what is on the screen once more, then signs and sends. A template that is about to end is fetched anew.
 * @param {Bar} bar
 * @param {Reply} reply
 */
async function send(bar, reply) {
  const { question, signer } = bar
  const hashes = await painted(bar)
  // What was proven is proven for its own statement.
  if (!reply.proof && secondsUntil(bar.view.statement.expires_at) < MARGIN) bar.view = await tellSeen(question, signer)
  await decide(question, hashes, signer, reply.proof?.view ?? bar.view, reply, personOf(bar))
  forget(question.escalation_id)
}

/**
 * What went wrong, in words; where the card has changed meanwhile it is painted anew.
 * @param {Bar} bar
 * @param {unknown} error
 * @param {HTMLElement} message
 */
async function explain(bar, error, message) {
  if (error instanceof ContentChanged) {
    message.textContent = t('card.changed')
    return
  }
  if (error instanceof DOMException) {
    message.textContent = t('answer.stopped')
    return
  }
  if (error instanceof Problem && error.status !== 409 && error.status < 500) {
    // A proof that did not count is of no further use; without one, the next try begins anew.
    if (error.status === 403) forget(bar.question.escalation_id)
    // What was refused may be about a question that was answered meanwhile, in another tab or by another person.
    const now = await fetchQuestion(bar.question.escalation_id, bar.signal).catch(() => null)
    if (now && (await bar.heard(now))) return
    message.textContent = error.code === 'nonce_expired' ? t('answer.too_slow')
      : error.code === 'number_wrong' ? t('answer.number_wrong', { count: Number(error.body['tries_left']) }) : t('answer.refused', { why: error.message })
    bar.view = await tellSeen(bar.question, bar.signer, bar.signal).catch(() => bar.view)
    return
  }
  if (!(error instanceof Problem || error instanceof Unreachable)) {
    console.error(error)
    message.textContent = t('answer.stopped')
    return
  }
  // The answer may have arrived although nothing came back: only the hub knows.
  message.textContent = t(error instanceof Unreachable ? 'answer.unknown' : 'answer.checking')
  const now = await fetchQuestion(bar.question.escalation_id, bar.signal).catch(() => null)
  if (now && !(await bar.heard(now)) && error instanceof Problem) message.textContent = t('answer.not_taken')
}

/**
 * On a small screen with large text the bar would cover what it is about: there it stands below it.
 * @param {HTMLElement} node
 * @param {AbortSignal} signal
 */
function stickWhereItFits(node, signal) {
  const fit = () => node.classList.toggle('loose', node.offsetHeight > innerHeight * MOST_OF_SCREEN)
  const observer = new ResizeObserver(fit)
  observer.observe(node)
  addEventListener('resize', fit, { signal })
  signal.addEventListener('abort', () => observer.disconnect())
}

/**
 * Shortly before the end: one button for more time, or why there is none.
 * @param {Bar} bar
 * @param {HTMLElement} message
 */
function moreTime(bar, message) {
  const { question, signal } = bar
  const box = h('div', { class: 'more-time', role: 'status' })
  const life = Math.round((Date.parse(question.expires_at) - Date.parse(question.created_at)) / 1000)
  const soon = Math.max(SOONEST, Math.min(SOON, life / 3))
  const room = () => question.latest_expiry !== null && Date.parse(question.latest_expiry) > Date.parse(question.expires_at)
  const extend = async () => {
    const most = secondsUntil(question.latest_expiry ?? question.expires_at) - 1
    try {
      await ask('POST', `/v1/escalations/${question.escalation_id}/extensions`, { expires_in: Math.min(life, most) })
      await bar.heard(await fetchQuestion(question.escalation_id, signal))
    } catch (error) {
      if (!isLeft(error)) message.textContent = t('answer.no_more_time')
    }
  }
  const button = h('button', { type: 'button', class: 'secondary', onclick: () => void extend() }, t('answer.more_time'))
  const timer = setInterval(() => {
    const left = secondsUntil(question.expires_at)
    if (left > soon && box.childElementCount > 0) {
      if (box.contains(document.activeElement)) focusHeading(document.body)
      box.replaceChildren()
    }
    if (left > soon || left === 0 || box.childElementCount > 0) return
    box.append(icon('clock'), h('span', {}, t('answer.soon')), room() ? button : h('span', {}, t('answer.no_more_time')))
  }, 1000)
  signal.addEventListener('abort', () => clearInterval(timer))
  return box
}
