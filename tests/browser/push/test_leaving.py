"""Whoever signs out is told nothing more on that device."""

from __future__ import annotations

from tests.browser.push.scene import Told


async def test_signing_out_ends_what_is_told_on_this_device(told: Told) -> None:
    await told.turn_on()
    await told.phone.offer_nothing()
    await told.phone.button("Sign out and").click()
    await told.phone.heading("Sign in")
    assert await told.addresses() == []
    # Signing out clears what the browser keeps of the site, the worker too, and the page may load itself again for it.
    await told.open("/llms.txt")
    assert await told.phone.page.evaluate("localStorage.getItem('test.subscription')") is None
    assert (
        await told.phone.page.evaluate(
            """async () => {
          if (!(await indexedDB.databases()).some(({name}) => name === 'approvals-hub-push')) return []
          const open = indexedDB.open('approvals-hub-push')
          await new Promise((done) => { open.onsuccess = done })
          const get = open.result.transaction('told').objectStore('told').getAllKeys()
          await new Promise((done) => { get.onsuccess = done })
          open.result.close()
          return get.result
        }"""
        )
        == []
    )
