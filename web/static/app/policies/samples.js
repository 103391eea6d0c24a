/**
 * Actions to try a policy with, one of each kind that the starter policies are about. They are those of the scenarios that
 * stand beside the starters, where it is written what each of these decides.
 */

export const SAMPLES = /** @type {const} */ ({
  payment: { action_type: 'finance.payment', payload: { amount_minor: 90000, currency: 'EUR' }, relying_party: { domain: 'vendor.example.com' } },
  gift_card: { action_type: 'finance.payment', payload: { amount_minor: 100, currency: 'EUR', method: 'gift_card' } },
  transfer: { action_type: 'finance.transfer', payload: { amount_minor: 100, currency: 'EUR' }, relying_party: { domain: 'bank.example.com' } },
  purchase: { action_type: 'commerce.purchase', payload: { amount_minor: 4999, currency: 'EUR' }, relying_party: { domain: 'shop.example.com' } },
  haircut: { action_type: 'scheduling.appointment.book', payload: { category: 'hairdresser' } },
  doctor: { action_type: 'scheduling.appointment.book', payload: { category: 'healthcare' } },
  mail: { action_type: 'communication.email.send', payload: { to: 'bo@example.com' } },
  personal_data: { action_type: 'data.personal.share', payload: {} },
  deployment: { action_type: 'deploy.service', payload: { service: 'web' } },
  package: { action_type: 'system.software.install', payload: { source: 'https://pypi.org/simple/aiohttp' } },
  secret_key: { action_type: 'system.file.read', payload: { path: 'src/server.pem' } },
  table: { action_type: 'database.delete', payload: { table: 'orders' } },
  tax_return: { action_type: 'legal.government.submit', payload: { form: 'tax_return' }, relying_party: { domain: 'www1.skatteverket.se' } },
  page: { action_type: 'web.browse', payload: { method: 'GET', url: 'https://example.com' } },
})

/** @typedef {keyof typeof SAMPLES} Sample */

/** @param {Sample} name */
export function sampleText(name) {
  return JSON.stringify(SAMPLES[name], null, 2)
}
