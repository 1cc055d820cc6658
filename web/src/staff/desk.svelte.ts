// What a member of staff has before them. It holds requests and their state, never what a request opened.
import { api, get, messageOf, post } from '../lib/api';
import { peoplesPurposes, readRules, type Purpose } from '../lib/rulebook';
import type { Case, Demand, Glass, List, OpenedField, Outcome, StaffEvent, StaffRequest } from '../lib/types';
import { signWithPasskey } from '../lib/webauthn';

/** Others sign in other browsers. */
const requests_ms = 5_000;

export interface NewRequest {
  handle: string;
  class: string;
  purpose: string;
  case: string;
}

export interface NewDemand {
  authority: string;
  country: string;
  basis: string;
  class: string;
  zone: string;
  /** "2027-03-01", or null when it is public at once. */
  sealed_until: string | null;
}

const part = (id: string): string => encodeURIComponent(id);

export class Desk {
  cases = $state.raw<Case[]>([]);
  requests = $state.raw<StaffRequest[]>([]);
  history = $state.raw<StaffEvent[]>([]);
  demands = $state.raw<Demand[]>([]);
  /** Those for people; null when the rules cannot be read. */
  purposes = $state.raw<Purpose[] | null>(null);
  zones = $state.raw<string[]>([]);
  loaded = $state(false);
  problem = $state<string | null>(null);
  readonly open_cases = $derived(this.cases.filter((one) => one.state === 'open'));
  #timer = 0;

  async load(): Promise<void> {
    this.problem = null;
    try {
      await Promise.all([this.#loadRules(), this.#loadCases(), this.#loadDemands(), this.reload()]);
      this.loaded = true;
    } catch (error) {
      this.problem = messageOf(error);
    }
  }

  /** Keeps the requests fresh until `stop`. A round that fails is made up for by the next. */
  watch(): void {
    this.#timer = window.setInterval(() => {
      if (this.loaded && !document.hidden) this.reload().catch(() => {});
    }, requests_ms);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async reload(): Promise<void> {
    const [requests, history] = await Promise.all([get<List<StaffRequest>>('/staff/requests'), get<List<StaffEvent>>('/staff/history')]);
    this.requests = requests.items;
    this.history = history.items;
  }

  async file(request: NewRequest): Promise<void> {
    await post('/staff/requests', request);
    await this.reload();
  }

  async sign(request: StaffRequest): Promise<void> {
    await signWithPasskey(request.options, `/staff/requests/${part(request.id)}/approvals`);
    await this.reload();
  }

  open(request: StaffRequest): Promise<OpenedField> {
    return post<OpenedField>(`/staff/requests/${part(request.id)}/open`);
  }

  async addCase(title: string): Promise<void> {
    await post('/staff/cases', { title });
    await this.#loadCases();
  }

  async setCase(one: Case, state: Case['state']): Promise<void> {
    await api('PATCH', `/staff/cases/${part(one.id)}`, { state });
    await this.#loadCases();
  }

  /** Gives what became of it at once. */
  async enterDemand(demand: NewDemand): Promise<Outcome | null> {
    const { demand: entered } = await post<{ demand: Demand }>('/staff/demands', demand);
    await this.#loadDemands();
    return entered.outcome;
  }

  async decide(demand: Demand, outcome: Outcome, reason: string): Promise<void> {
    await post(`/staff/demands/${part(demand.id)}/outcome`, { outcome, reason });
    await this.#loadDemands();
  }

  async unseal(demand: Demand): Promise<void> {
    await post(`/staff/demands/${part(demand.id)}/opening`);
    await this.#loadDemands();
  }

  async #loadRules(): Promise<void> {
    const rules = readRules((await get<Glass>('/glass')).rules.text);
    this.purposes = rules ? peoplesPurposes(rules) : null;
    this.zones = rules?.zones ?? [];
  }

  async #loadCases(): Promise<void> {
    this.cases = (await get<List<Case>>('/staff/cases')).items;
  }

  async #loadDemands(): Promise<void> {
    this.demands = (await get<List<Demand>>('/staff/demands')).items;
  }
}
