/**
 * An electronic identity in an app of its own: started by a link on this device, or by a code that another one scans.
 * BankID's code is another one each second; the hub makes its text, and this page the picture.
 */

import { Problem, Unreachable } from '../api.js'
import { fill, h } from '../dom.js'
import { icon } from '../icons.js'
import { t, tOr } from '../words.js'
import { give } from './hub.js'
import { qrPicture } from './qr_picture.js'
import { follow, refused, settle, spoken } from './stage.js'

/** @typedef {import('./stage.js').Stage} Stage */
/** @typedef {import('./hub.js').StepUp} StepUp */

/** Links that start an app; everything else is not followed. */
const STARTERS = ['https:', 'bankid:', 'frejaeid:']

/** @param {Stage} stage */
export function eidWay(stage) {
  const { step } = stage
  const name = tOr('way', step.method)
  const status = spoken('eid-message', 'status')
  const message = spoken('message', 'alert')
  const picture = qrPicture(t(step.method === 'bankid' ? 'eid.qr_moving' : 'eid.qr', { name }))
  const frame = h('div', { class: 'qr-frame' }, picture.node)
  const start = h('a', { class: 'button primary wide', onclick: () => stage.onLeft() }, icon('phone'), t('eid.open', { name }))
  const renew = h('button', { type: 'button', class: 'secondary wide', onclick: () => void again() },
    t(stage.sameDevice ? 'eid.new_link' : 'eid.new_code'))
  const other = h('button', { type: 'button', class: 'quiet', onclick: () => turn() })
  const onThis = h('p', {}, t(step.method === 'bankid' ? 'eid.same_how' : 'eid.open_how', { name }))
  const onOther = h('ol', { class: 'steps' },
    h('li', {}, t('eid.how_open', { name })), h('li', {}, t('eid.how_scan')), h('li', {}, t('eid.how_sign')))
  let orders = 0
  let here = stage.sameDevice
  let latest = step

  const paint = (/** @type {StepUp | null} */ now) => {
    if (now === null) {
      // A code that stands still is of no use to anybody.
      frame.hidden = start.hidden = renew.hidden = true
      return message.say(t('prove.unreachable'))
    }
    latest = now
    const { shown } = now
    const link = starter(shown['auto_start'] ?? shown['link'])
    const code = typeof shown['qr'] === 'string' ? shown['qr'] : null
    // BankID's order is for one of the two; Freja's serves both at once.
    const scans = code !== null && (link === null || !here)
    frame.hidden = !scans || !picture.show(code)
    start.hidden = link === null || scans
    if (link !== null) start.setAttribute('href', link)
    const inApp = link === null && code === null
    const lapsed = inApp && shown['awaits_return'] !== true && ['outstandingTransaction', 'noClient'].includes(shown['hint'])
    renew.hidden = !lapsed
    onOther.hidden = !scans
    onThis.hidden = scans || link === null
    other.hidden = (inApp && !lapsed) || (code === null && step.method !== 'bankid')
    other.textContent = t(here ? 'eid.on_other' : 'eid.on_this')
    message.say('')
    const said = shown['awaits_return'] === true ? t('eid.come_back', { name }) : String(shown['message']?.text ?? t('eid.waiting', { name }))
    status.say(orders > 0 && shown['orders'] > orders ? `${t('eid.renewed')} ${said}` : said)
    orders ||= Number(shown['orders'] ?? 1)
  }
  const turn = () => {
    if (!('qr' in latest.shown && 'link' in latest.shown)) return stage.onOtherDevice(!stage.sameDevice)
    here = !here
    paint(latest)
  }
  const again = async () => {
    renew.disabled = true
    try {
      const now = await give(step.step_up_id, { renew: true })
      if (settle(stage, now)) paint(now)
    } catch (error) {
      if (!(error instanceof Problem || error instanceof Unreachable)) throw error
      await refused(stage, error, (_, why) => message.say(why))
    } finally {
      renew.disabled = false
    }
  }
  fill(stage.root, frame, status.node, message.node, onThis, onOther, start, renew, other)
  paint(step)
  follow(stage, paint)
}

/** @param {unknown} address */
function starter(address) {
  if (typeof address !== 'string' || !URL.canParse(address)) return null
  return STARTERS.includes(new URL(address).protocol) ? address : null
}
