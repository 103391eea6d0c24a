/**
 * The service worker: it lets the page open without a network, shows what the hub pushes, and is replaced only when no
 * card is open.
 */

const WORKER = '/app/sw.js'

/** @typedef {{createPolicy(name: string, rules: {createScriptURL(url: string): string}): {createScriptURL(url: string): string}}} Types */

/**
 * Registers the worker, where the hub has one, and lets a new version take over when the page says that it may.
 * @param {() => boolean} mayReload
 */
export function keepUpToDate(mayReload) {
  if (!('serviceWorker' in navigator)) return
  if (document.documentElement.dataset['worker'] === 'off') return void leave()
  let replaced = navigator.serviceWorker.controller !== null
  navigator.serviceWorker.addEventListener('controllerchange', () => {
    if (replaced && mayReload()) location.reload()
    replaced = true
  })
  navigator.serviceWorker.register(trusted(WORKER), { scope: '/app/', updateViaCache: 'none' }).then((registration) => {
    const offer = () => {
      if (mayReload()) registration.waiting?.postMessage('activate')
    }
    offer()
    registration.addEventListener('updatefound', () => registration.installing?.addEventListener('statechange', offer))
    document.addEventListener('visibilitychange', offer)
  }, (error) => console.warn('no service worker', error))
}

/**
 * The hub wants no worker. To register the one that ends itself would bring it back; and it may have to wait for long
 * until the one before has nothing to do.
 */
async function leave() {
  const registration = await navigator.serviceWorker.getRegistration('/app/')
  await registration?.unregister()
  for (const name of await caches.keys()) await caches.delete(name)
}

/**
 * A notification was pressed: the worker has brought this window to the front, and says what it is to show.
 * @param {(path: string) => void} lead
 */
export function ledBy(lead) {
  navigator.serviceWorker?.addEventListener('message', (event) => {
    const path = event.data?.open
    if (event.source instanceof ServiceWorker && typeof path === 'string' && path.startsWith('/app/')) lead(path)
  })
}

/**
 * The one address that may become code, and nothing else.
 * @param {string} address
 */
function trusted(address) {
  /** @type {Types | undefined} */
  const types = Reflect.get(globalThis, 'trustedTypes')
  if (!types) return address
  return types.createPolicy('approvals-hub', {
    createScriptURL(url) {
      if (url !== WORKER) throw new TypeError('no script may come from there')
      return url
    },
  }).createScriptURL(address)
}
