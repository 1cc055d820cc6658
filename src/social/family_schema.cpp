// What is kept of families and of people's limits. Controls are a ward's, shared by all guardians; they hold as long as
// there is a pairing. `day` counts local days since 1970; a code is kept as a hash.
#include "social/schema.hpp"

namespace vitrine::social {
namespace {

constexpr std::array<store::Migration, 1> migrations{{
    {1, R"(
ALTER TABLE accounts ADD COLUMN sealed_as_minor BIGINT NOT NULL DEFAULT 0;
CREATE TABLE watch_limits (
  account_id TEXT PRIMARY KEY REFERENCES accounts(id) ON DELETE CASCADE,
  daily_minutes BIGINT, quiet_from BIGINT, quiet_to BIGINT, time_zone TEXT NOT NULL DEFAULT '',
  zone_set_at BIGINT NOT NULL DEFAULT 0, extra_day BIGINT NOT NULL DEFAULT -1, hide_sensitive BIGINT);
CREATE TABLE watch_days (
  account_id TEXT NOT NULL REFERENCES accounts(id) ON DELETE CASCADE,
  day BIGINT NOT NULL, watched_ms BIGINT NOT NULL, PRIMARY KEY (account_id, day));
CREATE TABLE pairing_codes (
  account_id TEXT PRIMARY KEY REFERENCES accounts(id) ON DELETE CASCADE,
  code_hash BYTEA NOT NULL UNIQUE, expires_at BIGINT NOT NULL);
CREATE TABLE pairings (
  id TEXT PRIMARY KEY, guardian_id TEXT NOT NULL REFERENCES accounts(id) ON DELETE CASCADE,
  ward_id TEXT NOT NULL REFERENCES accounts(id) ON DELETE CASCADE,
  guardian_confirmed BIGINT NOT NULL, ward_confirmed BIGINT NOT NULL, made_at BIGINT NOT NULL, since BIGINT,
  UNIQUE (guardian_id, ward_id));
CREATE INDEX pairings_of_ward ON pairings(ward_id);
CREATE TABLE ward_controls (
  ward_id TEXT PRIMARY KEY REFERENCES accounts(id) ON DELETE CASCADE,
  daily_minutes BIGINT, quiet_from BIGINT, quiet_to BIGINT, comments TEXT NOT NULL, mentions TEXT NOT NULL,
  sensitive_locked BIGINT NOT NULL, left_out TEXT NOT NULL, search BIGINT NOT NULL, findable BIGINT NOT NULL);
CREATE TABLE family_changes (
  id TEXT PRIMARY KEY, ward_id TEXT NOT NULL REFERENCES accounts(id) ON DELETE CASCADE,
  by_id TEXT REFERENCES accounts(id) ON DELETE SET NULL, at BIGINT NOT NULL, what TEXT NOT NULL,
  was TEXT NOT NULL, became TEXT NOT NULL);
CREATE INDEX family_changes_of_ward ON family_changes(ward_id, id);
CREATE INDEX family_changes_by ON family_changes(by_id);
)"},
}};

}  // namespace

Result<void> migrate_families(store::Database& database) { return store::migrate(database, "families", migrations); }

}  // namespace vitrine::social
