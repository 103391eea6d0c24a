/**
 * Every key is lost: a recovery code opens a session that can link one new key.
 */

import { ask, isLeft, Problem } from '../api.js'
import { fill, h } from '../dom.js'
import { icon } from '../icons.js'
import { t } from '../words.js'

/** @type {import('../context.js').Screen} */
export async function recover({ root, go }) {
  const message = h('p', { class: 'message', role: 'alert' })
  const who = h('input', { type: 'text', name: 'email', inputmode: 'email', autocomplete: 'email', autocapitalize: 'none', spellcheck: 'false', required: true })
  const code = h('input', { type: 'text', name: 'code', autocomplete: 'off', autocapitalize: 'characters', spellcheck: 'false', required: true })
  const button = h('button', { type: 'submit', class: 'primary wide' }, icon('key'), t('recover.go'))
  /** @param {Event} event */
  const send = async (event) => {
    event.preventDefault()
    button.disabled = true
    message.textContent = ''
    try {
      await ask('POST', '/v1/recoveries', { ...named(who.value.trim()), code: code.value.trim(), transport: 'cookie', client: 'web' })
      go('/app/enrol?recover')
    } catch (error) {
      button.disabled = false
      if (!isLeft(error)) message.textContent = said(error)
    }
  }
  fill(root, h('form', { class: 'welcome', onsubmit: send },
    icon('key', 'hero'), h('h1', {}, t('recover.title')), h('p', { class: 'lead' }, t('recover.lead')),
    h('label', { class: 'offer' }, h('span', {}, t('recover.email')), who),
    h('label', { class: 'offer' }, h('span', {}, t('recover.code')), code),
    button, message, h('p', { class: 'quiet-text' }, t('recover.no_code'))))
}

/** Somebody without an address has their id on the paper. @param {string} text */
function named(text) {
  return text.includes('@') ? { email: text } : { person_id: text }
}

/** @param {unknown} error */
function said(error) {
  if (!(error instanceof Problem) || error.status >= 500) return t('error.unreachable')
  return t(error.status === 429 ? 'recover.many' : 'recover.refused')
}
