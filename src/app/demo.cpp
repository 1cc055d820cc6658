#include "app/demo.hpp"

#include <cstdio>
#include <deque>
#include <filesystem>
#include <fstream>
#include <random>

#include "app/api_client.hpp"
#include "app/demo_script.hpp"
#include "base/clock.hpp"
#include "base/crypto.hpp"
#include "base/id.hpp"
#include "base/log.hpp"

namespace vitrine::app {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t seed = 2024;
constexpr int days = demo::clips_per_topic;            // one after each wave of clips
constexpr std::string_view birth_date = "1990-01-01";  // nobody stands behind the demo's people
constexpr int pages_per_day = 2;
constexpr int page_items = 8;
constexpr std::int64_t day_ms = 24LL * 3600 * 1000;
constexpr std::int64_t clip_ms_max = 5LL * 60 * 1000;  // for one clip to become live
constexpr double bored_taste = 0.12, loved_taste = 0.9;
constexpr double like_share = 0.4, share_share = 0.06, follow_share = 0.15;  // of what is watched to the end

Error stopped() { return {Errc::unavailable, "stopped"}; }

/// What was done so far, written whole and renamed into place.
struct State {
  std::string password = crypto::random_token(24);
  std::size_t clips = 0;  ///< uploaded and live or refused, in order of waves
  int days = 0;

  static Result<State> load(const std::string& path) {
    State state;
    std::ifstream file(path, std::ios::binary);
    if (!file) return state;
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    VT_TRY(const auto value, parse_json(text));
    if (!value.is_object()) return fail(Errc::invalid_argument, "{} is not what the demo wrote: remove it", path);
    VT_TRY(state.password, text_member(value.get_object(), "password"));
    VT_TRY(const auto clips, int_member(value.get_object(), "clips"));
    VT_TRY(const auto done_days, int_member(value.get_object(), "days"));
    state.clips = static_cast<std::size_t>(std::max<std::int64_t>(0, clips));
    state.days = static_cast<int>(std::clamp<std::int64_t>(done_days, 0, app::days));
    return state;
  }

  [[nodiscard]] Result<void> save(const std::string& path) const {
    const std::string fresh = path + ".new";
    std::ofstream file(fresh, std::ios::binary);
    file << json::serialize(json::object{{"password", password}, {"clips", clips}, {"days", days}});
    file.close();
    std::error_code error;
    if (!file) return fail(Errc::storage_full, "cannot write {}", fresh);
    fs::permissions(fresh, fs::perms::owner_read | fs::perms::owner_write, error);
    fs::rename(fresh, path, error);
    if (error) return fail(Errc::internal, "cannot write {}: {}", path, error.message());
    return {};
  }
};

/// One of the demo's people: an account and tastes.
class Person {
 public:
  Person(const std::string& server_url, std::size_t number, std::string_view handle, std::string_view name)
      : number_(number), handle_(handle), name_(name), client_(server_url), random_(seed + number) {
    tastes_.assign(demo::topics().size(), bored_taste);
    for (int i = 0; i < 3; ++i) tastes_[random_() % tastes_.size()] = loved_taste;
  }

  Result<void> come_in(const std::string& password) {
    auto done = client_.sign_up(handle_, password, name_, birth_date);
    if (!done && done.error().code == Errc::conflict) done = client_.sign_in(handle_, password);
    return done;
  }

  ApiClient& client() { return client_; }

  /// Takes a page and watches it as tastes have it, `days_ago` days before now.
  Result<void> watch_page(int days_ago, int page_number) {
    VT_TRY(const auto page, client_.call(http::Method::get, fmt::format("/api/v1/feed?limit={}", page_items)));
    const auto page_id = std::string(page.at("page").as_string());
    TimeMs shown_at = SystemClock().now() - days_ago * day_ms - static_cast<TimeMs>(random_() % (day_ms / 2));
    json::array events;
    for (const auto& item : page.at("items").as_array()) {
      const auto& video = item.at("video").as_object();
      const std::string id = fmt::format("demo-{:04}-{:02}-{:02}-{:02}", number_, days_ago, page_number, events.size());
      events.push_back(watch(video, id, page_id, shown_at));
      shown_at += events.back().at("watched_ms").as_int64();
    }
    if (events.empty()) return {};
    VT_CHECK(client_.call(http::Method::post, "/api/v1/events", json::object{{"events", events}}));
    return react(events, page.at("items").as_array());
  }

 private:
  double chance() { return static_cast<double>(random_() >> 11) * 0x1p-53; }

