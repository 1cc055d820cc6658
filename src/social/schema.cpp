#include "social/schema.hpp"

#include "social/captions.hpp"
#include "social/search_index.hpp"

namespace vitrine::social {
namespace {

constexpr std::array<store::Migration, 2> social{{
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

/// Who does not want to see whom; and follows, counted when they change instead of when they are read.
constexpr std::array<store::Migration, 1> people{{{1, R"(
CREATE TABLE blocks (
  blocker_id TEXT NOT NULL REFERENCES accounts(id) ON DELETE CASCADE,
  blocked_id TEXT NOT NULL REFERENCES accounts(id) ON DELETE CASCADE,
  created_at BIGINT NOT NULL, PRIMARY KEY (blocker_id, blocked_id));
CREATE INDEX blocks_of_blocked ON blocks(blocked_id, blocker_id);
CREATE TABLE mutes (
  muter_id TEXT NOT NULL REFERENCES accounts(id) ON DELETE CASCADE,
  muted_id TEXT NOT NULL REFERENCES accounts(id) ON DELETE CASCADE,
  created_at BIGINT NOT NULL, PRIMARY KEY (muter_id, muted_id));
CREATE INDEX mutes_of_muted ON mutes(muted_id);
ALTER TABLE accounts ADD COLUMN followers BIGINT NOT NULL DEFAULT 0;
ALTER TABLE accounts ADD COLUMN following BIGINT NOT NULL DEFAULT 0;
UPDATE accounts SET
  followers = (SELECT COUNT(*) FROM follows WHERE creator_id = accounts.id),
  following = (SELECT COUNT(*) FROM follows WHERE follower_id = accounts.id);
)"}}};

// A comment's shelf is the list it stands in: 0 none (held), 1 the video's, 2 its parent's. `creator_id` is the
// video's, so that what is held for a creator is found at once; `sort_rank` puts liked ones before others
// (comments.cpp); `replied_to` is the comment that was answered, which may be gone.
constexpr std::array<store::Migration, 1> comments{{{1, R"(
ALTER TABLE videos ADD COLUMN comments BIGINT NOT NULL DEFAULT 0;
CREATE TABLE comments (
  id TEXT PRIMARY KEY, video_id TEXT NOT NULL REFERENCES videos(id) ON DELETE CASCADE,
  parent_id TEXT REFERENCES comments(id) ON DELETE CASCADE,
  author_id TEXT NOT NULL REFERENCES accounts(id) ON DELETE CASCADE, creator_id TEXT NOT NULL,
  text TEXT NOT NULL, state TEXT NOT NULL, shelf BIGINT NOT NULL, sort_rank BIGINT NOT NULL,
  created_at BIGINT NOT NULL, edited_at BIGINT, replied_to TEXT,
  likes BIGINT NOT NULL DEFAULT 0, replies BIGINT NOT NULL DEFAULT 0);
CREATE INDEX comments_new ON comments(video_id, shelf, id);
CREATE INDEX comments_top ON comments(video_id, shelf, sort_rank, id);
CREATE INDEX comments_of_parent ON comments(parent_id, shelf, id);
CREATE INDEX comments_of_author ON comments(author_id, id);
CREATE INDEX comments_of_author_on_video ON comments(author_id, video_id, shelf, id);
CREATE INDEX comments_held ON comments(creator_id, id) WHERE shelf = 0;
CREATE TABLE comment_likes (
  comment_id TEXT NOT NULL REFERENCES comments(id) ON DELETE CASCADE,
  account_id TEXT NOT NULL REFERENCES accounts(id) ON DELETE CASCADE,
  created_at BIGINT NOT NULL, PRIMARY KEY (comment_id, account_id));
CREATE INDEX comment_likes_of_account ON comment_likes(account_id);
CREATE TABLE comment_pins (
  video_id TEXT PRIMARY KEY REFERENCES videos(id) ON DELETE CASCADE,
  comment_id TEXT NOT NULL UNIQUE REFERENCES comments(id) ON DELETE CASCADE);
CREATE TABLE comment_edits (
  comment_id TEXT NOT NULL REFERENCES comments(id) ON DELETE CASCADE,
  at BIGINT NOT NULL, text TEXT NOT NULL, PRIMARY KEY (comment_id, at));
CREATE TABLE comment_rules (
  account_id TEXT PRIMARY KEY REFERENCES accounts(id) ON DELETE CASCADE,
  who TEXT NOT NULL, hold TEXT NOT NULL, words TEXT NOT NULL);
)"}}};

// `about` is what a notification gathers people under; `people` counts them, also those over what is kept of them.
constexpr std::array<store::Migration, 1> notifications{{{1, R"(
CREATE TABLE notifications (
  id TEXT PRIMARY KEY, account_id TEXT NOT NULL REFERENCES accounts(id) ON DELETE CASCADE,
  kind TEXT NOT NULL, about TEXT NOT NULL, video_id TEXT REFERENCES videos(id) ON DELETE CASCADE,
  comment_id TEXT REFERENCES comments(id) ON DELETE SET NULL,
  people BIGINT NOT NULL, created_at BIGINT NOT NULL, unread BIGINT NOT NULL);
CREATE INDEX notifications_of_account ON notifications(account_id, id);
CREATE INDEX notifications_alike ON notifications(account_id, kind, about, id);
CREATE INDEX notifications_unread ON notifications(account_id) WHERE unread = 1;
CREATE INDEX notifications_of_video ON notifications(video_id);
CREATE INDEX notifications_of_comment ON notifications(comment_id);
CREATE TABLE notification_people (
  notification_id TEXT NOT NULL REFERENCES notifications(id) ON DELETE CASCADE,
  account_id TEXT NOT NULL REFERENCES accounts(id) ON DELETE CASCADE,
  at BIGINT NOT NULL, PRIMARY KEY (notification_id, account_id));
CREATE INDEX notification_people_of_account ON notification_people(account_id);
CREATE INDEX notification_people_newest ON notification_people(notification_id, at);
CREATE TABLE notification_settings (
  account_id TEXT PRIMARY KEY REFERENCES accounts(id) ON DELETE CASCADE, unwanted TEXT NOT NULL);
)"}}};

constexpr std::array<store::Migration, 1> collections{{{1, R"(
CREATE TABLE collections (
  id TEXT PRIMARY KEY, account_id TEXT NOT NULL REFERENCES accounts(id) ON DELETE CASCADE,
  name TEXT NOT NULL, is_default BIGINT NOT NULL, videos BIGINT NOT NULL DEFAULT 0, created_at BIGINT NOT NULL,
  UNIQUE (account_id, name));
CREATE UNIQUE INDEX collections_default ON collections(account_id) WHERE is_default = 1;
CREATE TABLE collected_videos (
  collection_id TEXT NOT NULL REFERENCES collections(id) ON DELETE CASCADE,
  video_id TEXT NOT NULL REFERENCES videos(id) ON DELETE CASCADE,
  added_at BIGINT NOT NULL, PRIMARY KEY (collection_id, video_id));
CREATE INDEX collected_videos_of_video ON collected_videos(video_id);
CREATE INDEX collected_videos_newest ON collected_videos(collection_id, added_at, video_id);
)"}}};

// Without a permission of its own a video has the account's. `live_since` is the first time a video went live,
// `announced` whether those whom its caption mentions have been told. What is there already is public and has been
// announced.
constexpr std::array<store::Migration, 1> audience{{{1, R"(
ALTER TABLE videos ADD COLUMN audience TEXT NOT NULL DEFAULT 'public';
ALTER TABLE videos ADD COLUMN comment_permission TEXT;
ALTER TABLE videos ADD COLUMN duet_permission TEXT;
ALTER TABLE videos ADD COLUMN own_labels TEXT NOT NULL DEFAULT '';
ALTER TABLE videos ADD COLUMN draft BIGINT NOT NULL DEFAULT 0;
ALTER TABLE videos ADD COLUMN publish_at BIGINT;
ALTER TABLE videos ADD COLUMN live_since BIGINT;
ALTER TABLE videos ADD COLUMN pinned_at BIGINT;
ALTER TABLE videos ADD COLUMN announced BIGINT NOT NULL DEFAULT 0;
UPDATE videos SET live_since = created_at, announced = 1 WHERE media IS NOT NULL;
CREATE INDEX videos_published ON videos(creator_id, live_since, id);
CREATE INDEX videos_scheduled ON videos(publish_at) WHERE publish_at IS NOT NULL;
CREATE INDEX videos_pinned ON videos(creator_id) WHERE pinned_at IS NOT NULL;
)"}}};

// `told_until` is the newest notification that was in a mail; `number` stands in the links that end it.
constexpr std::array<store::Migration, 1> digests{{{1, R"(
CREATE TABLE digests (
  account_id TEXT PRIMARY KEY REFERENCES accounts(id) ON DELETE CASCADE, rhythm TEXT NOT NULL,
  next_at BIGINT NOT NULL, told_until TEXT NOT NULL, number BIGINT NOT NULL);
CREATE INDEX digests_due ON digests(next_at) WHERE rhythm <> 'never';
)"}}};

// A subscription ends with the session it was made in. `sealed` holds endpoint and keys, encrypted (push.cpp);
// `endpoint_tag` says whether two are one. What waits has a time it is due; what was sent has none.
constexpr std::array<store::Migration, 1> push{{{1, R"(
CREATE TABLE push_subscriptions (
  id TEXT PRIMARY KEY, account_id TEXT NOT NULL REFERENCES accounts(id) ON DELETE CASCADE,
  session_hash BYTEA NOT NULL REFERENCES sessions(token_hash) ON DELETE CASCADE,
  endpoint_tag BYTEA NOT NULL UNIQUE, sealed BYTEA NOT NULL, created_at BIGINT NOT NULL, refusals BIGINT NOT NULL);
CREATE INDEX push_subscriptions_of_account ON push_subscriptions(account_id, id);
CREATE INDEX push_subscriptions_of_session ON push_subscriptions(session_hash);
CREATE TABLE push_queue (
  subscription_id TEXT NOT NULL REFERENCES push_subscriptions(id) ON DELETE CASCADE,
  notification_id TEXT NOT NULL REFERENCES notifications(id) ON DELETE CASCADE,
  since BIGINT NOT NULL, due_at BIGINT, sent_at BIGINT, changes BIGINT NOT NULL, tries BIGINT NOT NULL,
  PRIMARY KEY (subscription_id, notification_id));
CREATE INDEX push_queue_due ON push_queue(due_at) WHERE due_at IS NOT NULL;
CREATE INDEX push_queue_of_notification ON push_queue(notification_id);
CREATE TABLE push_choices (
  account_id TEXT PRIMARY KEY REFERENCES accounts(id) ON DELETE CASCADE, unwanted TEXT NOT NULL);
)"}}};

/// What makes answers quick where there is much of everything.
constexpr std::array<store::Migration, 1> indices{{{1, R"(
CREATE INDEX videos_of_creator_by_state ON videos(creator_id, state, id);
)"}}};

}  // namespace

Result<void> migrate_social(store::Database& database) {
  VT_CHECK(store::migrate(database, "social", social));
  VT_CHECK(store::migrate(database, "people", people));
  VT_CHECK(store::migrate(database, "comments", comments));
  VT_CHECK(store::migrate(database, "notifications", notifications));
  VT_CHECK(store::migrate(database, "push", push));
  VT_CHECK(store::migrate(database, "digests", digests));
  VT_CHECK(store::migrate(database, "collections", collections));
  VT_CHECK(migrate_captions(database));
  VT_CHECK(store::migrate(database, "indices", indices));
  VT_CHECK(migrate_search(database));
  VT_CHECK(migrate_moderation(database));
  VT_CHECK(migrate_families(database));
  VT_CHECK(store::migrate(database, "audience", audience));
  VT_CHECK(migrate_reposts(database));
  VT_CHECK(migrate_regions(database));
  return migrate_playlists(database);
}

}  // namespace vitrine::social
