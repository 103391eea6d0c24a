/**
 * The way back from an identity provider to the attempt to sign in that was left.
 */

import { isLeft, Unreachable } from '../api.js'
import { fill, h } from '../dom.js'
import { placeAfterSignIn } from '../first_key.js'
import { give } from '../signing_in/hub.js'
import { attempt, forgetSigningIn } from '../signing_in/kept.js'
import { t } from '../words.js'
import { brought } from './came_back.js'
import { whyNot } from './sign_in_ways.js'

/** @type {import('../context.js').Screen} */
export async function signInReturn({ root, signal, query, fragment, refresh, replace }) {
  const kept = attempt()
  const nonce = new URLSearchParams(fragment).get('return_nonce')
  const answer = nonce === null ? brought(query) : { return_nonce: nonce }
  const hand = async () => {
    fill(root, h('div', { class: 'empty' }, h('h1', {}, t('sign_in.title')), h('p', { role: 'status' }, t('prove.beginning'))))
    try {
      if (kept === null || Object.keys(answer).length === 0) return replace('/app/sign-in')
      const now = await give(kept, answer, signal)
      if (!now.signed_in) return ended(t('sign_in.not_signed_in'))
      forgetSigningIn()
      await refresh()
      replace(await placeAfterSignIn(signal))
    } catch (error) {
      if (isLeft(error)) return
      if (error instanceof Unreachable) return ended(whyNot(error), hand)
      forgetSigningIn()
      ended(whyNot(error))
    }
  }
  /** @param {string} why @param {() => Promise<void>} [again] */
  const ended = (why, again) => fill(root, h('div', { class: 'empty' }, h('h1', {}, t('sign_in.title')),
    h('p', { class: 'message', role: 'alert' }, why),
    again ? h('button', { type: 'button', class: 'primary', onclick: () => void again() }, t('common.again')) : null,
    h('a', { class: 'button secondary', href: '/app/sign-in' }, t('prove.other'))))
  await hand()
}
