/**
 * Keeps the page's own files, so that it opens without a network and says so; and shows what the hub pushes. It never
 * keeps an answer of the API, and it decides nothing. The hub puts a line with `self.approvalsHub` before this text. A
 * new version waits until the page says that no card is open.
 */

/// <reference lib="webworker" />

const worker = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self))
/** @type {{version: string, files: string[]}} */
const { version, files } = Reflect.get(worker, 'approvalsHub')
const STORE = `approvals-hub-${version}`
const SHELL = '/app/'

worker.addEventListener('install', (event) => event.waitUntil(caches.open(STORE).then((store) => store.addAll([SHELL, ...files]))))
worker.addEventListener('activate', (event) => event.waitUntil(tidyUp()))
worker.addEventListener('message', (event) => {
  if (event.data === 'activate') void worker.skipWaiting()
  if (event.data?.hadTheirDay) event.waitUntil(inTurn(() => takeAway(event.data.hadTheirDay)))
})

worker.addEventListener('fetch', (event) => {
  const { request } = event
  const { origin, pathname } = new URL(request.url)
  if (request.method !== 'GET' || origin !== worker.location.origin) return
  if (request.mode === 'navigate' && pathname.startsWith('/app/')) event.respondWith(shell(request))
  else if (pathname.startsWith('/app/static/')) event.respondWith(file(request))
})

worker.addEventListener('push', (event) => event.waitUntil(pushed(event)))
worker.addEventListener('notificationclick', (event) => event.waitUntil(pressed(event.notification, event.action)))
worker.addEventListener('pushsubscriptionchange', (event) => {
  /** @type {ExtendableEvent} */ (event).waitUntil(renew(Reflect.get(event, 'newSubscription') ?? null))
})

/** Removes what other versions kept, and takes over the open pages. */
async function tidyUp() {
  const names = await caches.keys()
  await Promise.all(names.filter((name) => name !== STORE).map((name) => caches.delete(name)))
  await worker.clients.claim()
}

/**
 * The page itself: from the hub when it answers, else the kept one.
 * @param {Request} request
 */
async function shell(request) {
  try {
    return await fetch(request)
  } catch {
    return (await caches.match(SHELL)) ?? Response.error()
  }
}

/**
 * A versioned file never changes, so the kept one will do.
 * @param {Request} request
 */
async function file(request) {
  return (await caches.match(request)) ?? fetch(request)
}

// What the hub pushes. Every push shows something: a browser takes the subscription away from a page that is pushed to
// in silence.

/** The only places that a push leads to. None with a token behind `#`: that could enrol this browser for somebody else. */
const PLACES = /^\/app\/(escalations\/[\w-]{1,80}|devices|notices)?$/
const QUESTIONS = '/app/escalations/'
const TELLING = /^[a-z]{3}_[\w-]{1,80}$/
const BUTTONS = ['review', 'deny']
/** Added to the place of a question: there it is shown with the sheet open in which it is denied. */
const DENIAL = '/denial'
const LONGEST = 1500
const LONGEST_BUTTON = 40
/** Milliseconds before each try of a receipt. Later it is of no use: the hub has gone on to other ways by then. */
const PAUSES = [0, 1_000, 5_000]
const PATIENCE = 8_000
const WORDS = {
  en: { title: 'Approvals Hub', body: 'There is something new. Open it to see.', open: 'Open' },
  sv: { title: 'Approvals Hub', body: 'Det har hänt något nytt. Öppna för att se.', open: 'Öppna' },
}

/** @param {PushEvent} event */
async function pushed(event) {
  const told = await opened(read(event) ?? neutral())
  const shown = inTurn(() => show(told).catch(() => show(neutral()).catch(() => false)))
  // Where it could not be shown, because the permission was withdrawn, it has not arrived.
  if (!(await shown)) return
  for (const page of await worker.clients.matchAll()) page.postMessage({ shown: told.about.telling })
  if (told.about.telling) await acknowledge(told.about.telling, 'delivered')
  await count()
}

