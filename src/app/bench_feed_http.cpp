#include "app/bench_feed_http.hpp"

#include <atomic>
#include <chrono>
#include <fstream>
#include <mutex>
#include <thread>

#include "api/caller.hpp"
#include "app/bench_media_rows.hpp"
#include "app/bench_world.hpp"
#include "app/data_directory.hpp"
#include "app/record_writer.hpp"
#include "app/service_process.hpp"
#include "app/temporary_directory.hpp"
#include "base/clock.hpp"
#include "base/json.hpp"
#include "feed/limits.hpp"
#include "http/client.hpp"
#include "social/videos.hpp"
#include "store/database.hpp"
#include "store/stream.hpp"

namespace vitrine::app {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int server_core = 0, client_core = 1;
constexpr int page_size = 10;
constexpr int few_connections = 4;    // enough to keep one core busy
constexpr int many_connections = 16;  // so that a page is asked for when it is due, whatever the others wait for
constexpr double load_s = 10;
constexpr int start_timeout_ms = 300'000;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

// --- a data directory as a life would have left it -----------------------------------------------------------

std::string tags_of(const feed::Entry& video) {
  return fmt::format("{}", fmt::join(video.tags.begin(), video.tags.begin() + video.tag_count, ","));
}

Result<void> add_accounts(store::Session& session, const BenchWorld& world) {
  for (std::size_t i = 0; i < world.creators().size(); ++i)
    VT_CHECK(
        session.execute("INSERT INTO accounts (id, handle, display_name, bio, created_at) "
                        "VALUES ($1, $2, $3, '', 0)",
                        {world.creators()[i], fmt::format("c{}", i), fmt::format("Creator {}", i)}));
  return {};
}

/// One video goes the room's own way; the others are copies of its row, in one transaction.
Result<void> add_videos(store::Database& database, social::Videos& videos, BenchWorld& world, RecordWriter& records) {
  VT_CHECK(database.transaction(store::Access::write,
                                [&](store::Session& session) { return add_accounts(session, world); }));
  const auto first = world.video(0);
  const std::string pattern(first.video);
  VT_CHECK(videos.create({pattern, std::string(first.creator), "A clip of the bench", {}, {}}));
  VT_CHECK(videos.publish(pattern, bench_media(15'000)));
  VT_CHECK(database.execute("UPDATE videos SET tags = $2 WHERE id = $1", {pattern, tags_of(first)}));
  VT_CHECK(records.add(first));
  return database.transaction(store::Access::write, [&](store::Session& session) -> Result<void> {
    for (std::size_t i = 1; i < world.videos(); ++i) {
      const auto video = world.video(i);
      VT_CHECK(session.execute(
          "INSERT INTO videos (id, creator_id, caption, tags, created_at, live_since, announced, state, "
          "media) SELECT $1, $2, caption, $3, $4, $4, 1, state, media FROM videos WHERE id = $5",
          {std::string(video.video), std::string(video.creator), tags_of(video),
           video.created * feed::limits::minute_ms, pattern}));
      VT_CHECK(records.add(video));
    }
    return {};
  });
}

Result<void> fill(const std::string& path, BenchWorld& world) {
  VT_TRY(const auto directory, DataDirectory::open(path));
  VT_TRY(const auto database, store::open_database(directory.file("vitrine.db")));
  VT_TRY(const auto stream, store::open_segments(directory.file("events")));
  const SystemClock clock;
  VT_TRY(const auto videos, social::Videos::open(*database, clock));
  RecordWriter records(*stream);
  VT_CHECK(add_videos(*database, *videos, world, records));
  const auto events = BenchWorld::events(static_cast<std::int64_t>(world.videos()));
  for (std::size_t i = 0; i < world.viewers(); ++i) VT_CHECK(records.add(world.follow()));
  for (std::size_t i = 0; i < events; ++i) VT_CHECK(records.add(world.event()));
  VT_CHECK(records.flush());
  // Views were counted long ago: the service has no arrears to work off while it is asked.
  return videos->count({}, static_cast<std::int64_t>(stream->end()));
}

// --- asking --------------------------------------------------------------------------------------------------

/// Viewers come through a proxy, each from a network of their own, as the service's limit on reads supposes.
http::Headers headers_of(const BenchWorld& world, std::size_t viewer) {
  http::Headers headers;
  headers.set("Cookie", fmt::format("{}={}", api::viewer_cookie, world.viewer(viewer)));
  headers.set("X-Forwarded-For", fmt::format("10.{}.{}.1", viewer / 256 % 256, viewer % 256));
  return headers;
}

const std::string& page_target() {
  static const std::string text = fmt::format("/api/v1/feed?mode=for_you&limit={}", page_size);
  return text;
}

/// Is it a whole page, with the videos' rows in it?
Result<void> check_page(const std::string& url, const BenchWorld& world) {
  http::Client client(url);
  VT_TRY(const auto answer, client.send(http::Method::get, page_target(), headers_of(world, 0)));
  if (answer.status != 200) return fail(Errc::internal, "a page was answered with {}: {}", answer.status, answer.body);
  VT_TRY(const auto page, parse_json(answer.body));
  const auto count = page.as_object().at("items").as_array().size();
  if (count != page_size) return fail(Errc::internal, "a page holds {} videos instead of {}", count, page_size);
  return {};
}

struct Answers {
  std::vector<double> ms;  ///< sorted
  std::size_t refused = 0;
};

/// When each page is due, in seconds: at random, as people come who do not know of each other.
std::vector<double> arrivals(double per_s, double seconds) {
  feed::Random random(23);
  std::vector<double> due;
  for (double at = 0; at < seconds; at += -std::log(1 - random.uniform()) / per_s) due.push_back(at);
  return due;
}

/// Asks at the times in `due`; without any, as fast as answers come, for `load_s`. What a page takes counts from when
/// it was due, so that waiting in line counts.
Answers ask(const std::string& url, const std::string& target, const BenchWorld& world, int connections,
            const std::vector<double>& due) {
  std::atomic<std::size_t> next = 0;
  std::mutex mutex;
  Answers all;
  const auto start = Clock::now();
  const auto run = [&] {
    pin_to(client_core);
    http::Client client(url);
    Answers own;
    while (true) {
      const auto number = next++;
      auto begun = Clock::now();
      if (!due.empty()) {
        if (number >= due.size()) break;
        begun = start + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(due[number]));
        std::this_thread::sleep_until(begun);
      } else if (seconds_since(start) > load_s) {
        break;
      }
      const auto viewer = feed::mix(number + due.size()) % world.viewers();
      const auto answer = client.send(http::Method::get, target, headers_of(world, viewer));
      own.ms.push_back(seconds_since(begun) * 1e3);
      own.refused += !answer || answer->status != 200;
    }
    const std::scoped_lock lock(mutex);
    all.ms.insert(all.ms.end(), own.ms.begin(), own.ms.end());
    all.refused += own.refused;
  };
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < connections; ++i) threads.emplace_back(run);
  }
  std::ranges::sort(all.ms);
  return all;
}

Result<void> measure_load(const Service& service, const BenchWorld& world, FeedHttpFigures& out) {
  VT_CHECK(check_page(service.url, world));
  const auto full = ask(service.url, page_target(), world, few_connections, {});
  out.pages_per_s = static_cast<double>(full.ms.size()) / load_s;
  out.offered_per_s = out.pages_per_s / 2;
  const auto due = arrivals(out.offered_per_s, load_s);
  const auto half = ask(service.url, page_target(), world, many_connections, due);
  const auto nothing = ask(service.url, "/healthz", world, many_connections, due);
  if (full.refused + half.refused > 0)
    return fail(Errc::internal, "the service refused {} of {} pages", full.refused + half.refused,
                full.ms.size() + half.ms.size());
  const auto at = [](const Answers& all, double share) {
    return all.ms[static_cast<std::size_t>(share * double(all.ms.size()))];
  };
  out.page_p50_ms = at(half, 0.5);
  out.page_p99_ms = at(half, 0.99);
  out.nothing_p99_ms = at(nothing, 0.99);
  return {};
}

}  // namespace

Result<FeedHttpFigures> measure_feed_http(std::int64_t videos) {
  FeedHttpFigures out{.videos = videos};
  const TemporaryDirectory directory;
  const auto start = Clock::now();
  // It ends now: what is older than the half-lives of the feed would be forgotten when the service looks at the clock.
  const auto now = SystemClock().now() / feed::limits::minute_ms;
  BenchWorld world(videos, now - BenchWorld::minutes(videos));
  const auto data = (directory.path() / "data").string();
  VT_CHECK(fill(data, world));
  out.fill_s = seconds_since(start);
  const auto config = (directory.path() / "vitrine.toml").string();
  std::ofstream(config) << "trusted_proxies = [\"127.0.0.1\"]\nlog_level = \"warning\"\n";
  const ServiceOptions options{data, config, server_core, start_timeout_ms};
  {
    VT_TRY(const auto first, start_service(options));  // leaves a snapshot when it ends
    out.start_folding_s = first.start_ms / 1e3;
  }
  VT_TRY(const auto service, start_service(options));
  out.start_s = service.start_ms / 1e3;
  VT_CHECK(measure_load(service, world, out));
  return out;
}

}  // namespace vitrine::app
