// What the server takes of people's words about moderation, in characters.
export const report_chars_max = 1000;
export const appeal_chars_max = 1000;
export const rule_chars_max = 200;
export const reason_chars_max = 500;
export const facts_chars_max = 1000;
export const decision_days_max = 365;
