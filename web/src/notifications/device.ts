// Whether this browser is told of notifications while the app is closed, and switching that.
import { api, get, post } from '../lib/api';
import type { List } from '../lib/types';

export interface PushSubscriptionItem {
  id: string;
  push_service: string | null;
  created_at: number;
  /** Made in this session. */
  current: boolean;
}

type Subscriptions = List<PushSubscriptionItem> & { public_key: string };

/** Why it cannot be switched on, as far as the page can tell before it asks. */
export type Obstacle = 'insecure' | 'install_first' | 'unsupported' | 'denied';
export interface Device {
  obstacle: Obstacle | null;
  on: boolean;
  /** All browsers of the account that are told. */
  items: PushSubscriptionItem[];
}

const path = '/account/push-subscriptions';
const worker = '/service-worker.js';

export interface Surroundings {
  secure: boolean;
  supported: boolean;
  /** iPhone or iPad, whose pages are told only once they are on the Home Screen. */
  apple: boolean;
  permission: NotificationPermission;
}

/** Pure. */
export function obstacleOf({ secure, supported, apple, permission }: Surroundings): Obstacle | null {
  if (!secure) return 'insecure';
  if (!supported) return apple ? 'install_first' : 'unsupported';
  return permission === 'denied' ? 'denied' : null;
}

function surroundings(): Surroundings {
  const supported = 'serviceWorker' in navigator && 'PushManager' in window && 'Notification' in window;
  // An iPad says that it is a Mac, but Macs have no touch screen.
  const apple = /iPhone|iPad|iPod/.test(navigator.userAgent) || (/Macintosh/.test(navigator.userAgent) && navigator.maxTouchPoints > 1);
  return { secure: isSecureContext, supported, apple, permission: supported ? Notification.permission : 'default' };
}

async function ownSubscription(): Promise<PushSubscription | null> {
  const registration = await navigator.serviceWorker.getRegistration(worker);
  return (await registration?.pushManager.getSubscription()) ?? null;
}

export async function look(): Promise<Device> {
  const { items } = await get<Subscriptions>(path);
  const obstacle = obstacleOf(surroundings());
  const here = obstacle === null && Notification.permission === 'granted' && (await ownSubscription()) !== null;
  return { obstacle, on: here && items.some((one) => one.current), items };
}

/** Pure: base64url as bytes. */
export function keyBytes(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0));
}

/** Asks the person, so it is to be called for a click of theirs. False: they said no. */
export async function switchOn(): Promise<boolean> {
  if ((await Notification.requestPermission()) !== 'granted') return false;
  const { public_key } = await get<Subscriptions>(path);
  await navigator.serviceWorker.register(worker);
  const { pushManager } = await navigator.serviceWorker.ready;
  // One that was made for somebody else's session, or another key of the service.
  await (await pushManager.getSubscription())?.unsubscribe();
  const subscription = await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: keyBytes(public_key) });
  await post(path, subscription.toJSON());
  return true;
}

export async function switchOff(items: readonly PushSubscriptionItem[]): Promise<void> {
  for (const one of items) if (one.current) await forget(one);
  await (await ownSubscription())?.unsubscribe();
}

export const forget = ({ id }: PushSubscriptionItem) => api('DELETE', `${path}/${encodeURIComponent(id)}`);
