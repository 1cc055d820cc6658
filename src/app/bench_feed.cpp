#include "app/bench_feed.hpp"

#include <chrono>
#include <cstdio>
#include <hnswlib/hnswlib.h>
#include <malloc.h>
#include <numeric>
#include <unistd.h>

#include "app/bench_feed_http.hpp"
#include "app/bench_report.hpp"
#include "app/bench_world.hpp"
#include "app/process_figures.hpp"
#include "feed/fold.hpp"
#include "feed/memory_stream.hpp"

namespace vitrine::app {
namespace {

using feed::Entry;
using feed::Random;
using Clock = std::chrono::steady_clock;

constexpr std::size_t pages = 4'000;
constexpr double others_cores_most = 0.2;
constexpr std::int64_t bytes_per_video_most = 2'800;  // of this program at its peak: is there room at all?
constexpr feed::Minute first_minute = 29'000'000;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

/// Of this thread alone: what others have the cores do meanwhile does not count.
double core_s() {
  timespec used{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) / 1e9;
}

void tell(const std::string& line) { std::fprintf(stderr, "%s\n", line.c_str()); }

/// Bytes the program has asked for and not given back, the allocator's own included.
double bytes_in_use() {
  const auto heap = ::mallinfo2();
  return static_cast<double>(heap.uordblks + heap.hblkhd);
}

double percentile(std::vector<double>& sorted, double share) {
  return sorted[std::min(sorted.size() - 1, static_cast<std::size_t>(share * static_cast<double>(sorted.size())))];
}

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
  double video_bytes = 0, viewer_bytes = 0, showings_per_viewer = 0;
  double learn_per_s = 0, learn_from_text_per_s = 0;
  double page_p50_ms = 0, page_p99_ms = 0, pages_per_s = 0, candidates = 0;
  double snapshot_mib = 0, restart_s = 0, fold_all_s = 0;
};

void measure_pages(const feed::Engine& engine, BenchWorld& world, Figures& out) {
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
  const double start_s = core_s();
  VT_ASSERT(fold.advance(stream, videos));
  const double videos_done_s = core_s();
  VT_ASSERT(fold.advance(stream, stream.end()));
  const double all_done_s = core_s();
  out.learn_from_text_per_s = static_cast<double>(stream.end() - videos) / (all_done_s - videos_done_s);
  out.fold_all_s = all_done_s - start_s;
  const auto snapshot = fold.snapshot();
  out.snapshot_mib = static_cast<double>(snapshot.size()) / (1 << 20);
  const double restart_from_s = core_s();
  VT_ASSERT(feed::Fold::of_snapshot(snapshot));
  out.restart_s = core_s() - restart_from_s;
}

/// What goes when viewers go is theirs. The engine is not good for much afterwards.
double bytes_of_viewers(feed::Engine& engine, const BenchWorld& world) {
  const double before = bytes_in_use();
  Entry forget;
  forget.kind = feed::Kind::forget;
  forget.everything = true;
  for (std::size_t i = 0; i < world.viewers(); ++i) {
    forget.viewer = world.viewer(i);
    engine.fold(forget);
  }
  return before - bytes_in_use();
}

void append(feed::MemoryStream& stream, const Entry& entry) {
  const auto text = feed::write(entry);
  const std::array<std::string_view, 1> one{text};
  VT_ASSERT(stream.append(one));
}

/// What folding added to memory, in bytes. Entries go in few at a time, as they come from a stream.
double fold_counting_bytes(feed::Engine& engine, std::span<const Entry> entries) {
  const double before = bytes_in_use();
  engine.fold(entries);
  return bytes_in_use() - before;
}

/// Gives the bytes that the engine took for them.
double add_videos(BenchWorld& world, feed::MemoryStream& stream, feed::Engine& engine) {
  constexpr std::size_t at_once = 4096;
  double bytes = 0;
  std::vector<Entry> entries;
  for (std::size_t i = 0; i < world.videos(); ++i) {
    append(stream, entries.emplace_back(world.video(i)));
    if (entries.size() < at_once && i + 1 < world.videos()) continue;
    bytes += fold_counting_bytes(engine, entries);
    entries.clear();
  }
  return bytes;
}

/// A life, as one engine goes through it.
void measure_engine(BenchWorld& world, feed::MemoryStream& stream, Figures& out) {
  const auto engine = feed::make_rate_engine();
  double bytes = add_videos(world, stream, *engine);
  const auto events = BenchWorld::events(out.videos);
  std::vector<Entry> entries;
  for (std::size_t i = 0; i < world.viewers(); ++i) entries.push_back(world.follow());
  for (std::size_t i = 0; i < events; ++i) entries.push_back(world.event());
  for (const auto& entry : entries) append(stream, entry);
  tell(fmt::format("{} videos: learning {} events of {} viewers", out.videos, events, world.viewers()));
  const double start_s = core_s();
  bytes += fold_counting_bytes(*engine, entries);
  out.learn_per_s = static_cast<double>(entries.size()) / (core_s() - start_s);
  tell(fmt::format("{} videos: {} pages", out.videos, pages));
  measure_pages(*engine, world, out);
  const double of_viewers = bytes_of_viewers(*engine, world);
  out.viewer_bytes = of_viewers / static_cast<double>(world.viewers());
  out.showings_per_viewer = static_cast<double>(events) / static_cast<double>(world.viewers());
  out.video_bytes = (bytes - of_viewers) / static_cast<double>(out.videos);
}

Figures measure(std::int64_t videos) {
  Figures out{.videos = videos};
  tell(fmt::format("{} videos: building the world", videos));
  BenchWorld world(videos, first_minute);
  feed::MemoryStream stream;
  measure_engine(world, stream, out);
  tell(fmt::format("{} videos: restart", videos));
  measure_restart(stream, out);
  return out;
}

// --- the report ----------------------------------------------------------------------------------------------

struct Limits {
  double bandwidth = 0, dots_ms = 0, hnsw_ms = 0;
};

void report(const Figures& f, const Limits& limits, std::int64_t asked, const std::string& suffix,
            std::vector<BenchResult>& out) {
  const auto against = [&](std::string name, double value, std::string unit, std::string reference, double other) {
    out.push_back({std::move(name) + suffix, value, std::move(unit), std::move(reference), other, value / other});
  };
  const auto alone = [&](std::string name, double value, std::string unit) {
    out.push_back({std::move(name) + suffix, value, std::move(unit), "", 0, 0});
  };
  against("page_p50_ms", f.page_p50_ms, "ms", "hnswlib: 500 of 100,000", limits.hnsw_ms);
  against("page_p99_ms", f.page_p99_ms, "ms", "1,000 dot products of 64", limits.dots_ms);
  against("live_videos", static_cast<double>(f.videos), "", "asked for", static_cast<double>(asked));
  alone("candidates", f.candidates, "a page");
  alone("pages_per_s", f.pages_per_s, "1/s");
  alone("learn_events_per_s", f.learn_per_s, "1/s");
  against("learn_from_text_events_per_s", f.learn_from_text_per_s, "1/s", "learning alone", f.learn_per_s);
  alone("memory_per_million_videos", f.video_bytes * 1e6 / (1 << 20), "MiB");
  against("memory_per_million_viewers", f.viewer_bytes * 1e6 / (1 << 20), "MiB", "showings of each",
          f.showings_per_viewer);
  against("restart_s", f.restart_s, "s", "folding everything", f.fold_all_s);
  against("snapshot_mib", f.snapshot_mib, "MiB", "reading once, ms", f.snapshot_mib / 1024 / limits.bandwidth * 1e3);
}

void report(const FeedHttpFigures& f, std::vector<BenchResult>& out) {
  out.push_back({"http_videos", static_cast<double>(f.videos), "", "", 0, 0});
  out.push_back({"http_pages_per_s", f.pages_per_s, "1/s", "", 0, 0});
  out.push_back({"http_offered_per_s", f.offered_per_s, "1/s", "full load", f.pages_per_s, 0.5});
  out.push_back({"http_page_p50_ms", f.page_p50_ms, "ms", "", 0, 0});
  out.push_back({"http_page_p99_ms", f.page_p99_ms, "ms", "/healthz likewise", f.nothing_p99_ms,
                 f.page_p99_ms / f.nothing_p99_ms});
  out.push_back(
      {"http_start_s", f.start_s, "s", "folding everything", f.start_folding_s, f.start_s / f.start_folding_s});
}

bool has_room_for(std::int64_t videos) {
  const auto available = ::sysconf(_SC_AVPHYS_PAGES) * ::sysconf(_SC_PAGESIZE);
  return videos * bytes_per_video_most < available;
}

}  // namespace

Result<void> bench_feed(const BenchFeedOptions& options) {
  const Others others;
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
    report(measure(videos), limits, asked, first ? "" : fmt::format(".{}", asked), results);
    if (std::exchange(first, false)) {
      tell(fmt::format("{} videos: pages of the whole service over HTTP", videos));
      VT_TRY(const auto http, measure_feed_http(videos));
      tell(fmt::format("its data directory took {:.0f} s to fill", http.fill_s));
      report(http, results);
    }
  }
  results.push_back({"memory_bandwidth", limits.bandwidth, "GB/s", "", 0, 0});
  results.push_back({"dot_products_ms", limits.dots_ms, "ms", "", 0, 0});
  results.push_back({"hnsw_query_ms", limits.hnsw_ms, "ms", "", 0, 0});
  results.push_back({"others_busy", others.cores(), "cores", "", 0, 0});
  if (others.cores() > others_cores_most)
    tell(fmt::format("other programs kept {:.1f} cores busy meanwhile: run it again when they are done",
                     others.cores()));
  print_bench("feed", results, options.json);
  return {};
}

}  // namespace vitrine::app
