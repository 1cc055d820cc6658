// What the Glass page says, and the words for purposes and classes of data that the staff's page shares with it.
import { teller } from '.';
import { en } from './en';

export const glass = {
  'glass.lead':
    'Who opens personal data here, why, and who watches that. You need not believe this page: everything on it comes from a public log that you can check yourself.',
  'glass.on_page': 'On this page',
  'glass.single.title': 'The mechanism is on, independence is not: all parties are this machine.',
  'glass.single.text':
    'Log, witness and custodians run here, under one operator, who could change them all together. The promises below hold against everyone else, but not against this operator, until others run some of these parts.',
  'glass.down': 'Personal data cannot be opened by anyone just now: {why}',
  'glass.stale': 'This page could not be refreshed: {why}',

  'glass.log.title': 'The public log',
  'glass.log.entries': { one: 'entry', other: 'entries' },
  'glass.log.text':
    'Every opening, every refusal and every change of the rules is an entry, written before it takes effect. Nothing can be taken out or changed later.',
  'glass.log.live': 'Live',
  'glass.log.paused': 'Paused',
  'glass.log.pause': 'Pause live view',
  'glass.log.resume': 'Resume live view',
  'glass.log.latest': 'Latest entries',
  'glass.log.unread': 'The latest entries cannot be read just now.',
  'glass.log.number': 'Entry {number}',
  'glass.log.hours': 'Times are given to the hour, so that nobody is recognised by the minute.',
  'glass.log.opened': 'Opened by a person',
  'glass.log.machine': 'Opened by machines',
  'glass.log.refused': 'Refused or alarmed',
  'glass.log.other': 'Everything else',

  'glass.entry.access': '{class} opened · {purpose}',
  'glass.entry.batch': { one: '{count} field opened by machine · {purpose}', other: '{count} fields opened by machine · {purpose}' },
  'glass.entry.refusal': '{class} refused · {purpose}',
  'glass.entry.roster_added': '{member} may sign from now on',
  'glass.entry.roster_removed': '{member} may no longer sign',
  'glass.entry.policy': 'New rules announced',
  'glass.entry.erasure': { one: '{count} sealed record destroyed', other: '{count} sealed records destroyed' },
  'glass.entry.build': 'Version {version} of the program started',
  'glass.entry.model': 'New settings of the feed',
  'glass.entry.demand': 'A legal demand · {country}',
  'glass.entry.demand_sealed': 'A sealed legal demand',
  'glass.entry.disclosure': 'A legal demand answered or unsealed',
  'glass.entry.alarm': 'Alarm: {text}',
  'glass.entry.retention': { one: 'Retention checked: {count} record too old', other: 'Retention checked: {count} records too old' },
  'glass.entry.intervention': 'A hand on the feed: {action} {target}',
  'glass.entry.other': 'An entry of kind “{kind}”',

  'glass.parties.title': 'Who watches, who holds the keys',
  'glass.witnesses': 'Witnesses',
  'glass.witnesses_text': 'They sign the log as it grows, and refuse one that was rewritten. Without their signatures nothing opens.',
  'glass.witness.current': 'Signed all {size}',
  'glass.witness.behind': { one: '{count} entry behind', other: '{count} entries behind' },
  'glass.witnesses_none': 'No witness signs this log.',
  'glass.custodians': 'Custodians',
  'glass.custodians_text':
    'Each holds a share of every key. {threshold} of {all} must see the entry in the log and hand out their share before one field opens.',
  'glass.independent': 'Independent',
  'glass.same_machine': 'This machine',

  'glass.counts.title': 'What was opened, what was refused',
  'glass.counts.days': 'The last 30 days',
  'glass.counts.openings': 'Opened by people',
  'glass.counts.batches': 'Opened by machines, in batches',
  'glass.counts.refusals': 'Refused',
  'glass.counts.total': '{count} in 30 days',
  'glass.counts.max': 'most in a day: {count}',
  'glass.counts.table': 'The figures as a table',
  'glass.counts.day': 'Day',
  'glass.counts.chart': 'Bars for each of the last 30 days. The same figures follow as a table.',
  'glass.counts.purposes': 'By purpose, the last 12 months',
  'glass.counts.purpose': 'Purpose and data',
  'glass.counts.opened': 'Opened',
  'glass.counts.refused': 'Refused',
  'glass.counts.none': 'Nothing has been opened or refused in 12 months.',

  'glass.demands.title': 'Demands from authorities',
  'glass.demands.text':
    'Every legal demand for data is listed, what it was based on and what came of it. One that must stay secret for a time is sealed, with a public date by which it opens.',
  'glass.demands.none': 'No authority has asked for anything so far.',
  'glass.demands.when': 'When',
  'glass.demands.who': 'Who asked',
  'glass.demands.what': 'For what',
  'glass.demands.basis': 'On what basis',
  'glass.demands.outcome': 'Outcome',
  'glass.demands.actions': 'Actions',
  'glass.demands.sealed': 'Sealed',
  'glass.demands.opens': 'Must be opened by {when}',
  'glass.demands.overdue': 'Overdue: it had to be opened by {when}',
  'glass.demands.zone': 'data of zone {zone}',
  'glass.demands.pending': 'Pending',
  'glass.demands.refused': 'Refused',
  'glass.demands.partly': 'Partly complied',
  'glass.demands.complied': 'Complied',

  'glass.alarms.title': 'Alarms',
  'glass.alarms.none': 'None.',

  'glass.rules.title': 'Rules in force',
  'glass.rules.text':
    'Custodians enforce these, not the operator. There is no purpose beyond this list, and none for finding people by address, IP, e-mail or place.',
  'glass.rules.unread': 'These rules cannot be shown in words. Read the raw form below.',
  'glass.rules.people': 'When people ask',
  'glass.rules.machines': 'What machines may do',
  'glass.rules.signers': { one: '{count} other person must sign', other: '{count} other people must sign' },
  'glass.rules.signers_none': 'nobody else must sign',
  'glass.rules.machine': 'by machine, one entry for each batch',
  'glass.rules.per_reader': 'at most {count} for each reader in 12 months',
  'glass.rules.per_zone': 'at most {count} in all',
  'glass.rules.may_read': 'May read:',
  'glass.rules.delay': 'A change of rules counts {time} after it was announced.',
  'glass.rules.delay_none': 'A change of rules counts as soon as it is in the log.',
  'glass.rules.fresh': 'Signatures of witnesses may be {time} old at most.',
  'glass.rules.guarded': 'For minors and exposed people an overseer must sign as well, whatever the purpose.',
  'glass.rules.hash': 'SHA-256 of the rules',
  'glass.rules.raw': 'Raw rules (JSON)',

  'glass.feed.title': 'Program, feed, and hands on it',
  'glass.feed.builds': 'Programs that ran here',
  'glass.feed.models': 'Settings of the feed',
  'glass.feed.since': 'since {when}',
  'glass.feed.none': 'None announced.',
  'glass.feed.interventions': 'Interventions',
  'glass.feed.interventions_none': 'Nobody has put a hand on the feed.',
  'glass.feed.by': 'by {who}, {when}',
  'glass.feed.until': 'until {when}',
  'glass.feed.for_good': 'until further notice',

  'glass.retention.title': 'How long things are kept',
  'glass.retention.class': 'Data',
  'glass.retention.time': 'Kept',
  'glass.retention.what': 'What it is',
  'glass.retention.days': { one: '{count} day', other: '{count} days' },
  'glass.retention.account': 'with the account',
  'glass.retention.proof': 'Checked {when}: nothing older exists.',
  'glass.retention.older': {
    one: 'Checked {when}: {count} record is older than it may be.',
    other: 'Checked {when}: {count} records are older than they may be.',
  },
  'glass.retention.unproved': 'Not checked yet.',
  'glass.retention.erasures': { one: '{count} erasure carried out', other: '{count} erasures carried out' },

  'glass.roster.title': 'Who may sign',
  'glass.roster.text': 'Pseudonyms, the same in every entry. Their public keys are in the log, so that each signature can be checked later.',
  'glass.roster.none': 'Nobody: no person can open anything.',
  'glass.roster.since': 'since {when}',
  'glass.roster.start': 'since the first day',
  'glass.role.staff': 'Staff',
  'glass.role.overseer': 'Overseer',
  'glass.role.service': 'Machine',

  'glass.official.title': 'Official devices',
  'glass.official.text':
    'Devices and networks of authorities that this service declines: they get a page that says so, and nothing of the visit is kept. The operator wrote this list.',
  'glass.official.networks': 'Networks',
  'glass.official.mail_domains': 'Mail domains, with all below them',
  'glass.official.signals': 'Signals of managed browsers',
  'glass.official.none': 'The operator declines nobody: the list is empty.',
  'glass.official.none_of': 'None',

  'glass.check.title': 'Check it yourself',
  'glass.check.text':
    'Best from another machine, with keys that somebody else has compared. It fetches every entry, computes every hash anew and checks who signed.',
  'glass.check.step_policy': '1. Download who is to be believed: the witnesses and how many must have signed.',
  'glass.check.step_run': '2. Check the whole log.',
  'glass.check.step_again': '3. Run it again another day: it remembers, and notices if the log was rewritten or you are shown another one.',
  'glass.check.policy': 'policy.txt',
  'glass.check.vkey': 'log.vkey',
  'glass.check.formats': 'The log is in the formats of C2SP (tlog-tiles), so other tools can read it too.',
  'glass.check.key': 'Key of the log',

  'glass.copy': 'Copy',
  'glass.copy_what': 'Copy: {what}',
  'glass.copied': 'Copied.',
  'glass.copy_failed': 'Your browser did not allow copying.',
  'glass.command': 'the command',

  'glass.purpose.self': 'People reading their own data',
  'glass.purpose.deliver-message': 'Writing to the person',
  'glass.purpose.account-recovery': 'Getting back into an account',
  'glass.purpose.abuse-case': 'A case of abuse',
  'glass.purpose.child-safety': 'Protecting a child',
  'glass.purpose.threat-to-life': 'A threat to life',
  'glass.purpose.legal-demand': 'A legal demand',
  'glass.purpose.payout': 'Paying a creator',

  'glass.class.identity': 'Birth date',
  'glass.class.contact': 'E-mail address',
  'glass.class.address': 'Postal address',
  'glass.class.network': 'Security events',
  'glass.class.link': 'Link of account and viewing',
  'glass.class.payment': 'Payment details',
  'glass.class.receipt': 'Receipt key',
  'glass.class.minor': '{class} of a minor',
} as const;

