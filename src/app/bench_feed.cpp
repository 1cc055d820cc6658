#include "app/bench_feed.hpp"

#include <atomic>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <hnswlib/hnswlib.h>
#include <malloc.h>
#include <numeric>
#include <thread>
#include <unistd.h>

#include "app/bench_report.hpp"
#include "base/json.hpp"
#include "feed/fold.hpp"
#include "feed/memory_stream.hpp"
#include "http/client.hpp"
#include "http/server.hpp"

namespace vitrine::app {
namespace {

using feed::Entry;
using feed::Random;
using Clock = std::chrono::steady_clock;

constexpr int topics = 300;
constexpr int topics_liked = 6;
constexpr int session_showings = 10;
constexpr std::int64_t clips_per_creator = 20;
constexpr std::size_t events_most = 1'000'000;
constexpr std::size_t pages = 4'000;
constexpr std::int64_t bytes_per_video_most = 1'400;  // for asking whether there is room at all
constexpr feed::Minute first_minute = 29'000'000;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

void tell(const std::string& line) { std::fprintf(stderr, "%s\n", line.c_str()); }

double resident_mib() {
  ::malloc_trim(0);
  std::ifstream file("/proc/self/statm");
  std::int64_t all = 0, resident = 0;
  file >> all >> resident;
  return static_cast<double>(resident * ::sysconf(_SC_PAGESIZE)) / (1 << 20);
}

double percentile(std::vector<double>& sorted, double share) {
  return sorted[std::min(sorted.size() - 1, static_cast<std::size_t>(share * static_cast<double>(sorted.size())))];
}

/// Topics of unequal popularity, creators, viewers who like some topics and come for sessions.
class World {
 public:
  explicit World(std::int64_t videos) : random_(7), by_topic_(topics) {
    const auto creators = std::max<std::int64_t>(1, videos / clips_per_creator);
    for (int i = 0; i < topics; ++i) topics_.push_back(fmt::format("topic{}", i));
    for (std::int64_t i = 0; i < creators; ++i) creators_.push_back(fmt::format("creator{:010}", i));
    for (std::int64_t i = 0; i < videos; ++i) {
      ids_.push_back(fmt::format("video{:015}", i));
      topic_.push_back(some_topic());
      by_topic_[topic_.back()].push_back(static_cast<std::uint32_t>(i));
      length_ms_.push_back(5'000 + static_cast<std::int64_t>(random_.below(55'000)));
    }
    const auto viewers = std::clamp<std::int64_t>(videos / 50, 1'000, 20'000);
    for (std::int64_t i = 0; i < viewers; ++i) {
      viewers_.push_back(fmt::format("viewer{:016}", i));
      for (int k = 0; k < topics_liked; ++k) liked_.push_back(some_topic());
    }
  }

  [[nodiscard]] std::size_t videos() const { return ids_.size(); }
  [[nodiscard]] std::size_t viewers() const { return viewers_.size(); }
  [[nodiscard]] const std::string& viewer(std::size_t i) const { return viewers_[i]; }
  [[nodiscard]] feed::Minute end() const { return now_; }

  [[nodiscard]] Entry video(std::size_t i) {
    Entry entry;
    entry.kind = feed::Kind::video;
    entry.at = entry.created = now_ = first_minute + static_cast<feed::Minute>(i / 100);
    entry.video = ids_[i];
    entry.creator = creators_[skewed(creators_.size())];
    entry.tags[entry.tag_count++] = topics_[topic_[i]];
    if (random_.below(2) == 0) entry.tags[entry.tag_count++] = topics_[some_topic()];
    entry.duration_ms = length_ms_[i];
    return entry;
  }
  /// One showing after the other; `session_showings` of one viewer, then somebody else.
  [[nodiscard]] Entry event() {
    if (events_ % session_showings == 0) watcher_ = random_.below(viewers_.size());
    if (++events_ % 100 == 0) ++now_;
    const bool liked = random_.below(10) < 7;
    const auto topic = liked ? liked_[watcher_ * topics_liked + random_.below(topics_liked)] : some_topic();
    const auto& choice = by_topic_[topic];
    const auto clip = choice.empty() ? random_.below(ids_.size()) : choice[skewed(choice.size())];
    Entry entry;
    entry.at = entry.shown = now_;
    entry.viewer = viewers_[watcher_];
    entry.video = ids_[clip];
    entry.event = feed::mix(events_);
    const auto length = static_cast<std::uint64_t>(length_ms_[clip]);
    entry.finished = random_.below(100) < (liked ? 80 : 10);
    entry.watched_ms = static_cast<std::int64_t>(entry.finished ? length : random_.below(length / 2));
    entry.liked = entry.finished && random_.below(8) == 0;
    entry.served = true;
    entry.view = entry.watched_ms >= 2000;
    return entry;
  }
  [[nodiscard]] Entry follow() {
    Entry entry;
    entry.kind = feed::Kind::follow;
    entry.at = now_;
    entry.viewer = viewers_[random_.below(viewers_.size())];
    entry.creator = creators_[skewed(creators_.size())];
    entry.on = true;
    return entry;
  }
  [[nodiscard]] std::size_t some_viewer() { return random_.below(viewers_.size()); }

