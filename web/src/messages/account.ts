// What sign-up, the e-mail section of the settings and the recovery of a password say.
import { teller } from '.';
import { en } from './en';

export const account = {
  'birth.legend': 'Birth date',
  'birth.why': 'Asked so that children are protected: the date is sealed, and only the age band is kept.',
  'birth.how': 'How we keep what you tell us',
  'birth.day': 'Day',
  'birth.month': 'Month',
  'birth.year': 'Year',
  'birth.missing': 'Choose day, month and year.',
  'birth.none': 'There is no such day. Check day and month.',
  'birth.ahead': 'That day is still to come. Check the year.',
  'birth.young.title': 'Not yet',
  'birth.young.text': 'Accounts here are for people of 13 and older. Thank you for telling the truth.',
  'birth.young.stored': 'Nothing of what you typed was stored: no name, no date, no account.',
  'birth.young.watch': 'You can watch without an account.',
  'birth.young.action': 'Go to the feed',

  'email.title': 'E-mail',
  'email.none': 'No address. With one, you can set a new password if you forget yours.',
  'email.sealed':
    'The address is sealed as soon as you save it: nobody can search for it, and it is opened only to write to you, with a trace in the public log.',
  'email.how': 'See who opens what',
  'email.address': 'E-mail address',
  'email.address_bad': 'Write it like name@example.org.',
  'email.add': 'Add address',
  'email.sent': 'A code is on its way to the address you gave.',
  'email.state.none': 'None',
  'email.state.unverified': 'Not confirmed yet',
  'email.state.verified': 'Confirmed',
  'email.code': 'Code from the mail',
  'email.code_hint': '8 digits. It may take a minute to arrive.',
  'email.code_bad': 'The code has 8 digits.',
  'email.code_wrong': 'That is not the code in the newest mail. Check it and try again.',
  'email.code_old': 'The code is too old. Ask for a new one below.',
  'email.verify': 'Confirm',
  'email.verified': 'Address confirmed.',
  'email.verified_text': 'Your address is confirmed. It is not shown here, because this page cannot open it either.',
  'email.again': 'Another address or a new code',
  'email.again_text': 'Type the address once more: this page cannot read the sealed one.',
  'email.change': 'Change address',
  'email.save': 'Save and send a code',
  'email.remove': 'Remove address',
  'email.remove_text': 'The sealed address is destroyed. Without one, a forgotten password cannot be replaced.',
  'email.removed': 'Address removed.',

  'settings.glass_text': 'Who opens personal data here, why, and who watches that. Open to everyone.',
  'settings.glass_open': 'Look through the glass',
  'settings.staff_open': 'Staff console',

  'recover.forgot': 'Forgot your password?',
  'recover.ask.title': 'Forgot your password?',
  'recover.ask.lead': 'If the account has a confirmed e-mail address, a link to set a new password goes there.',
  'recover.ask.submit': 'Send the link',
  'recover.ask.sent.title': 'Look into your mail',
  'recover.ask.sent.text':
    'If @{handle} has a confirmed address, a link is on its way. We say the same whoever asks, so that nobody learns which accounts have one.',
  'recover.ask.sent.none': 'No mail? A passkey still opens the account.',
  'recover.back': 'Back to sign-in',
  'recover.lead': 'Choose a new one. You are signed in afterwards.',
  'recover.submit': 'Set new password',
  'recover.done': 'New password set. Welcome back, {name}.',
  'recover.spent': 'This link has been used, or is too old. Ask for a new one.',
  'recover.again': 'Ask for a new link',
} as const;

export const t = teller({ ...en, ...account });
