#include "social/schema.hpp"

#include "social/search_index.hpp"

namespace vitrine::social {
namespace {

constexpr std::array<store::Migration, 2> migrations{{
    {1, R"(
CREATE TABLE accounts (
  id TEXT PRIMARY KEY, handle TEXT NOT NULL UNIQUE, display_name TEXT NOT NULL, bio TEXT NOT NULL,
  password_hash TEXT, created_at BIGINT NOT NULL);
CREATE TABLE sessions (
  token_hash BYTEA PRIMARY KEY, account_id TEXT NOT NULL REFERENCES accounts(id) ON DELETE CASCADE,
  created_at BIGINT NOT NULL, seen_at BIGINT NOT NULL);
CREATE INDEX sessions_of_account ON sessions(account_id);
CREATE TABLE passkeys (
  credential_id BYTEA PRIMARY KEY, account_id TEXT NOT NULL REFERENCES accounts(id) ON DELETE CASCADE,
  id TEXT NOT NULL UNIQUE, name TEXT NOT NULL, public_key BYTEA NOT NULL, sign_count BIGINT NOT NULL,
  created_at BIGINT NOT NULL, last_used_at BIGINT);
CREATE INDEX passkeys_of_account ON passkeys(account_id);
CREATE TABLE videos (
  id TEXT PRIMARY KEY, creator_id TEXT NOT NULL REFERENCES accounts(id) ON DELETE CASCADE,
  caption TEXT NOT NULL, tags TEXT NOT NULL, created_at BIGINT NOT NULL, state TEXT NOT NULL,
  failure_code TEXT, failure_detail TEXT, media TEXT,
  likes BIGINT NOT NULL DEFAULT 0, views BIGINT NOT NULL DEFAULT 0, shares BIGINT NOT NULL DEFAULT 0);
CREATE INDEX videos_of_creator ON videos(creator_id, id);
CREATE INDEX videos_by_state ON videos(state, id);
CREATE TABLE likes (
  account_id TEXT NOT NULL REFERENCES accounts(id) ON DELETE CASCADE,
  video_id TEXT NOT NULL REFERENCES videos(id) ON DELETE CASCADE,
  created_at BIGINT NOT NULL, PRIMARY KEY (account_id, video_id));
CREATE INDEX likes_of_video ON likes(video_id);
CREATE TABLE follows (
  follower_id TEXT NOT NULL REFERENCES accounts(id) ON DELETE CASCADE,
  creator_id TEXT NOT NULL REFERENCES accounts(id) ON DELETE CASCADE,
  created_at BIGINT NOT NULL, PRIMARY KEY (follower_id, creator_id));
CREATE INDEX follows_of_creator ON follows(creator_id);
CREATE TABLE counted (name TEXT PRIMARY KEY, next BIGINT NOT NULL);
)"},
    {2, R"(
ALTER TABLE accounts ADD COLUMN age_band TEXT NOT NULL DEFAULT 'adult';
ALTER TABLE accounts ADD COLUMN email TEXT NOT NULL DEFAULT 'none';
ALTER TABLE sessions ADD COLUMN secret BYTEA;
CREATE TABLE mail_codes (
  account_id TEXT PRIMARY KEY REFERENCES accounts(id) ON DELETE CASCADE,
  code_hash BYTEA NOT NULL, expires_at BIGINT NOT NULL, tries BIGINT NOT NULL);
CREATE TABLE recoveries (
  token_hash BYTEA PRIMARY KEY, account_id TEXT NOT NULL REFERENCES accounts(id) ON DELETE CASCADE,
  expires_at BIGINT NOT NULL);
CREATE INDEX recoveries_of_account ON recoveries(account_id);
CREATE TABLE staff (
  account_id TEXT PRIMARY KEY REFERENCES accounts(id) ON DELETE CASCADE,
  member_id TEXT NOT NULL UNIQUE, role TEXT NOT NULL, zone TEXT NOT NULL, credential_id BYTEA NOT NULL,
  public_key BYTEA NOT NULL);
CREATE TABLE cases (
  id TEXT PRIMARY KEY, title TEXT NOT NULL, state TEXT NOT NULL, created_at BIGINT NOT NULL);
)"},
}};

}  // namespace

Result<void> migrate_social(store::Database& database) {
  VT_CHECK(store::migrate(database, "social", migrations));
  return migrate_search(database);
}

}  // namespace vitrine::social