  double taste_for(const json::object& video) const {
    double best = bored_taste;
    for (const auto& tag : video.at("tags").as_array()) {
      for (std::size_t i = 0; i < tastes_.size(); ++i) {
        if (demo::topics()[i].tag == std::string_view(tag.as_string())) best = std::max(best, tastes_[i]);
      }
    }
    return best;
  }

  json::object watch(const json::object& video, const std::string& id, const std::string& page, TimeMs shown_at) {
    const bool to_the_end = chance() < taste_for(video);
    const double share = to_the_end ? 1 + chance() : 0.05 + 0.4 * chance();
    const auto duration_ms = static_cast<double>(video.at("duration_ms").as_int64());
    const bool own = video.at("own").as_bool();
    return {{"id", id},
            {"video", video.at("id")},
            {"page", page},
            {"surface", "for_you"},
            {"shown_at", shown_at},
            {"watched_ms", static_cast<std::int64_t>(share * duration_ms)},
            {"loops", to_the_end ? 1 : 0},
            {"finished", to_the_end},
            {"liked", to_the_end && !own && chance() < like_share},
            {"shared", to_the_end && chance() < share_share},
            {"followed", to_the_end && !own && chance() < follow_share}};
  }

  /// Likes and follows are calls of their own, as they are for everybody.
  Result<void> react(const json::array& events, const json::array& items) {
    for (std::size_t i = 0; i < events.size(); ++i) {
      const auto& video = items[i].at("video").as_object();
      if (events[i].at("liked").as_bool()) {
        VT_CHECK(client_.call(http::Method::put,
                              fmt::format("/api/v1/videos/{}/like", std::string_view(video.at("id").as_string()))));
      }
      if (events[i].at("followed").as_bool()) {
        const std::string_view creator = video.at("creator").at("handle").as_string();
        VT_CHECK(client_.call(http::Method::put, fmt::format("/api/v1/profiles/{}/follow", creator)));
      }
    }
    return {};
  }

  std::size_t number_;
  std::string handle_, name_;
  ApiClient client_;
  std::mt19937_64 random_;
  std::vector<double> tastes_;
};

}  // namespace

struct Demo::Impl {
  std::string state_file, scratch_directory, server_url;
  mutable std::mutex mutex;
  State state;               ///< guarded by mutex
  std::string failure;       ///< guarded by mutex
  std::deque<Person> crowd;  ///< the topics' creators first
  std::jthread thread;       ///< last: stops before what it uses goes

  void run(const std::stop_token& stop) {
    const auto done = fill(stop);
    if (stop.stop_requested()) return;
    if (done) {
      log::info("demo.complete", {});
      std::printf("demo: complete\n");
    } else {
      log::error("demo.failed", {{"detail", done.error().message}});
      std::printf("demo: stopped early: %s\n", done.error().message.c_str());
      std::lock_guard lock(mutex);
      failure = done.error().message;
    }
    std::fflush(stdout);
  }

  Result<void> fill(const std::stop_token& stop) {
    VT_TRY(auto loaded, State::load(state_file));
    const bool is_new = !fs::exists(state_file);
    {
      std::lock_guard lock(mutex);
      state = std::move(loaded);
    }
    if (complete()) return {};
    if (is_new) VT_CHECK(expect_empty());
    VT_CHECK(state.save(state_file));
    VT_CHECK(gather_creators(stop));
    for (int day = 0; day < days; ++day) {
      VT_CHECK(publish_wave(static_cast<std::size_t>(day), stop));
      if (day == 0) VT_CHECK(gather_audience(stop));
      VT_CHECK(play_day(day, stop));
    }
    return {};
  }

  /// Somebody's real service is not to be filled by a flag given by mistake.
  Result<void> expect_empty() const {
    ApiClient stranger(server_url);
    VT_TRY(const auto page, stranger.call(http::Method::get, "/api/v1/feed?limit=1"));
    if (page.at("items").as_array().empty()) return {};
    return fail(Errc::conflict, "there are videos in the data directory already: give --demo an empty one");
  }

  Result<void> gather_creators(const std::stop_token& stop) {
    for (const auto& topic : demo::topics()) {
      if (stop.stop_requested()) return std::unexpected(stopped());
      auto& person = crowd.emplace_back(server_url, crowd.size(), topic.handle, topic.display_name);
      VT_CHECK(person.come_in(state.password));
      VT_CHECK(person.client().call(http::Method::patch, "/api/v1/account", {{"bio", topic.bio}}));
    }
    return {};
  }

  Result<void> gather_audience(const std::stop_token& stop) {
    for (const auto& [handle, name] : demo::audience()) {
      if (stop.stop_requested()) return std::unexpected(stopped());
      VT_CHECK(crowd.emplace_back(server_url, crowd.size(), handle, name).come_in(state.password));
    }
    return {};
  }

