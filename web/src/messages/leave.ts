// What is said before a page is left whose changes are not saved.
import { teller } from '.';

export const leave = {
  'leave.title': 'Leave without saving?',
  'leave.text': 'What you changed on this page is not saved.',
  'leave.captions': 'What you wrote is not saved. It waits in this browser until you come back to it; nobody else sees it before.',
  'leave.upload': 'Your video has not been sent. What you chose for it is lost.',
  'leave.sending': 'Your video is on its way. Sending stops when you leave; choose the same file again to go on from there.',
  'leave.stay': 'Stay here',
  'leave.leave': 'Leave',
} as const;

export const t = teller(leave);
