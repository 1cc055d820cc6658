#include "app/bench_app_load.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <mutex>
#include <thread>

#include "api/caller.hpp"
#include "app/service_process.hpp"
#include "base/clock.hpp"
#include "base/json.hpp"
#include "base/unicode.hpp"
#include "http/client.hpp"
#include "http/compression.hpp"
#include "social/videos.hpp"

namespace vitrine::app {
namespace {

using Clock = std::chrono::steady_clock;
using feed::Random;
using Number = AppWorld::Number;

constexpr int connections = 64;  // so that each is asked when it is due, also when many wait
constexpr std::size_t common_words = 30, rare_words_from = 2'000;
constexpr std::size_t strangers_percent = 20;  // of what can be asked without an account
constexpr std::size_t events_in_batch = 3;
constexpr std::size_t page_bytes_max = 4 << 20;

struct Request {
  http::Method method = http::Method::get;
  std::string target;
  std::string body;
};

std::string encoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (std::isalnum(static_cast<unsigned char>(c)))
      out += c;
    else
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

/// The text with two neighbouring letters swapped.
std::string mistyped(std::string_view text, Random& random) {
  auto letters = decode_utf8(text).value_or(std::u32string());
  if (letters.size() < 4) return encode_utf8(letters) + "x";
  const auto at = 1 + random.below(letters.size() - 2);
  std::swap(letters[at], letters[at + 1]);
  return encode_utf8(letters);
}

/// Its first letters, as somebody types them.
std::string beginning(std::string_view text, Random& random) {
  auto letters = decode_utf8(text).value_or(std::u32string());
  letters.resize(std::min<std::size_t>(letters.size(), 1 + random.below(6)));
  return encode_utf8(letters);
}

/// Somebody, and what they were shown last.
class Person {
 public:
  Person(const BenchPerson& who, const AppWorld& world) : who_(who), viewer_(world.viewer(who.account)) {}

  [[nodiscard]] Number account() const { return who_.account; }

  http::Headers headers(std::size_t number, bool as_stranger) const {
    http::Headers headers;
    headers.set("Accept-Encoding", "gzip");
    headers.set("X-Forwarded-For", fmt::format("10.{}.{}.1", number / 256 % 256, number % 256));
    if (as_stranger)
      headers.set("Cookie", fmt::format("{}={}", api::viewer_cookie, viewer_));
    else
      headers.set("Cookie", fmt::format("{}={}", api::session_cookie, who_.token));
    return headers;
  }
  void see(std::vector<std::string> videos) {
    const std::lock_guard lock(mutex_);
    page_ = std::move(videos);
  }
  [[nodiscard]] std::vector<std::string> seen() const {
    const std::lock_guard lock(mutex_);
    return page_;
  }

 private:
  const BenchPerson& who_;
  std::string viewer_;
  mutable std::mutex mutex_;
  std::vector<std::string> page_;
};

// --- what is asked ----------------------------------------------------------------------------------------------

class Asker {
 public:
  explicit Asker(const AppWorld& world) : world_(world) {}

  Request request(Asking asking, const Person& person, Random& random) const {
    switch (asking) {
      case Asking::for_you: return {.target = "/api/v1/feed?mode=for_you&limit=10"};
      case Asking::following: return {.target = "/api/v1/feed?mode=following&limit=10"};
      case Asking::comments_top: return {.target = comments_of(some_video(person, random)) + "?sort=top"};
      case Asking::comments_new: return {.target = comments_of(some_video(person, random)) + "?sort=new"};
      case Asking::replies:
        return {.target = fmt::format("/api/v1/comments/{}/replies", world_.comment_id(some_thread(person, random)))};
      case Asking::profile: return {.target = profile_of(some_account(person, random))};
      case Asking::profile_videos: return {.target = profile_of(some_creator(person, random)) + "/videos"};
      case Asking::profile_reposts: return {.target = profile_of(some_account(person, random)) + "/reposts"};
      case Asking::notifications: return {.target = "/api/v1/notifications"};
      case Asking::healthz: return {.target = "/healthz"};
      case Asking::search_common:
      case Asking::search_rare:
      case Asking::search_typo:
      case Asking::search_nothing: return {.target = "/api/v1/search?q=" + encoded(searched(asking, random))};
      case Asking::suggestions:
        return {.target = "/api/v1/search/suggestions?q=" + encoded(beginning(some_name(random), random))};
      case Asking::tag_page: return {.target = "/api/v1/tags/" + encoded(some_tag_in_use(random))};
      default: return write(asking, person, random);
    }
  }