 private:
  std::size_t skewed(std::size_t size) {
    const double x = random_.uniform();
    return static_cast<std::size_t>(x * x * x * static_cast<double>(size));
  }
  std::size_t some_topic() { return skewed(topics); }

  Random random_;
  std::vector<std::string> topics_, creators_, ids_, viewers_;
  std::vector<std::size_t> topic_, liked_;
  std::vector<std::int64_t> length_ms_;
  std::vector<std::vector<std::uint32_t>> by_topic_;
  std::size_t watcher_ = 0;
  std::uint64_t events_ = 0;
  feed::Minute now_ = first_minute;
};

// --- limits of this machine ----------------------------------------------------------------------------------

/// One core, one pass over more than the caches hold.
double bandwidth_gb_per_s() {
  const std::vector<float> data(64 << 20, 1.0F);
  double best = 0, sum = 0;
  for (int run = 0; run < 3; ++run) {
    const auto start = Clock::now();
    std::array<float, 64> lanes{};
    for (std::size_t i = 0; i < data.size(); i += lanes.size())
      for (std::size_t lane = 0; lane < lanes.size(); ++lane) lanes[lane] += data[i + lane];
    best = std::max(best, static_cast<double>(data.size() * sizeof(float)) / seconds_since(start) / 1e9);
    sum += std::accumulate(lanes.begin(), lanes.end(), 0.0);
  }
  return sum > 0 ? best : 0;
}

std::vector<float> random_vectors(std::size_t count, std::size_t dimensions) {
  Random random(13);
  std::vector<float> out(count * dimensions);
  for (float& x : out) x = static_cast<float>(random.bell());
  return out;
}

/// 1,000 dot products of 64 numbers each, out of vectors scattered over a million.
double dot_products_ms() {
  constexpr std::size_t dimensions = 64, all = 1'000'000, wanted = 1'000, runs = 50;
  const std::vector<float> vectors(all * dimensions, 0.5F);
  Random random(17);
  std::vector<double> times;
  float sum = 0;
  for (std::size_t run = 0; run < runs; ++run) {
    std::vector<std::size_t> places(wanted);
    for (auto& place : places) place = random.below(all) * dimensions;
    const auto start = Clock::now();
    for (const auto place : places)
      for (std::size_t i = 0; i < dimensions; ++i) sum += vectors[place + i] * vectors[i];
    times.push_back(seconds_since(start) * 1e3);
  }
  std::ranges::sort(times);
  return sum > 0 ? percentile(times, 0.5) : 0;
}

double hnsw_query_ms() {
  constexpr std::size_t dimensions = 64, all = 100'000, wanted = 500, queries = 200;
  const auto vectors = random_vectors(all + queries, dimensions);
  hnswlib::InnerProductSpace space(dimensions);
  hnswlib::HierarchicalNSW<float> index(&space, all, 16, 60);
  for (std::size_t i = 0; i < all; ++i) index.addPoint(&vectors[i * dimensions], i);
  index.setEf(wanted);
  std::vector<double> times;
  for (std::size_t i = 0; i < queries; ++i) {
    const auto start = Clock::now();
    const auto found = index.searchKnn(&vectors[(all + i) * dimensions], wanted);
    if (!found.empty()) times.push_back(seconds_since(start) * 1e3);
  }
  std::ranges::sort(times);
  return percentile(times, 0.5);
}

// --- one size of catalogue -----------------------------------------------------------------------------------

struct Figures {
  std::int64_t videos = 0;
  double video_bytes = 0, viewer_bytes = 0;
  double learn_per_s = 0, learn_from_text_per_s = 0;
  double page_p50_ms = 0, page_p99_ms = 0, pages_per_s = 0, candidates = 0;
  double snapshot_mib = 0, restart_s = 0, fold_all_s = 0;
};

void measure_pages(const feed::Engine& engine, World& world, Figures& out) {
  std::vector<double> times;
  double all = 0, candidates = 0;
  for (std::size_t i = 0; i < pages; ++i) {
    const feed::Query query{.viewer = world.viewer(world.some_viewer()),
                            .limit = 10,
                            .seed = feed::mix(i),
                            .now = world.end(),
                            .just_before = {}};
    const auto start = Clock::now();
    const auto page = engine.rank(query);
    times.push_back(seconds_since(start) * 1e3);
    all += times.back();
    candidates += static_cast<double>(page.candidates);
  }
  std::ranges::sort(times);
  out.page_p50_ms = percentile(times, 0.5);
  out.page_p99_ms = percentile(times, 0.99);
  out.pages_per_s = 1e3 * static_cast<double>(pages) / all;
  out.candidates = candidates / static_cast<double>(pages);
}

