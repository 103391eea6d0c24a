/**
 * Links by mail: asking for one, and the page that one opens. Opening it does nothing: only its button signs in.
 */

import { Problem, Unreachable } from '../api.js'
import { fill, h } from '../dom.js'
import { askForLink, useLink } from '../signing_in/hub.js'
import { forgetSigningIn, keepLink, link } from '../signing_in/kept.js'
import { t } from '../words.js'

/**
 * The form that asks for a link.
 * @param {() => void} onBack
 */
export function mailForm(onBack) {
  const message = h('p', { class: 'message', role: 'alert' })
  const email = h('input', { type: 'email', name: 'email', autocomplete: 'email', autocapitalize: 'none', spellcheck: 'false', maxlength: 254 })
  const send = h('button', { type: 'button', class: 'primary wide', onclick: () => void press() }, t('sign_in.send_link'))
  const back = h('button', { type: 'button', class: 'quiet', onclick: onBack }, t('prove.other'))
  const node = h('div', { class: 'mail-form' }, h('label', {}, h('span', {}, t('link.email')), email), message, send, back)
  const press = async () => {
    if (!email.reportValidity() || email.value === '') return
    send.disabled = true
    message.textContent = ''
    try {
      const asked = await askForLink(email.value.trim())
      keepLink({ secret: asked.secret, expiresAt: asked.expires_at })
      fill(node, h('p', { role: 'status' }, t('sign_in.link_sent')), h('p', {}, t('sign_in.link_code')),
        h('p', { class: 'digits' }, asked.code), back)
    } catch (error) {
      message.textContent = said(error)
      send.disabled = false
    }
  }
  return node
}

/**
 * What the link in a mail opens.
 * @param {Element} root
 * @param {string} token
 * @param {() => Promise<void>} onSignedIn
 */
export function openedLink(root, token, onSignedIn) {
  const message = h('p', { class: 'message', role: 'alert' })
  const code = h('input', { type: 'text', name: 'code', inputmode: 'numeric', autocomplete: 'off', maxlength: 6, pattern: '[0-9]{6}' })
  const digits = h('label', { hidden: true }, h('span', {}, t('sign_in.code_needed')), code)
  const button = h('button', { type: 'button', class: 'primary wide', onclick: () => void press() }, t('sign_in.title'))
  const press = async () => {
    button.disabled = true
    message.textContent = ''
    try {
      const secret = link()?.secret
      const typed = code.value.trim()
      const result = await useLink(token, { ...(secret ? { secret } : {}), ...(typed ? { code: typed } : {}) })
      if (result === 'signed_in') {
        forgetSigningIn()
        return await onSignedIn()
      }
      // This browser's secret may be that of a newer link: then the digits decide.
      if (!digits.hidden) message.textContent = t('sign_in.code_wrong')
      digits.hidden = false
      code.focus()
    } catch (error) {
      message.textContent = said(error)
    }
    button.disabled = false
  }
  fill(root, h('div', { class: 'welcome' }, h('h1', {}, t('sign_in.link_title')), h('p', { class: 'lead' }, t('sign_in.link_lead')),
    digits, message, button))
}

/** @param {unknown} error */
function said(error) {
  if (error instanceof Unreachable) return t('error.unreachable')
  if (error instanceof Problem && error.status === 429) return t('sign_in.too_many')
  if (error instanceof Problem && error.code === 'link_invalid') return t('sign_in.link_invalid')
  return t('sign_in.not_signed_in')
}