  /// One clip of every topic, made and uploaded one after the other; the server processes them meanwhile.
  Result<void> publish_wave(std::size_t variant, const std::stop_token& stop) {
    const std::size_t topics = demo::topics().size();
    std::vector<std::pair<std::size_t, std::string>> uploaded;
    for (std::size_t topic = 0; topic < topics; ++topic) {
      if (variant * topics + topic < state.clips) continue;
      VT_TRY(auto id, publish(topic, variant, stop));
      uploaded.emplace_back(topic, std::move(id));
      VT_CHECK(note_live(uploaded, variant * topics, false, stop));
    }
    return note_live(uploaded, variant * topics, true, stop);
  }

  Result<std::string> publish(std::size_t topic, std::size_t variant, const std::stop_token& stop) {
    const fs::path folder = fs::path(scratch_directory) / ("demo-" + new_id(SystemClock().now()));
    fs::create_directories(folder);
    const std::unique_ptr<const fs::path, void (*)(const fs::path*)> tidy(&folder, [](const fs::path* path) {
      std::error_code ignored;
      fs::remove_all(*path, ignored);
    });
    VT_CHECK(media::synthesize(demo::clip(topic, variant), folder.string(), "clip.mp4", stop));
    const auto& of = demo::topics()[topic];
    return crowd[topic].client().upload({.path = (folder / "clip.mp4").string(),
                                         .caption = std::string(of.captions[variant]),
                                         .tags = std::string(of.tag)});
  }

  /// Counts the clips at the front of `uploaded` that are processed; with `wait`, until all are.
  Result<void> note_live(std::vector<std::pair<std::size_t, std::string>>& uploaded, std::size_t first, bool wait,
                         const std::stop_token& stop) {
    const TimeMs deadline = SystemClock().now() + clip_ms_max;
    while (!uploaded.empty()) {
      const auto& [topic, id] = uploaded.front();
      VT_TRY(const auto video, crowd[topic].client().video(id));
      if (video.at("state").as_string() == "processing") {
        if (!wait) return {};
        if (stop.stop_requested()) return std::unexpected(stopped());
        if (SystemClock().now() > deadline) return fail(Errc::internal, "a clip was not processed within 5 minutes");
        std::this_thread::sleep_for(std::chrono::milliseconds(200));
        continue;
      }
      VT_CHECK(advance([&, topic = topic](State& now) { now.clips = first + topic + 1; }));
      uploaded.erase(uploaded.begin());
    }
    return {};
  }

  Result<void> play_day(int day, const std::stop_token& stop) {
    if (day < state.days) return {};
    for (auto& person : crowd) {
      for (int page = 0; page < pages_per_day; ++page) {
        if (stop.stop_requested()) return std::unexpected(stopped());
        VT_CHECK(person.watch_page(days - 1 - day, page));
      }
    }
    return advance([&](State& now) { now.days = day + 1; });
  }

  template <class Change>
  Result<void> advance(Change change) {
    {
      std::lock_guard lock(mutex);
      change(state);
    }
    const auto now = status();
    std::printf("demo: %lld of %lld clips are live, %lld of %d days of watching played\n",
                static_cast<long long>(now.at("clips").as_int64()),
                static_cast<long long>(now.at("clips_total").as_int64()),
                static_cast<long long>(now.at("days").as_int64()), days);
    std::fflush(stdout);
    return state.save(state_file);
  }

  bool complete() const { return state.clips >= clips_total() && state.days >= days; }
  static std::size_t clips_total() { return demo::topics().size() * demo::clips_per_topic; }

  json::object status() const {
    std::lock_guard lock(mutex);
    json::object out{{"state", !failure.empty() ? "failed"
                               : complete()     ? "complete"
                                                : "filling"},
                     {"clips", static_cast<std::int64_t>(state.clips)},
                     {"clips_total", static_cast<std::int64_t>(clips_total())},
                     {"days", state.days},
                     {"days_total", days},
                     {"detail", nullptr}};
    if (!failure.empty()) out["detail"] = failure;
    return out;
  }
};

Demo::Demo(std::string state_file, std::string scratch_directory) : impl_(std::make_unique<Impl>()) {
  impl_->state_file = std::move(state_file);
  impl_->scratch_directory = std::move(scratch_directory);
}
Demo::~Demo() = default;

void Demo::start(std::string server_url) {
  impl_->server_url = std::move(server_url);
  impl_->thread = std::jthread([impl = impl_.get()](const std::stop_token& stop) { impl->run(stop); });
}

void Demo::stop() { impl_->thread = {}; }

json::object Demo::status() const { return impl_->status(); }

}  // namespace vitrine::app
