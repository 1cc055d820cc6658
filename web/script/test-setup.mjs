// What every browser has and Debian's own Node (18) keeps in a module.
import { webcrypto } from 'node:crypto';

globalThis.crypto ??= webcrypto;
