/**
 * Signing in with a passkey, by a button or right in the browser's autofill; and below it the other ways.
 */

import { isLeft, Problem, Unreachable } from '../api.js'
import { fill, h } from '../dom.js'
import { placeAfterSignIn } from '../first_key.js'
import { icon } from '../icons.js'
import { canOffer, hasPasskeys } from '../passkey.js'
import { signInWithPasskey } from '../session.js'
import { t } from '../words.js'
import { openedLink } from './sign_in_link.js'
import { otherWays } from './sign_in_ways.js'

/** @type {import('../context.js').Screen} */
export async function signIn({ root, signal, go, refresh, fragment }) {
  const arrived = async () => {
    await refresh()
    go(await placeAfterSignIn(signal))
  }
  const token = new URLSearchParams(fragment).get('link')
  if (token !== null) return openedLink(root, token, arrived)
  const others = otherWays(signal, arrived)
  const message = h('p', { class: 'message', role: 'alert' })
  let offer = new AbortController()
  signal.addEventListener('abort', () => offer.abort())

  /** @param {{offered?: boolean, signal?: AbortSignal}} how */
  const enter = async (how) => {
    message.textContent = ''
    try {
      await signInWithPasskey(how)
      await arrived()
    } catch (error) {
      // What was only offered may end without anybody having touched it.
      if (!isLeft(error) && !(how.offered && error instanceof DOMException)) message.textContent = said(error)
      if (!how.offered && !signal.aborted) void wait()
    }
  }
  const press = () => {
    // The browser answers one request at a time: the offer in the autofill makes room.
    offer.abort()
    void enter({})
  }
  const wait = async () => {
    if (!(await canOffer()) || signal.aborted) return
    offer = new AbortController()
    await enter({ offered: true, signal: offer.signal })
  }

  fill(root,
    h('div', { class: 'welcome' },
      icon('low', 'hero'),
      h('h1', {}, t('sign_in.title')),
      h('p', { class: 'lead' }, t('sign_in.lead')),
      hasPasskeys
        ? h('button', { type: 'button', class: 'primary wide', onclick: press }, icon('key'), t('sign_in.passkey'))
        : h('p', { class: 'message' }, t('sign_in.no_passkeys')),
      message,
      h('label', { class: 'offer' }, h('span', {}, t('sign_in.offer')),
        h('input', { type: 'text', name: 'username', autocomplete: 'username webauthn', autocapitalize: 'none', spellcheck: 'false' })),
      others.node,
      h('p', { class: 'quiet-text' }, t('sign_in.no_account')),
      h('a', { class: 'quiet-text', href: '/app/recover' }, t('recover.lost_all'))))
  void others.load()
  void wait()
}

/** @param {unknown} error */
function said(error) {
  if (error instanceof Unreachable) return t('error.unreachable')
  if (error instanceof Problem) return error.status < 500 ? t('sign_in.refused') : t('error.unreachable')
  return t('sign_in.stopped')
}