const catalogue = { ...en, ...glass };
export const t = teller(catalogue);

/** What a closed list of the server's is called here; a word that is newer than this page stands for itself. */
function named(prefix: 'glass.purpose.' | 'glass.class.' | 'glass.role.', word: string): string {
  return (catalogue as Record<string, unknown>)[prefix + word] === undefined ? word : t((prefix + word) as 'glass.purpose.self');
}

export const purposeName = (purpose: string): string => named('glass.purpose.', purpose);
export const roleName = (role: string): string => named('glass.role.', role);

export function className(name: string): string {
  const minor = /^minor\.(.+)$/.exec(name);
  return minor?.[1] ? t('glass.class.minor', { class: named('glass.class.', minor[1]) }) : named('glass.class.', name);
}

const regions = new Intl.DisplayNames('en', { type: 'region' });

/** "NL" → "Netherlands". */
export function countryName(code: string): string {
  try {
    return regions.of(code.toUpperCase()) ?? code;
  } catch {
    return code;
  }
}

const hour = new Intl.DateTimeFormat('en', { year: 'numeric', month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const date = new Intl.DateTimeFormat('en', { year: 'numeric', month: 'short', day: 'numeric' });
const calendar = new Intl.DateTimeFormat('en', { month: 'short', day: 'numeric', timeZone: 'UTC' });

export const hourOf = (seconds: number): string => hour.format(seconds * 1000);
export const dateOf = (seconds: number): string => date.format(seconds * 1000);

/** "2026-11-25" → "Nov 25". */
export const calendarDayOf = (day: string): string => calendar.format(Date.parse(day));
