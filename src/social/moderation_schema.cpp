// What moderation keeps. A decision says what was done and by which rule, and stays; the statement says to whom, about
// what and why in words, and goes with the account it concerns. A report goes with the account that made it; what an
// automatic rule reports has nobody who did, and goes with whom it concerns.
#include "social/schema.hpp"

namespace vitrine::social {
namespace {

constexpr std::array<store::Migration, 1> migrations{{
    {1, R"(
ALTER TABLE accounts ADD COLUMN suspended_until BIGINT NOT NULL DEFAULT 0;
ALTER TABLE accounts ADD COLUMN suspended_for TEXT NOT NULL DEFAULT '';
ALTER TABLE videos ADD COLUMN limited BIGINT NOT NULL DEFAULT 0;
ALTER TABLE videos ADD COLUMN imposed_labels TEXT NOT NULL DEFAULT '';
ALTER TABLE comments ADD COLUMN withheld BIGINT NOT NULL DEFAULT 0;
CREATE TABLE moderators (
  account_id TEXT PRIMARY KEY REFERENCES accounts(id) ON DELETE CASCADE, since BIGINT NOT NULL);
CREATE TABLE moderation_cases (
  id TEXT PRIMARY KEY, target_kind TEXT NOT NULL, target_id TEXT NOT NULL,
  concerned_id TEXT REFERENCES accounts(id) ON DELETE CASCADE,
  severity BIGINT NOT NULL, reports BIGINT NOT NULL, is_open BIGINT NOT NULL, created_at BIGINT NOT NULL,
  claimed_by TEXT REFERENCES accounts(id) ON DELETE SET NULL, claimed_until BIGINT NOT NULL DEFAULT 0);
CREATE UNIQUE INDEX moderation_cases_open ON moderation_cases(target_kind, target_id) WHERE is_open = 1;
CREATE INDEX moderation_queue ON moderation_cases(severity, reports, created_at) WHERE is_open = 1;
CREATE INDEX moderation_cases_of_concerned ON moderation_cases(concerned_id);
CREATE INDEX moderation_cases_claimed ON moderation_cases(claimed_by);
CREATE TABLE moderation_decisions (
  id TEXT PRIMARY KEY, target_kind TEXT NOT NULL, action TEXT NOT NULL, labels TEXT NOT NULL, ground TEXT NOT NULL,
  rule TEXT NOT NULL, automated BIGINT NOT NULL, decided_by TEXT REFERENCES accounts(id) ON DELETE SET NULL,
  made_at BIGINT NOT NULL, until_at BIGINT, in_force BIGINT NOT NULL, reversed BIGINT NOT NULL DEFAULT 0);
CREATE INDEX moderation_decisions_ending ON moderation_decisions(until_at) WHERE in_force = 1;
CREATE INDEX moderation_decisions_by ON moderation_decisions(decided_by);
CREATE TABLE moderation_statements (
  decision_id TEXT PRIMARY KEY REFERENCES moderation_decisions(id) ON DELETE CASCADE,
  concerned_id TEXT REFERENCES accounts(id) ON DELETE CASCADE, target_id TEXT NOT NULL,
  reason TEXT NOT NULL, facts TEXT NOT NULL);
CREATE INDEX moderation_statements_of_concerned ON moderation_statements(concerned_id, decision_id);
CREATE INDEX moderation_statements_of_target ON moderation_statements(target_id);
CREATE TABLE moderation_reports (
  id TEXT PRIMARY KEY, reporter_id TEXT REFERENCES accounts(id) ON DELETE CASCADE,
  concerned_id TEXT REFERENCES accounts(id) ON DELETE CASCADE,
  case_id TEXT REFERENCES moderation_cases(id) ON DELETE SET NULL,
  decision_id TEXT REFERENCES moderation_decisions(id) ON DELETE SET NULL,
  target_kind TEXT NOT NULL, target_id TEXT NOT NULL, reason TEXT NOT NULL, country TEXT NOT NULL, text TEXT NOT NULL,
  created_at BIGINT NOT NULL, is_open BIGINT NOT NULL);
CREATE UNIQUE INDEX moderation_reports_open ON moderation_reports(reporter_id, target_kind, target_id)
  WHERE is_open = 1;
CREATE INDEX moderation_reports_of_concerned ON moderation_reports(concerned_id);
CREATE INDEX moderation_reports_of_reporter ON moderation_reports(reporter_id, id);
CREATE INDEX moderation_reports_of_case ON moderation_reports(case_id, id);
CREATE INDEX moderation_reports_of_target ON moderation_reports(target_id);
CREATE INDEX moderation_reports_of_decision ON moderation_reports(decision_id);
CREATE TABLE moderation_appeals (
  id TEXT PRIMARY KEY,
  decision_id TEXT NOT NULL UNIQUE REFERENCES moderation_statements(decision_id) ON DELETE CASCADE,
  text TEXT NOT NULL, created_at BIGINT NOT NULL, outcome TEXT, reason TEXT NOT NULL DEFAULT '',
  decided_by TEXT REFERENCES accounts(id) ON DELETE SET NULL, decided_at BIGINT);
CREATE INDEX moderation_appeals_open ON moderation_appeals(id) WHERE outcome IS NULL;
CREATE INDEX moderation_appeals_by ON moderation_appeals(decided_by);
CREATE TABLE moderation_rules (
  kind TEXT NOT NULL, value TEXT NOT NULL, outcome TEXT NOT NULL, PRIMARY KEY (kind, value));
)"},
}};

}  // namespace

Result<void> migrate_moderation(store::Database& database) {
  return store::migrate(database, "moderation", migrations);
}

}  // namespace vitrine::social
