// Videos that people keep for themselves, in collections that only they see.
#pragma once
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "store/database.hpp"

namespace vitrine::social {

inline constexpr std::int64_t collections_per_account_max = 100;
inline constexpr std::int64_t collected_videos_max = 5'000;  ///< in one collection
inline constexpr std::size_t collection_name_characters_max = 50;
inline constexpr std::size_t collected_page_items = 24;
inline constexpr std::string_view default_collection_name = "Saved";

struct Collection {
  std::string id, name;
  std::int64_t videos = 0;
  TimeMs created_at = 0;
  bool is_default = false;  ///< what "save" saves to; it can be neither renamed nor removed
};

struct CollectedPage {
  std::vector<std::string> videos;  ///< ids, the last added first; some may not be visible any more
  std::optional<std::string> next;  ///< cursor
};

/// Thread-safe. Calls block on the database. Everybody reaches their own collections only: others' are not_found.
class Collections {
 public:
  [[nodiscard]] static Result<std::unique_ptr<Collections>> open(store::Database& database, const Clock& clock);

  /// The oldest first.
  [[nodiscard]] Result<std::vector<Collection>> of_account(std::string_view account) const;
  /// Errors: invalid_argument (name), conflict (there is one of that name), unprocessable (too many).
  [[nodiscard]] Result<Collection> create(std::string_view account, std::string_view name);
  /// Errors: as of create; not_found; conflict (the default one).
  [[nodiscard]] Result<Collection> rename(std::string_view account, std::string_view id, std::string_view name);
  [[nodiscard]] Result<void> remove(std::string_view account, std::string_view id);

  /// Idempotent. Errors: not_found (collection or video), unprocessable (too many).
  [[nodiscard]] Result<Collection> put(std::string_view account, std::string_view id, std::string_view video, bool on);
  /// Into or out of the default collection, which is made when it is needed first.
  [[nodiscard]] Result<void> save(std::string_view account, std::string_view video, bool on);
  /// Which of `videos` are in the default collection.
  [[nodiscard]] Result<std::set<std::string>> saved(std::string_view account,
                                                    std::span<const std::string> videos) const;
  /// Errors: not_found, invalid_argument (cursor).
  [[nodiscard]] Result<CollectedPage> page(std::string_view account, std::string_view id,
                                           std::string_view cursor) const;

 private:
  Collections(store::Database& database, const Clock& clock) : database_(database), clock_(clock) {}
  store::Database& database_;
  const Clock& clock_;
};

/// For the transaction that removes a video.
[[nodiscard]] Result<void> leave_collections(store::Session& session, std::string_view video);

}  // namespace vitrine::social