/// Everything as records, as it comes in a life; then the same from a snapshot.
void measure_restart(feed::MemoryStream& stream, Figures& out) {
  feed::Fold fold;
  const auto videos = static_cast<store::Sequence>(out.videos);
  auto start = Clock::now();
  VT_ASSERT(fold.advance(stream, videos));
  const double for_videos = seconds_since(start);
  start = Clock::now();
  VT_ASSERT(fold.advance(stream, stream.end()));
  const double for_events = seconds_since(start);
  out.learn_from_text_per_s = static_cast<double>(stream.end() - videos) / for_events;
  out.fold_all_s = for_videos + for_events;
  const auto snapshot = fold.snapshot();
  out.snapshot_mib = static_cast<double>(snapshot.size()) / (1 << 20);
  start = Clock::now();
  VT_ASSERT(feed::Fold::of_snapshot(snapshot));
  out.restart_s = seconds_since(start);
}

void append(feed::MemoryStream& stream, const Entry& entry) {
  const auto text = feed::write(entry);
  const std::array<std::string_view, 1> one{text};
  VT_ASSERT(stream.append(one));
}

Figures measure(std::int64_t videos) {
  Figures out{.videos = videos};
  tell(fmt::format("{} videos: building the world", videos));
  World world(videos);
  feed::MemoryStream stream;
  const auto engine = feed::make_rate_engine();
  std::vector<Entry> entries;
  for (std::int64_t i = 0; i < videos; ++i) entries.push_back(world.video(static_cast<std::size_t>(i)));
  for (const auto& entry : entries) append(stream, entry);
  double before = resident_mib();
  for (const auto& entry : entries) engine->fold(entry);
  out.video_bytes = (resident_mib() - before) * (1 << 20) / static_cast<double>(videos);

  const auto events = std::min(events_most, static_cast<std::size_t>(videos) * 5);
  entries.clear();
  for (std::size_t i = 0; i < world.viewers(); ++i) entries.push_back(world.follow());
  for (std::size_t i = 0; i < events; ++i) entries.push_back(world.event());
  for (const auto& entry : entries) append(stream, entry);
  tell(fmt::format("{} videos: learning {} events of {} viewers", videos, events, world.viewers()));
  before = resident_mib();
  const auto start = Clock::now();
  for (const auto& entry : entries) engine->fold(entry);
  out.learn_per_s = static_cast<double>(entries.size()) / seconds_since(start);
  out.viewer_bytes = (resident_mib() - before) * (1 << 20) / static_cast<double>(world.viewers());
  tell(fmt::format("{} videos: {} pages", videos, pages));
  measure_pages(*engine, world, out);
  tell(fmt::format("{} videos: restart", videos));
  measure_restart(stream, out);
  return out;
}

// --- over HTTP -----------------------------------------------------------------------------------------------

std::string page_json(const feed::Page& page) {
  json::array items;
  for (const auto& item : page.items)
    items.push_back(json::object{{"video", item.video}, {"source", feed::name(item.source)}, {"text", item.text}});
  return json::serialize(json::object{{"page", page.id}, {"items", std::move(items)}, {"end", page.end}});
}

struct Load {
  double per_s = 0, p99_ms = 0;
};

/// Asks for pages from several connections for some time: as fast as answers come, or, given a rate, at set times. What
/// a page takes counts from the time it was due, so that waiting in line counts.
Load ask(const std::string& url, const World& world, double rate, double seconds) {
  constexpr int connections = 4;
  std::atomic<std::uint64_t> next = 0;
  std::mutex mutex;
  std::vector<double> times;
  const auto start = Clock::now();
  const auto run = [&] {
    http::Client client(url);
    std::vector<double> own;
    while (true) {
      const auto number = next++;
      auto due = Clock::now();
      if (rate > 0) {
        due = start + std::chrono::duration_cast<Clock::duration>(
                          std::chrono::duration<double>(static_cast<double>(number) / rate));
        std::this_thread::sleep_until(due);
      }
      if (seconds_since(start) > seconds) break;
      const auto& viewer = world.viewer(feed::mix(number) % world.viewers());
      const auto answer = client.send(http::Method::get, "/page?viewer=" + viewer);
      if (answer && answer->status == 200) own.push_back(seconds_since(due) * 1e3);
    }
    const std::scoped_lock lock(mutex);
    times.insert(times.end(), own.begin(), own.end());
  };
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < connections; ++i) threads.emplace_back(run);
  }
  if (times.empty()) return {};
  std::ranges::sort(times);
  return {static_cast<double>(times.size()) / seconds, percentile(times, 0.99)};
}

