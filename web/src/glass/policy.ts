// Who must have cosigned. Source: c2sp.org/tlog-policy.
import { algorithm, parseVerifierKey, type VerifierKey } from './note';

export interface Witness {
  name: string;
  key: VerifierKey;
}

export interface Policy {
  logs: VerifierKey[];
  witnesses: Witness[];
  groups: Map<string, { needed: number; members: string[] }>;
  /** The name of the witness or group that must have cosigned; null when nobody needs to. */
  quorum: string | null;
}

class PolicyReader {
  readonly policy: Policy = { logs: [], witnesses: [], groups: new Map(), quorum: null };
  readonly #names = new Set<string>();
  readonly #grouped = new Set<string>();
  readonly #keys = new Set<string>();
  hasQuorum = false;

  /** False when the line says nothing that a policy may say. */
  line(words: string[]): boolean {
    const [what, ...rest] = words;
    switch (what) {
      case 'log':
        return this.#log(rest);
      case 'witness':
        return this.#witness(rest);
      case 'group':
        return this.#group(rest);
      case 'quorum':
        return this.#quorum(rest);
      default:
        return false;
    }
  }

  #log([text = '', ...url]: string[]): boolean {
    const key = this.#newKey(text, algorithm.ed25519);
    if (!key || url.length > 1) return false;
    this.policy.logs.push(key);
    return true;
  }

  #witness([name = '', text = '', ...url]: string[]): boolean {
    const key = this.#newKey(text, algorithm.cosignature);
    if (!key || url.length > 1 || !this.#newName(name)) return false;
    this.policy.witnesses.push({ name, key });
    return true;
  }

  #group([name = '', k = '', ...members]: string[]): boolean {
    if (members.length === 0 || new Set(members).size < members.length) return false;
    if (!members.every((member) => this.#names.has(member) && !this.#grouped.has(member))) return false;
    const needed = k === 'any' ? 1 : k === 'all' ? members.length : /^[1-9]\d*$/.test(k) ? Number(k) : 0;
    if (needed < 1 || needed > members.length || !this.#newName(name)) return false;
    members.forEach((member) => this.#grouped.add(member));
    this.policy.groups.set(name, { needed, members });
    return true;
  }

  #quorum([name = '', ...more]: string[]): boolean {
    if (this.hasQuorum || more.length > 0 || (name !== 'none' && !this.#names.has(name))) return false;
    this.hasQuorum = true;
    this.policy.quorum = name === 'none' ? null : name;
    return true;
  }

  #newName(name: string): boolean {
    if (name === '' || name === 'none' || this.#names.has(name)) return false;
    this.#names.add(name);
    return true;
  }

  #newKey(text: string, wanted: number): VerifierKey | null {
    const key = parseVerifierKey(text);
    if (!key || key.algorithm !== wanted || this.#keys.has(String(key.key))) return null;
    this.#keys.add(String(key.key));
    return key;
  }
}

/** Null when any line is not understood: half a policy is none. */
export function parsePolicy(text: string): Policy | null {
  const reader = new PolicyReader();
  for (const line of text.split('\n')) {
    const words = line.split(/[ \t\r]+/).filter(Boolean);
    if (words[0] === undefined || words[0].startsWith('#')) continue;
    if (!reader.line(words)) return null;
  }
  return reader.hasQuorum ? reader.policy : null;
}

/** Whether the witnesses named in `present` are enough. */
export function quorumMet(policy: Policy, present: ReadonlySet<string>): boolean {
  const met = (name: string): boolean => {
    const group = policy.groups.get(name);
    return group ? group.members.filter(met).length >= group.needed : present.has(name);
  };
  return policy.quorum === null || met(policy.quorum);
}

/** How many witnesses are enough at the least. */
export function quorumSize(policy: Policy): number {
  const least = (name: string): number => {
    const group = policy.groups.get(name);
    if (!group) return 1;
    const sizes = group.members.map(least).sort((a, b) => a - b);
    return sizes.slice(0, group.needed).reduce((sum, size) => sum + size, 0);
  };
  return policy.quorum === null ? 0 : least(policy.quorum);
}

/**
 * The time at which a quorum was last there: the newest such that cosignatures at least as new are enough. Null when
 * there is no quorum. `times_s` is by the witness's name; without witnesses to ask for it is `now_s`.
 */
export function quorumTime(policy: Policy, times_s: ReadonlyMap<string, number>, now_s: number): number | null {
  if (policy.quorum === null) return now_s;
  const present = new Set<string>();
  for (const [name, time_s] of [...times_s].sort(([, a], [, b]) => b - a)) {
    present.add(name);
    if (quorumMet(policy, present)) return time_s;
  }
  return null;
}
