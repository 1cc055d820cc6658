// What people ask of the whole service in `vitrine bench app`: thousands of them, each at a moment of chance, whatever
// the others wait for.
#pragma once
#include <array>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "app/bench_app_world.hpp"

namespace vitrine::app {

enum class Asking {
  for_you,
  following,
  comments_top,
  comments_new,
  replies,
  profile,
  profile_videos,
  profile_reposts,
  notifications,
  search_common,
  search_rare,
  search_typo,
  search_nothing,
  suggestions,
  tag_page,
  events,
  like,
  repost,
  comment,
  comment_like,
  follow,
  healthz
};
inline constexpr std::size_t askings = static_cast<std::size_t>(Asking::healthz) + 1;
[[nodiscard]] std::string_view name(Asking asking);

struct Share {
  Asking asking;
  int in_thousand;  ///< of all requests
  /// Whose figure it belongs to: "feed", "search", "comments", "profile", "notifications", "writes".
  std::string_view group;
};
/// Made of how a visit goes: pages, what was watched on them, a look at comments and people, now and then a search.
inline constexpr std::array mix_of_people{Share{Asking::for_you, 190, "feed"},
                                          Share{Asking::following, 60, "feed"},
                                          Share{Asking::comments_top, 110, "comments"},
                                          Share{Asking::comments_new, 40, "comments"},
                                          Share{Asking::replies, 50, "comments"},
                                          Share{Asking::profile, 60, "profile"},
                                          Share{Asking::profile_videos, 45, "profile"},
                                          Share{Asking::profile_reposts, 15, "profile"},
                                          Share{Asking::notifications, 60, "notifications"},
                                          Share{Asking::search_common, 30, "search"},
                                          Share{Asking::search_rare, 20, "search"},
                                          Share{Asking::search_typo, 10, "search"},
                                          Share{Asking::search_nothing, 10, "search"},
                                          Share{Asking::suggestions, 50, "search"},
                                          Share{Asking::tag_page, 20, "search"},
                                          Share{Asking::events, 160, "writes"},
                                          Share{Asking::like, 25, "writes"},
                                          Share{Asking::repost, 5, "writes"},
                                          Share{Asking::comment, 20, "writes"},
                                          Share{Asking::comment_like, 10, "writes"},
                                          Share{Asking::follow, 10, "writes"}};
/// What asking costs here by itself.
inline constexpr std::array mix_of_nothing{Share{Asking::healthz, 1'000, ""}};

/// Somebody who asks; each comes from a network of their own.
struct BenchPerson {
  AppWorld::Number account = 0;
  std::string token;  ///< of a session; empty: a stranger
};

struct Load {
  std::string url;
  const AppWorld& world;
  std::vector<BenchPerson> people;
  std::span<const Share> mix;
  double rate_per_s = 200, seconds = 60;
  std::uint64_t seed = 1;
  int core = 1;  ///< to ask from
};

struct Answered {
  std::array<std::vector<double>, askings> ms;  ///< of good answers, from when they were due; sorted
  std::size_t refused = 0;                      ///< 429
  std::size_t failed = 0;                       ///< anything else that was not asked for
  std::string first_failure;
  double late_ms = 0;  ///< the most by which a request left later than due
};

/// Asks at moments of chance (Poisson), `rate_per_s` on average; nobody waits for anybody else's answer.
[[nodiscard]] Answered ask(const Load& load);

}  // namespace vitrine::app
