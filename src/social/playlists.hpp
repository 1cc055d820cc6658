// A creator's own videos in an order of their choosing. Whoever looks is shown what they may find (visibility.hpp); a
// playlist in which somebody may find nothing is not there for them.
#pragma once
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "social/person.hpp"
#include "store/database.hpp"

namespace vitrine::social {

inline constexpr std::int64_t playlists_per_account_max = 100;
inline constexpr std::size_t playlist_videos_max = 500;
inline constexpr std::size_t playlist_title_characters_max = 60;
inline constexpr std::size_t playlist_page_items = 24;

struct Playlist {
  std::string id, title;
  Person creator;
  TimeMs created_at = 0;
  std::int64_t videos = 0;           ///< that whoever looks may find
  std::optional<std::string> first;  ///< the first of them
};

struct PlaylistPage {
  Playlist playlist;
  std::vector<std::string> videos;  ///< ids, in order
  std::optional<std::string> next;  ///< cursor
};

/// Thread-safe. Calls block on the database. A viewer may be empty.
class Playlists {
 public:
  [[nodiscard]] static Result<std::unique_ptr<Playlists>> open(store::Database& database, const Clock& clock);

  /// The newest first.
  [[nodiscard]] Result<std::vector<Playlist>> of_account(std::string_view account, std::string_view viewer) const;
  /// Errors: not_found, invalid_argument (cursor).
  [[nodiscard]] Result<PlaylistPage> page(std::string_view viewer, std::string_view id, std::string_view cursor) const;

  /// Errors: invalid_argument (title), unprocessable (too many).
  [[nodiscard]] Result<Playlist> create(std::string_view account, std::string_view title);
  /// Errors: invalid_argument (title), not_found (also somebody else's).
  [[nodiscard]] Result<Playlist> rename(std::string_view account, std::string_view id, std::string_view title);
  [[nodiscard]] Result<void> remove(std::string_view account, std::string_view id);
  /// What it holds from now on, in this order. Errors: not_found (the playlist, or a video that is not the account's
  /// own), invalid_argument (too many, or one twice).
  [[nodiscard]] Result<Playlist> put(std::string_view account, std::string_view id,
                                     std::span<const std::string> videos);

  /// The ids of all that a playlist of the account's own holds, in order.
  [[nodiscard]] Result<std::vector<std::string>> videos_of(std::string_view account, std::string_view id) const;

 private:
  Playlists(store::Database& database, const Clock& clock) : database_(database), clock_(clock) {}
  store::Database& database_;
  const Clock& clock_;
};

}  // namespace vitrine::social