 private:
  Request write(Asking asking, const Person& person, Random& random) const {
    switch (asking) {
      case Asking::events: return {http::Method::post, "/api/v1/events", events(person, random)};
      case Asking::like: return {http::Method::put, video(some_video(person, random)) + "/like", ""};
      case Asking::repost: return {http::Method::put, video(some_video_of_others(person, random)) + "/repost", ""};
      case Asking::comment:
        return {http::Method::post, comments_of(some_video(person, random)),
                json::serialize(json::object{{"text", world_.words().text(random, 1, 18)}})};
      case Asking::comment_like:
        return {http::Method::put,
                fmt::format("/api/v1/comments/{}/like", world_.comment_id(some_thread(person, random))), ""};
      default: return {http::Method::put, profile_of(some_account(person, random)) + "/follow", ""};
    }
  }

  static std::string profile_of(Number account) {
    return fmt::format("/api/v1/profiles/{}", BenchWords::handle(account));
  }
  [[nodiscard]] std::string video(Number number) const {
    return fmt::format("/api/v1/videos/{}", world_.video_id(number));
  }
  [[nodiscard]] std::string comments_of(Number number) const { return video(number) + "/comments"; }

  // Nobody goes where a block would stop them: that answer is another one.

  Number some_account(const Person& person, Random& random) const {
    while (true) {
      const auto other = random.below(4) > 0 ? world_.some_account(random) : world_.any_account(random);
      if (other != person.account() && !world_.is_blocked(person.account(), other)) return other;
    }
  }
  Number some_video(const Person& person, Random& random) const {
    while (true) {
      const auto video = world_.some_video(random);
      if (!world_.is_blocked(person.account(), world_.creators()[video])) return video;
    }
  }
  Number some_video_of_others(const Person& person, Random& random) const {
    while (true) {
      const auto video = some_video(person, random);
      if (world_.creators()[video] != person.account()) return video;
    }
  }
  Number some_creator(const Person& person, Random& random) const {
    return world_.creators()[some_video(person, random)];
  }
  /// A comment, or the one that it answers.
  std::size_t some_thread(const Person& person, Random& random) const {
    const auto& comments = world_.comments();
    while (true) {
      std::size_t number = random.below(comments.size());
      if (comments[number].parent >= 0) number = static_cast<std::size_t>(comments[number].parent);
      const auto& comment = comments[number];
      if (!world_.is_blocked(person.account(), comment.author) &&
          !world_.is_blocked(person.account(), world_.creators()[comment.video]))
        return number;
    }
  }

  std::string some_tag_in_use(Random& random) const {
    while (true) {
      const auto video = world_.some_video(random);
      const auto tags = social::checked_tags(world_.tags(video), world_.caption(video));
      if (tags && !tags->empty()) return (*tags)[random.below(tags->size())];
    }
  }

  std::string some_name(Random& random) const {
    switch (random.below(3)) {
      case 0: return world_.words().some_tag(random);
      case 1: return BenchWords::handle(world_.some_account(random));
      default: return world_.words().some_word(random);
    }
  }

  std::string searched(Asking asking, Random& random) const {
    const auto script = random.below(3) > 0 ? 0 : random.below(8);
    switch (asking) {
      case Asking::search_common: {
        const auto word = BenchWords::word(script, random.below(common_words));
        return random.below(2) ? word : word + " " + BenchWords::word(script, random.below(common_words));
      }
      case Asking::search_rare:
        return BenchWords::word(script, rare_words_from + random.below(BenchWords::words_per_script - rare_words_from));
      case Asking::search_typo: return mistyped(some_name(random), random);
      default: return fmt::format("qqx{}", random.below(1'000'000));
    }
  }

