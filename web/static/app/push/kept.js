/**
 * That this browser is told things, and for whom. The service worker reads it too, where a browser gives the
 * subscription another address while the page is closed; hence it lies in IndexedDB. Nothing of it is secret but the
 * key that opens sealed words, which nobody can take out.
 */

/**
 * @typedef {object} Told
 * @property {string} personId
 * @property {string} deviceId
 * @property {string} channel
 * @property {string} publicKey what was subscribed with
 * @property {string} language
 * @property {import('./seal_key.js').SealKey | null} [seal] what the hub seals words to, if this browser can open any
 */

const NAME = 'approvals-hub-push'
const STORE = 'told'

/**
 * Who is told here, or null: nobody, or this browser keeps nothing.
 * @returns {Promise<Told | null>}
 */
export function told() {
  return inStore('readonly', (store) => store.get('this')).catch(() => null)
}

/**
 * @param {Told} entry
 * @throws where the browser keeps nothing: then it would not be told for long either
 */
export function keepTold(entry) {
  return inStore('readwrite', (store) => store.put(entry, 'this'))
}

/** Whether the offer to be told here was put away. @returns {Promise<boolean>} */
export function isPutAway() {
  return inStore('readonly', (store) => store.get('offer')).then((found) => found === 'put away', () => false)
}

/** Does not offer it again in this browser. */
export function putAway() {
  return inStore('readwrite', (store) => store.put('put away', 'offer')).catch(() => undefined)
}

/** This browser's subscription, or null. @returns {Promise<PushSubscription | null>} */
export async function subscription() {
  const registration = await navigator.serviceWorker?.getRegistration('/app/')
  return (await registration?.pushManager?.getSubscription()) ?? null
}

/** Nothing is told here any more: what a push service still holds for this browser goes nowhere. Works without the hub. */
export async function forgetTold() {
  await inStore('readwrite', (store) => store.clear()).catch(() => undefined)
  await subscription().then((found) => found?.unsubscribe()).catch(() => undefined)
}

/**
 * @param {IDBTransactionMode} mode
 * @param {(store: IDBObjectStore) => IDBRequest} work
 * @returns {Promise<any>}
 */
async function inStore(mode, work) {
  const database = await opened()
  try {
    return await new Promise((resolve, reject) => {
      const transaction = database.transaction(STORE, mode)
      const request = work(transaction.objectStore(STORE))
      transaction.oncomplete = () => resolve(request.result)
      transaction.onabort = () => reject(transaction.error)
    })
  } finally {
    database.close()
  }
}

/** @returns {Promise<IDBDatabase>} */
function opened() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1)
    request.onupgradeneeded = () => request.result.createObjectStore(STORE)
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
    request.onblocked = () => reject(new Error('blocked'))
  })
}
