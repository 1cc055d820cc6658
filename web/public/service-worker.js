// Shows push messages and opens what they are about. No request passes through here and nothing is kept.
const icon = '/icons/icon-192.png';

/** Only within this app, whatever a message says. */
function pageOf(url) {
  const page = new URL(url, self.location.origin);
  return page.origin === self.location.origin ? page.href : self.location.origin;
}

async function show(message) {
  const { title, body, tag, url } = message.json();
  await self.registration.showNotification(title, { body, tag, icon, data: { url } });
}

/** In a window that is there already, if the browser lets us lead it on. */
async function open(url) {
  const [window] = await self.clients.matchAll({ type: 'window' });
  const there = await window?.navigate(url).catch(() => null);
  await (there ? there.focus() : self.clients.openWindow(url));
}

self.addEventListener('push', (event) => event.waitUntil(show(event.data)));
self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(open(pageOf(event.notification.data.url)));
});