  std::string events(const Person& person, Random& random) const {
    json::array list;
    auto seen = person.seen();
    for (std::size_t i = 0; i < events_in_batch; ++i) {
      const bool served = i < seen.size();
      list.push_back({{"id", fmt::format("{:016x}{:016x}", random.next(), random.next())},
                      {"video", served ? seen[i] : world_.video_id(some_video(person, random))},
                      {"surface", served ? "for_you" : "profile"},
                      {"position", i},
                      {"shown_at", SystemClock().now() - 10'000},
                      {"watched_ms", 500 + random.below(20'000)},
                      {"finished", random.below(3) == 0}});
    }
    return json::serialize(json::object{{"events", std::move(list)}});
  }

  const AppWorld& world_;
};

// --- asking -----------------------------------------------------------------------------------------------------

bool needs_account(Asking asking) {
  switch (asking) {
    case Asking::following:
    case Asking::notifications:
    case Asking::like:
    case Asking::repost:
    case Asking::comment:
    case Asking::comment_like:
    case Asking::follow: return true;
    default: return false;
  }
}

std::vector<std::string> videos_of(const http::ClientResponse& answer) {
  std::vector<std::string> ids;
  const bool packed = answer.headers.get("Content-Encoding") == "gzip";
  const auto page = packed ? http::gunzip(answer.body, page_bytes_max) : Result<std::string>(answer.body);
  if (!page) return ids;
  const auto value = parse_json(*page);
  if (!value) return ids;
  for (const auto& item : value->at("items").as_array()) ids.emplace_back(item.at("video").at("id").as_string());
  return ids;
}

struct Due {
  double at_s = 0;
  Asking asking = Asking::healthz;
};

std::vector<Due> arrivals(const Load& load) {
  Random random(feed::mix(load.seed));
  std::vector<Due> due;
  for (double at = 0; at < load.seconds; at += -std::log(1 - random.uniform()) / load.rate_per_s) {
    auto left = static_cast<int>(random.below(1'000));
    Asking asking = load.mix.back().asking;
    for (const auto& share : load.mix) {
      asking = share.asking;
      if ((left -= share.in_thousand) < 0) break;
    }
    due.push_back({at, asking});
  }
  return due;
}

double ms_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

/// All of the load's connections take what is due next, in turn.
class Crowd {
 public:
  explicit Crowd(const Load& load) : load_(load), asker_(load.world), due_(arrivals(load)) {
    for (const auto& one : load.people) people_.push_back(std::make_unique<Person>(one, load.world));
  }

  Answered ask() {
    start_ = Clock::now();
    {
      std::vector<std::jthread> threads;
      for (int i = 0; i < connections; ++i) threads.emplace_back([this] { run(); });
    }
    for (auto& times : all_.ms) std::ranges::sort(times);
    return std::move(all_);
  }

 private:
  void run() {
    pin_to(load_.core);
    http::Client client(load_.url);
    for (std::size_t number = next_++; number < due_.size(); number = next_++) {
      const auto& due = due_[number];
      Random random(feed::mix(load_.seed * 1'000'003 + number));
      const auto place = random.below(people_.size());
      auto& person = *people_[place];
      const bool as_stranger = !needs_account(due.asking) && random.below(100) < strangers_percent;
      const auto request = asker_.request(due.asking, person, random);
      const auto begun = start_ + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(due.at_s));
      std::this_thread::sleep_until(begun);
      const double late_ms = ms_since(begun);
      const auto answer = client.send(request.method, request.target, person.headers(place, as_stranger), request.body);
      note(due.asking, request, answer, ms_since(begun), late_ms);
      if (due.asking == Asking::for_you && answer && answer->status == 200 && !as_stranger)
        person.see(videos_of(*answer));
    }
  }

  void note(Asking asking, const Request& request, const Result<http::ClientResponse>& answer, double ms,
            double late_ms) {
    const std::lock_guard lock(mutex_);
    all_.late_ms = std::max(all_.late_ms, late_ms);
    if (answer && answer->status == 429) {
      ++all_.refused;
    } else if (!answer || answer->status / 100 != 2) {
      if (all_.failed++ == 0)
        all_.first_failure = answer ? fmt::format("{}: {} {}", request.target, answer->status, answer->body)
                                    : fmt::format("{}: {}", request.target, answer.error().message);
    } else {
      all_.ms[static_cast<std::size_t>(asking)].push_back(ms);
    }
  }

  const Load& load_;
  Asker asker_;
  std::vector<Due> due_;
  std::vector<std::unique_ptr<Person>> people_;
  Clock::time_point start_;
  std::atomic<std::size_t> next_ = 0;
  std::mutex mutex_;
  Answered all_;
};

}  // namespace

std::string_view name(Asking asking) {
  switch (asking) {
    case Asking::for_you: return "for_you";
    case Asking::following: return "following";
    case Asking::comments_top: return "comments_top";
    case Asking::comments_new: return "comments_new";
    case Asking::replies: return "replies";
    case Asking::profile: return "profile_card";
    case Asking::profile_videos: return "profile_videos";
    case Asking::profile_reposts: return "profile_reposts";
    case Asking::notifications: return "notification_list";
    case Asking::search_common: return "search_common";
    case Asking::search_rare: return "search_rare";
    case Asking::search_typo: return "search_typo";
    case Asking::search_nothing: return "search_nothing";
    case Asking::suggestions: return "suggestions";
    case Asking::tag_page: return "tag_page";
    case Asking::events: return "events";
    case Asking::like: return "like";
    case Asking::repost: return "repost";
    case Asking::comment: return "comment";
    case Asking::comment_like: return "comment_like";
    case Asking::follow: return "follow";
    case Asking::healthz: return "healthz";
  }
  return "";
}

Answered ask(const Load& load) { return Crowd(load).ask(); }

}  // namespace vitrine::app