/**
 * What a message says, or null for one that is none of the hub's. Safari hands over the notification that it made of it.
 * @param {PushEvent} event
 * @returns {Told | null}
 */
function read(event) {
  try {
    const made = event.data ? event.data.json().notification : Reflect.get(event, 'notification')
    const { title, body, navigate, tag, lang, data } = made
    if (typeof title !== 'string' || !title.trim() || typeof body !== 'string') return null
    return {
      title: title.slice(0, LONGEST),
      body: body.slice(0, LONGEST),
      tag: typeof tag === 'string' && tag ? tag : String(data.id),
      lang: String(lang ?? ''),
      about: {
        telling: typeof data.id === 'string' && TELLING.test(data.id) ? data.id : null,
        path: placeOf(navigate),
        asks: data.category === 'approval',
      },
      buttons: data.category === 'approval' ? buttonsOf(made.actions) : [],
      seal: typeof data.sealed === 'string' && data.category === 'approval'
        ? { words: data.sealed, escalation_id: String(data.reference), telling_id: String(data.id) } : null,
    }
  } catch {
    return null
  }
}

/**
 * Those buttons of a message that this page knows. Where they lead is this page's to say.
 * @param {unknown} actions
 * @returns {{action: string, title: string}[]}
 */
function buttonsOf(actions) {
  if (!Array.isArray(actions)) return []
  return actions
    .filter(({ action, title }) => BUTTONS.includes(action) && typeof title === 'string' && title.trim())
    .map(({ action, title }) => ({ action, title: title.slice(0, LONGEST_BUTTON) }))
}

/** The same with the words that only this browser opens; as it is where it opens none. @param {Told} told @returns {Promise<Told>} */
async function opened(told) {
  const words = told.seal ? await openSeal(told.seal.words, told.seal) : null
  return words ? { ...told, title: words.title.slice(0, LONGEST), body: words.body.slice(0, LONGEST) } : told
}

/** Said where nothing else may be said. @returns {Told} */
function neutral() {
  return { ...wordsOf(navigator.language), tag: 'approvals-hub', lang: '', about: { telling: null, path: SHELL, asks: false } }
}

/** @param {string} lang */
function wordsOf(lang) {
  return lang.startsWith('sv') ? WORDS.sv : WORDS.en
}

/** A place of this page, whatever was asked for. @param {unknown} link */
function placeOf(link) {
  try {
    const { origin, pathname } = new URL(String(link), worker.location.origin)
    return origin === worker.location.origin && PLACES.test(pathname) ? pathname : SHELL
  } catch {
    return SHELL
  }
}

/**
 * Somebody pressed it, or a button of it: it opens the question, where it is to be denied with that sheet open, and never
 * answers it. A window opens only once the device is unlocked.
 * @param {Notification} notification
 * @param {string} action
 */
async function pressed(notification, action) {
  notification.close()
  const telling = notification.data?.telling
  const place = placeOf(notification.data?.path)
  const asks = notification.data?.asks === true && place.startsWith(QUESTIONS)
  const path = asks && action === 'deny' ? place + DENIAL : place
  await Promise.allSettled([
    lead(path),
    typeof telling === 'string' && TELLING.test(telling) ? acknowledge(telling, 'opened') : null,
  ])
}

/**
 * Brings a window of this page to the front, or opens one. One where somebody signs in or sets up keys is left alone.
 * @param {string} path
 */
async function lead(path) {
  const windows = await worker.clients.matchAll({ type: 'window', includeUncontrolled: true })
  const at = (/** @type {WindowClient} */ { url }) => new URL(url).pathname
  const place = path.endsWith(DENIAL) ? path.slice(0, -DENIAL.length) : path
  const found = windows.find((one) => at(one) === place)
    ?? windows.find((one) => PLACES.test(at(one)) || at(one) === '/app/decisions')
  try {
    if (!found) throw new Error('no window')
    const front = await found.focus()
    front.postMessage({ open: path })
  } catch {
    await worker.clients.openWindow(path)
  }
}