struct HttpFigures {
  double saturated_per_s = 0, p99_ms = 0;
};

/// The feed behind the service's own HTTP server; the look-up of the videos' rows in the database is not in it.
Result<HttpFigures> measure_http(std::int64_t videos) {
  tell(fmt::format("{} videos: pages over HTTP", videos));
  World world(videos);
  feed::MemoryStream stream;
  for (std::int64_t i = 0; i < videos; ++i) append(stream, world.video(static_cast<std::size_t>(i)));
  for (std::size_t i = 0; i < std::min(events_most, static_cast<std::size_t>(videos) * 5); ++i)
    append(stream, world.event());
  const SystemClock clock;
  VT_TRY(const auto feed, feed::Feed::open(stream, clock));
  http::Router router;
  router.add(http::Method::get, "/page", [&feed](const http::Request& request) {
    const std::string viewer(request.query_value("viewer").value_or(""));
    const auto page = feed->page({.viewer = viewer, .limit = 10, .place = feed::Place::first});
    return page ? http::Response::json(200, page_json(*page)) : http::problem(page.error());
  });
  http::ServerOptions options;
  options.listen = "127.0.0.1:0";
  options.io_threads = 1;
  options.worker_threads = 1;
  http::Server server(options, std::move(router));
  VT_CHECK(server.start());
  const auto url = fmt::format("http://127.0.0.1:{}", server.port());
  constexpr double seconds = 5;
  HttpFigures out;
  out.saturated_per_s = ask(url, world, 0, seconds).per_s;
  out.p99_ms = ask(url, world, out.saturated_per_s / 2, seconds).p99_ms;
  server.stop(1000);
  return out;
}

// --- the report ----------------------------------------------------------------------------------------------

struct Limits {
  double bandwidth = 0, dots_ms = 0, hnsw_ms = 0;
};

void report(const Figures& f, const Limits& limits, const std::string& suffix, std::vector<BenchResult>& out) {
  const auto against = [&](std::string name, double value, std::string unit, std::string reference, double other) {
    out.push_back({std::move(name) + suffix, value, std::move(unit), std::move(reference), other, value / other});
  };
  const auto alone = [&](std::string name, double value, std::string unit) {
    out.push_back({std::move(name) + suffix, value, std::move(unit), "", 0, 0});
  };
  against("page_p50_ms", f.page_p50_ms, "ms", "hnswlib: 500 of 100,000", limits.hnsw_ms);
  against("page_p99_ms", f.page_p99_ms, "ms", "1,000 dot products of 64", limits.dots_ms);
  alone("candidates", f.candidates, "a page");
  alone("pages_per_s", f.pages_per_s, "1/s");
  against("learn_events_per_s", f.learn_per_s, "1/s", "reading from JSON as well", f.learn_from_text_per_s);
  alone("memory_per_million_videos", f.video_bytes * 1e6 / (1 << 20), "MiB");
  alone("memory_per_million_viewers", f.viewer_bytes * 1e6 / (1 << 20), "MiB");
  against("restart_s", f.restart_s, "s", "folding everything", f.fold_all_s);
  against("snapshot_mib", f.snapshot_mib, "MiB", "reading once, ms", f.snapshot_mib / 1024 / limits.bandwidth * 1e3);
}

bool has_room_for(std::int64_t videos) {
  const auto available = ::sysconf(_SC_AVPHYS_PAGES) * ::sysconf(_SC_PAGESIZE);
  return videos * bytes_per_video_most * 3 < available;
}

}  // namespace

Result<void> bench_feed(const BenchFeedOptions& options) {
  tell("limits of this machine");
  const Limits limits{bandwidth_gb_per_s(), dot_products_ms(), hnsw_query_ms()};
  std::vector<BenchResult> results;
  bool first = true;
  for (const auto asked : options.videos) {
    const auto videos = std::min<std::int64_t>(asked, feed::limits::live_clips_max);
    if (videos < asked)
      tell(fmt::format("{} videos asked for; the feed holds {} at most, the oldest leave it", asked, videos));
    if (!has_room_for(videos)) {
      tell(fmt::format("{} videos: left out, not enough memory free", asked));
      continue;
    }
    report(measure(videos), limits, first ? "" : fmt::format(".{}", asked), results);
    if (std::exchange(first, false)) {
      VT_TRY(const auto http, measure_http(videos));
      results.push_back({"http_page_p99_ms", http.p99_ms, "ms", "pages/s at full load", http.saturated_per_s, 0});
    }
  }
  results.push_back({"memory_bandwidth", limits.bandwidth, "GB/s", "", 0, 0});
  print_bench("feed", results, options.json);
  return {};
}

}  // namespace vitrine::app
