// The tables of this room; each class uses its own.
#pragma once
#include "store/database.hpp"

namespace vitrine::social {

/// Brings this room's schemas up to date: "social" and those that build on it. Every open() of this room calls it;
/// doing it again is cheap.
[[nodiscard]] Result<void> migrate_social(store::Database& database);
/// The schemas "moderation" and "playlists"; parts of migrate_social.
[[nodiscard]] Result<void> migrate_moderation(store::Database& database);
[[nodiscard]] Result<void> migrate_playlists(store::Database& database);
/// The schema "reposts"; a part of migrate_social.
[[nodiscard]] Result<void> migrate_reposts(store::Database& database);
/// The schema "regions"; a part of migrate_social.
[[nodiscard]] Result<void> migrate_regions(store::Database& database);
/// The schema "families"; a part of migrate_social.
[[nodiscard]] Result<void> migrate_families(store::Database& database);

}  // namespace vitrine::social