/**
 * Says what became of a message. That it could not be said is no reason against having shown it.
 * @param {string} telling @param {'delivered' | 'opened'} kind
 */
async function acknowledge(telling, kind) {
  for (const pause of PAUSES) {
    if (pause > 0) await new Promise((resolve) => setTimeout(resolve, pause))
    try {
      const { status } = await ask('POST', `/v1/tellings/${telling}/receipts`, { kind })
      if (status < 500 && status !== 429) return
    } catch {
      // No network, or no answer in time.
    }
  }
}

/** The number on the icon of the installed page, where the system has such a thing. */
async function count() {
  if (!('setAppBadge' in navigator)) return
  try {
    const answer = await ask('GET', '/v1/inbox')
    if (!answer.ok) return
    const { items } = await answer.json()
    const waiting = items.filter((/** @type {{answered: boolean}} */ { answered }) => !answered).length
    await (waiting > 0 ? navigator.setAppBadge(waiting) : navigator.clearAppBadge())
  } catch {
    // A number is not worth a failure.
  }
}

/**
 * The browser gave the subscription another address: the hub is told, as long as this device is to be told things.
 * @param {PushSubscription | null} fresh null where the browser leaves it to the page to subscribe anew
 */
async function renew(fresh) {
  /** @type {{deviceId: string, channel: string, publicKey: string, language: string} | null} */
  const told = await kept('approvals-hub-push', 'told')
  if (!told) return
  const subscription = fresh ?? (await worker.registration.pushManager.subscribe({
    userVisibleOnly: true, applicationServerKey: told.publicKey,
  }))
  const { endpoint, keys } = subscription.toJSON()
  await ask('PUT', `/v1/devices/${told.deviceId}/push`, { channel: told.channel, address: { endpoint, keys }, language: told.language })
}

/**
 * Asks the hub as whoever is signed in here. A session that ended in the night is opened anew by this browser's key, as
 * the page does when it is opened.
 * @param {string} method @param {string} path @param {unknown} [body]
 */
async function ask(method, path, body) {
  const answer = await send(method, path, body)
  if (answer.status !== 401) return answer
  // A step-up on the page has renewed the cookie while this was on its way: there is no need for another session.
  const { code } = await answer.clone().json().catch(() => ({ code: null }))
  return code === 'session_renewed' || (await signIn()) ? send(method, path, body) : answer
}

/** @param {string} method @param {string} path @param {unknown} [body] */
function send(method, path, body) {
  /** @type {RequestInit} */
  const init = { method, cache: 'no-store', credentials: 'same-origin', signal: AbortSignal.timeout(PATIENCE) }
  if (body !== undefined) {
    init.body = JSON.stringify(body)
    init.headers = { 'content-type': 'application/json' }
  }
  return fetch(path, init)
}

/** Signs in with the key of this browser, as `signInWithKey` of the page: the bytes are those of `signInBytes`. */
async function signIn() {
  /** @type {{deviceId: string, alg: string, privateKey: CryptoKey} | null} */
  const key = await kept('approvals-hub', 'device-key')
  if (!key?.deviceId) return false
  const { challenge_id, challenge } = await (await send('POST', '/v1/challenges', { purpose: 'sign_in' })).json()
  const statement = JSON.stringify({ audience: worker.location.origin, challenge, device_id: key.deviceId })
  const algorithm = key.alg === 'ES256' ? { name: 'ECDSA', hash: 'SHA-256' } : { name: 'Ed25519' }
  const signed = new TextEncoder().encode(`approvals-hub.sign-in.v1\0${statement}`)
  const octets = new Uint8Array(await crypto.subtle.sign(algorithm, key.privateKey, signed))
  const signature = btoa(String.fromCharCode(...octets)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
  const body = { challenge_id, device_id: key.deviceId, signature, transport: 'cookie', client: 'web' }
  return (await send('POST', '/v1/sessions', body)).ok
}
