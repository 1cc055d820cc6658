// What analytics are made of. A piece adds up showings of one clip; it is kept back until it holds at least
// analytics_people_min people, and then told as a whole. Everything a creator is shown is a sum of pieces, so no
// subtraction of figures, of days, of clips or of what was shown yesterday, gives one of fewer people.
//
// Pure, not thread-safe.
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "store/database.hpp"

namespace vitrine::social {

/// Nothing is told of fewer people, or fewer views, than these.
inline constexpr std::int64_t analytics_people_min = 20;
/// At so many places along a clip it is told how many still watch: at its beginning, and after each 50th.
inline constexpr std::size_t retention_points = 50;
inline constexpr std::size_t hours_a_week = 168;  ///< the first begins on Monday at 0:00

/// Where a clip was come upon; as the event stream's surfaces.
inline constexpr std::array<std::string_view, 10> traffic_sources{"for_you", "following", "fresh", "profile", "video",
                                                                  "search",  "tag",       "sound", "saved",   "embed"};
/// What people did while a clip was shown to them.
enum class Act : std::uint8_t { like, comment, save, share, follow };
inline constexpr std::array<std::string_view, 5> acts{"likes", "comments", "saves", "shares", "follows"};

/// One showing, as the event stream tells it (feed::Watched).
struct Showing {
  std::string_view viewer;  ///< pseudonym
  std::string_view video, source;
  TimeMs shown_at = 0;
  std::int64_t watched_ms = 0;
  bool view = false, liked = false, commented = false, saved = false, shared = false, followed = false;
};

/// How many different people, roughly, without knowing one of them: a HyperLogLog (Flajolet et al. 2007) of 512
/// registers. Its estimate is off by less than 5 % two times in three.
class Headcount {
 public:
  static constexpr std::size_t registers_count = 512;

  void add(std::string_view viewer);
  void add(const Headcount& others);
  [[nodiscard]] std::int64_t estimate() const;
  /// A number that cannot be too high, and hardly ever is too low below a hundred.
  [[nodiscard]] std::int64_t at_least() const;
  [[nodiscard]] store::Blob bytes() const { return {registers_.begin(), registers_.end()}; }
  [[nodiscard]] static Headcount of(const store::Blob& bytes);

 private:
  std::array<unsigned char, registers_count> registers_{};
};

struct Piece {
  std::int64_t views = 0;
  std::int64_t watched_ms = 0;
  std::int64_t watched_permille = 0;                  ///< of the clip's length, at most 1000 a view; a sum
  std::array<std::int64_t, retention_points> left{};  ///< views that ended behind this point and before the next
  std::array<std::int64_t, hours_a_week> hours{};     ///< views by hour of the week, UTC
  std::array<std::int64_t, traffic_sources.size()> sources{};  ///< views
  std::array<std::int64_t, acts.size()> acted{};
  Headcount people;

  void add(const Showing& showing, std::int64_t duration_ms);
  void add(const Piece& more);
  [[nodiscard]] bool may_be_told() const;
  /// Views that still watch at a point.
  [[nodiscard]] std::int64_t reached(std::size_t point) const;
  /// Its sources and acts join what was kept back of them; of that it takes what is big enough. What stays behind of
  /// the sources is nothing or big enough, too: otherwise the views less the sources told would give it.
  void tell_parts(Piece& kept_back);

  /// Everything but the people.
  [[nodiscard]] std::string text() const;
  [[nodiscard]] static Piece of(const std::string& text, const store::Blob& people);
};

}  // namespace vitrine::social
