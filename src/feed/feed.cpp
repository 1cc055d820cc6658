#include "feed/feed.hpp"

#include <condition_variable>
#include <shared_mutex>
#include <thread>
#include <unordered_set>

#include "base/crypto.hpp"
#include "base/id.hpp"
#include "base/json.hpp"
#include "base/log.hpp"
#include "base/metrics.hpp"
#include "feed/counts.hpp"
#include "feed/fold.hpp"
#include "feed/handed_out.hpp"
#include "feed/receipt.hpp"
#include "feed/turns.hpp"

namespace vitrine::feed {
namespace {

constexpr std::size_t shard_count = 64;
constexpr std::size_t spacing_memory = 6;
constexpr std::size_t snapshot_records_at_end = 1'000;  // fewer are folded again in no time
constexpr std::int64_t view_ms_min = 2000;              // watched so long, or half of the clip, it counts as a view

Minute minute_of(TimeMs time) { return std::max<TimeMs>(time, 0) / limits::minute_ms; }

/// Tells duplicates. Keyed by viewer, so that nobody can spend another's event ids.
std::uint64_t event_key(std::string_view viewer, std::string_view id) {
  std::string text(viewer);
  text += '\n';
  text += id;
  const auto hash = crypto::sha256(text);
  std::uint64_t key = 0;
  for (std::size_t i = 0; i < 8; ++i) key = key << 8 | hash[i];
  return key;
}

/// What is wrong with an event, or "".
std::string fault_of(const WatchEvent& event, TimeMs now) {
  using namespace limits;
  if (!is_token(event.id, event_id_length_min, event_id_length_max))
    return "\"id\" must be 16 to 64 letters, digits, '_' or '-'";
  if (!is_token(event.video, 1, clip_id_length_max)) return "\"video\" is not the id of a video";
  if (!event.page.empty() && !is_token(event.page, 1, page_id_length_max)) return "\"page\" is not the id of a page";
  if (event.position < 0 || event.position > position_max) return "\"position\" must be 0 to 100000";
  if (event.watched_ms < 0 || event.watched_ms > watched_ms_max) return "\"watched_ms\" must be 0 to 86400000 (a day)";
  if (event.loops < 0 || event.loops > loops_max) return "\"loops\" must be 0 to 10000";
  if (event.shown_at > now && event.shown_at - now > future_ms_refused)
    return "\"shown_at\" is more than a day ahead: set the clock";
  if (event.shown_at < now - past_ms_max) return "\"shown_at\" is more than 30 days ago";
  return "";
}

Entry entry_of(std::string_view viewer, const WatchEvent& event, TimeMs now) {
  Entry entry;
  entry.kind = Kind::watch;
  entry.at = minute_of(now);
  entry.viewer = viewer;
  entry.video = event.video;
  entry.event = event_key(viewer, event.id);
  entry.shown = minute_of(event.shown_at > now + limits::future_ms_max ? now : event.shown_at);
  entry.watched_ms = event.watched_ms;
  entry.loops = event.loops;
  entry.position = event.position;
  entry.surface = event.surface;
  entry.finished = event.finished;
  entry.liked = event.liked;
  entry.shared = event.shared;
  entry.followed = event.followed;
  entry.commented = event.commented;
  entry.saved = event.saved;
  entry.not_interested = event.not_interested;
  entry.reported = event.reported;
  return entry;
}

/// The stream is JSON: what is no valid UTF-8 could be written, but never read again.
bool is_storable_tag(std::string_view tag) {
  return is_tag(tag) && parse_json(json::serialize(json::value(tag))).has_value();
}

Result<void> check_viewer(std::string_view viewer) {
  if (is_token(viewer, limits::viewer_length_min, limits::viewer_length_max)) return {};
  return fail(Errc::invalid_argument, "a viewer is 16 to 64 letters, digits, '_' or '-'");
}

Result<void> check_preferences(const Preferences& preferences) {
  const auto check = [](const std::vector<std::string>& all, std::size_t size_max, auto fits,
                        std::string_view what) -> Result<void> {
    if (all.size() > size_max) return fail(Errc::invalid_argument, "\"{}\" holds at most {}", what, size_max);
    if (!std::ranges::all_of(all, fits)) return fail(Errc::invalid_argument, "\"{}\" holds one that cannot be", what);
    return {};
  };
  const auto is_id = [](std::string_view text) { return is_token(text, 1, limits::creator_id_length_max); };
  VT_CHECK(check(preferences.topics, limits::topics_max, is_storable_tag, "topics"));
  VT_CHECK(check(preferences.muted_tags, limits::muted_tags_max, is_storable_tag, "muted_tags"));
  return check(preferences.muted_creators, limits::muted_creators_max, is_id, "muted_creators");
}

struct Metrics {
  metrics::Counter& accepted = metrics::counter("vitrine_feed_events_total", "Watch events", {{"outcome", "accepted"}});
  metrics::Counter& duplicate =
      metrics::counter("vitrine_feed_events_total", "Watch events", {{"outcome", "duplicate"}});
  metrics::Counter& rejected = metrics::counter("vitrine_feed_events_total", "Watch events", {{"outcome", "rejected"}});
  metrics::Counter& skipped =
      metrics::counter("vitrine_feed_records_skipped_total", "Records of the stream that could not be read");
  metrics::Counter& profile_reads =
      metrics::counter("vitrine_feed_profile_reads_total", "Look-ups of what was learned about one viewer");
  metrics::Histogram& page_s = metrics::histogram("vitrine_feed_page_seconds", "Time to rank one page", {},
                                                  {0.0001, 0.00025, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.05, 0.25});
};

}  // namespace

struct Feed::Impl {
  store::Stream& stream;
  const Clock& clock;
  FeedOptions options;
  Metrics metrics;

  // Lock order: ranking, shard, turnstile, state. `folding` is outermost where it is taken.
  Turns ranking{std::max(1U, std::thread::hardware_concurrency())};
  std::mutex folding;               ///< one folds at a time
  mutable std::mutex turnstile;     ///< a waiting fold stops new readers: std::shared_mutex may starve it
  mutable std::shared_mutex state;  ///< the engine
  Fold fold;
  std::optional<Snapshots> snapshots;
  store::Sequence snapshot_at = 0;  ///< of the last one; the snapshotter's
  std::atomic<std::uint64_t> profile_reads_told = 0;
  std::mutex pending_mutex;
  std::condition_variable pending_done;
  std::unordered_set<std::uint64_t> pending;  ///< events being appended just now

  std::array<HandedShard, shard_count> shards;
  std::unique_ptr<StreamPump> counts, watched;
  std::jthread snapshotter;  ///< last: ends before what it uses

  Impl(store::Stream& s, const Clock& c, FeedOptions o) : stream(s), clock(c), options(std::move(o)) {
    if (!options.new_page_id) options.new_page_id = new_id;
  }

  [[nodiscard]] const Engine& engine() const { return fold.engine(); }
  [[nodiscard]] std::shared_lock<std::shared_mutex> reading() const {
    const std::scoped_lock queue(turnstile);
    return std::shared_lock(state);
  }
  [[nodiscard]] HandedShard& shard_of(std::string_view viewer) { return shards[hash_of(viewer) % shard_count]; }

  [[nodiscard]] Result<void> fold_batch(std::span<const store::Record> records);
  [[nodiscard]] Result<void> catch_up();
  [[nodiscard]] Result<void> start();
  [[nodiscard]] Result<void> apply_settings();
  void keep_snapshot(std::size_t records_min);
  void keep_snapshots(const std::stop_token& stop);
  [[nodiscard]] Result<void> append(std::span<const Entry> entries);
  void mark_served(std::string_view viewer, std::span<Entry> entries);
  void mark_counted(std::string_view viewer, Measuring measuring, std::span<Entry> entries) const;
  /// Takes out what was sent before, and holds the rest until release_pending. Waits for others who are sending the
  /// same.
  [[nodiscard]] std::size_t take_pending(std::vector<Entry>& entries);
  void release_pending(std::span<const Entry> entries);
  void tell_profile_reads();
};

Result<void> Feed::Impl::fold_batch(std::span<const store::Record> records) {
  std::unique_lock<std::shared_mutex> writing(state, std::defer_lock);
  {
    const std::scoped_lock queue(turnstile);
    writing.lock();
  }
  const auto skipped_before = fold.skipped();
  auto folded = fold.add(records);
  metrics.skipped.add(static_cast<double>(fold.skipped() - skipped_before));
  return folded;
}

/// Folds what the stream holds beyond the state, live and at start.
Result<void> Feed::Impl::catch_up() {
  const std::scoped_lock alone(folding);
  constexpr std::size_t records_per_lock = 512;  // so that pages need not wait long
  while (fold.folded() < stream.end()) {
    VT_TRY(const auto records, stream.read(fold.folded(), options.replay_batch));
    if (records.empty()) return fail(Errc::internal, "the event stream ends before its end");
    for (std::size_t from = 0; from < records.size(); from += records_per_lock)
      VT_CHECK(fold_batch(std::span(records).subspan(from, std::min(records_per_lock, records.size() - from))));
  }
  return {};
}

/// If there is enough new since the last one. Pages go on meanwhile; events wait while the state is written to memory.
void Feed::Impl::keep_snapshot(std::size_t records_min) {
  std::string bytes;
  store::Sequence folded = 0;
  {
    const std::scoped_lock alone(folding);
    folded = fold.folded();
    if (folded < snapshot_at + records_min) return;
    bytes = fold.snapshot();
  }
  snapshot_at = folded;
  if (const auto kept = snapshots->keep(folded, bytes); !kept)
    log::warning("feed.snapshot_not_kept", {{"detail", kept.error().message}});
}

/// From time to time, and once more at the end, so that the next start is quick.
void Feed::Impl::keep_snapshots(const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any wake;
  std::unique_lock lock(mutex);
  const std::chrono::milliseconds pause(options.snapshot_ms);
  while (!wake.wait_for(lock, stop, pause, [&] { return stop.stop_requested(); }))
    keep_snapshot(options.snapshot_records);
  keep_snapshot(std::min(snapshot_records_at_end, options.snapshot_records));
}

Result<void> Feed::Impl::start() {
  if (options.snapshots) {
    snapshots.emplace(*options.snapshots);
    if (auto found = snapshots->newest(stream.end())) fold = std::move(*found);
    snapshot_at = fold.folded();
  }
  VT_CHECK(catch_up());
  VT_CHECK(apply_settings());
  if (snapshots) snapshotter = std::jthread([this](const std::stop_token& stop) { keep_snapshots(stop); });
  return {};
}

/// Settings are part of the stream, so that whoever folds it has those that were in force.
Result<void> Feed::Impl::apply_settings() {
  if (options.settings.empty()) return {};
  VT_TRY(const auto wanted, parse_settings(options.settings));
  if (wanted.text == engine().settings().text) return {};
  Entry entry;
  entry.kind = Kind::settings;
  entry.at = minute_of(clock.now());
  entry.text = wanted.text;
  return append(std::span(&entry, 1));
}

Result<void> Feed::Impl::append(std::span<const Entry> entries) {
  std::vector<std::string> texts;
  texts.reserve(entries.size());
  for (const auto& entry : entries) texts.push_back(write(entry));
  const std::vector<std::string_view> views(texts.begin(), texts.end());
  VT_CHECK(stream.append(views));
  // Durable by now: trouble in folding must not make the caller send it again. The next call catches up.
  if (const auto learned = catch_up(); !learned)
    log::error("feed.fold_failed", {{"code", name(learned.error().code)}, {"detail", learned.error().message}});
  return {};
}

void Feed::Impl::mark_served(std::string_view viewer, std::span<Entry> entries) {
  auto& shard = shard_of(viewer);
  const std::scoped_lock guard(shard.mutex);
  const auto* handed = shard.find(viewer);
  if (!handed) return;
  const auto lock = reading();
  for (auto& entry : entries) {
    const auto clip = engine().find(entry.video);
    entry.served = clip && handed->was_served(*clip);
  }
}

/// Decided once, at intake, and written down: whoever counts later needs to know nothing else.
void Feed::Impl::mark_counted(std::string_view viewer, Measuring measuring, std::span<Entry> entries) const {
  const auto lock = reading();
  const bool measured = measuring == Measuring::on && engine().preferences(viewer).personalised;
  std::unordered_map<ClipNumber, std::uint32_t> earlier;
  for (auto& entry : entries) {
    const auto clip = engine().find(entry.video);
    if (!clip) continue;
    auto& before = earlier.try_emplace(*clip, engine().events_of(viewer, *clip)).first->second;
    if (before++ >= limits::learned_per_viewer_and_clip_max) continue;
    const auto duration_ms = engine().duration_ms_of(*clip);
    entry.view = entry.watched_ms >= (duration_ms > 0 ? std::min(view_ms_min, duration_ms / 2) : view_ms_min);
    entry.share = entry.shared;
    entry.measured = measured;
  }
}

std::size_t Feed::Impl::take_pending(std::vector<Entry>& entries) {
  std::unique_lock lock(pending_mutex);
  pending_done.wait(lock, [&] {
    return std::ranges::none_of(entries, [&](const Entry& entry) { return pending.contains(entry.event); });
  });
  const auto reader_lock = reading();
  return std::erase_if(entries, [&](const Entry& entry) {
    return engine().has_event(entry.event) || !pending.insert(entry.event).second;
  });
}

void Feed::Impl::release_pending(std::span<const Entry> entries) {
  {
    const std::scoped_lock lock(pending_mutex);
    for (const auto& entry : entries) pending.erase(entry.event);
  }
  pending_done.notify_all();
}

void Feed::Impl::tell_profile_reads() {
  const auto now = engine().profile_reads();
  const auto before = profile_reads_told.exchange(now);
  if (now > before) metrics.profile_reads.add(static_cast<double>(now - before));
}

Feed::Feed(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Feed::~Feed() = default;

Result<std::unique_ptr<Feed>> Feed::open(store::Stream& stream, const Clock& clock, FeedOptions options) {
  options.replay_batch = std::max<std::size_t>(options.replay_batch, 1);
  auto impl = std::make_unique<Impl>(stream, clock, std::move(options));
  VT_CHECK(impl->start());
  return std::unique_ptr<Feed>(new Feed(std::move(impl)));
}

Result<Intake> Feed::record(std::string_view viewer, std::span<const WatchEvent> events, Measuring measuring) {
  VT_CHECK(check_viewer(viewer));
  if (events.size() > limits::events_per_batch_max)
    return fail(Errc::invalid_argument, "more than {} events in one batch: send several", limits::events_per_batch_max);
  const auto now = impl_->clock.now();
  Intake intake;
  std::vector<Entry> entries;
  for (std::size_t i = 0; i < events.size(); ++i) {
    auto fault = fault_of(events[i], now);
    if (fault.empty() && !knows(events[i].video)) fault = "no such video";
    if (fault.empty())
      entries.push_back(entry_of(viewer, events[i], now));
    else
      intake.rejected.push_back({i, std::move(fault)});
  }
  intake.duplicates = impl_->take_pending(entries);
  Result<void> appended;
  if (!entries.empty()) {
    impl_->mark_served(viewer, entries);
    impl_->mark_counted(viewer, measuring, entries);
    appended = impl_->append(entries);
    impl_->release_pending(entries);
  }
  VT_CHECK(appended);
  intake.accepted = entries.size();
  for (const auto& entry : entries) intake.watched.push_back({entry.shown * limits::minute_ms, entry.watched_ms});
  impl_->tell_profile_reads();
  impl_->metrics.accepted.add(static_cast<double>(intake.accepted));
  impl_->metrics.duplicate.add(static_cast<double>(intake.duplicates));
  impl_->metrics.rejected.add(static_cast<double>(intake.rejected.size()));
  return intake;
}

Result<void> Feed::video_live(const Clip& clip) {
  if (!is_token(clip.id, 1, limits::clip_id_length_max) || !is_token(clip.creator, 1, limits::creator_id_length_max))
    return fail(Errc::invalid_argument, "a clip needs the ids of its video and creator");
  Entry entry;
  entry.kind = Kind::video;
  entry.at = minute_of(impl_->clock.now());
  entry.video = clip.id;
  entry.creator = clip.creator;
  entry.duration_ms = std::clamp<std::int64_t>(clip.duration_ms, 0, limits::duration_ms_max);
  entry.created = std::min(minute_of(clip.created_at), entry.at);
  for (const auto& tag : clip.tags) {
    const auto end = entry.tags.begin() + static_cast<std::ptrdiff_t>(entry.tag_count);
    if (entry.tag_count == entry.tags.size()) break;
    if (is_storable_tag(tag) && std::find(entry.tags.begin(), end, tag) == end) entry.tags[entry.tag_count++] = tag;
  }
  {
    const auto lock = impl_->reading();
    if (impl_->engine().holds(entry)) return {};
  }
  return impl_->append(std::span(&entry, 1));
}

Result<void> Feed::video_removed(std::string_view id) {
  if (!knows(id)) return {};
  Entry entry;
  entry.kind = Kind::removed;
  entry.at = minute_of(impl_->clock.now());
  entry.video = id;
  return impl_->append(std::span(&entry, 1));
}

Result<void> Feed::follow(std::string_view viewer, std::string_view creator, bool on) {
  VT_CHECK(check_viewer(viewer));
  if (!is_token(creator, 1, limits::creator_id_length_max))
    return fail(Errc::invalid_argument, "a creator is named by an account id");
  {
    const auto lock = impl_->reading();
    if (impl_->engine().follows(viewer, creator) == on) return {};
  }
  Entry entry;
  entry.kind = Kind::follow;
  entry.at = minute_of(impl_->clock.now());
  entry.viewer = viewer;
  entry.creator = creator;
  entry.on = on;
  return impl_->append(std::span(&entry, 1));
}

Result<void> Feed::forget(std::string_view viewer, Forget what) {
  VT_CHECK(check_viewer(viewer));
  Entry entry;
  entry.kind = Kind::forget;
  entry.at = minute_of(impl_->clock.now());
  entry.viewer = viewer;
  entry.everything = what == Forget::everything;
  VT_CHECK(impl_->append(std::span(&entry, 1)));
  auto& shard = impl_->shard_of(viewer);
  const std::scoped_lock guard(shard.mutex);
  if (entry.everything) shard.forget(viewer);
  return {};
}

Result<void> Feed::set_preferences(std::string_view viewer, const Preferences& preferences) {
  VT_CHECK(check_viewer(viewer));
  VT_CHECK(check_preferences(preferences));
  {
    const auto lock = impl_->reading();
    if (impl_->engine().preferences(viewer) == preferences) return {};
    if (impl_->engine().sizes().choices >= limits::viewers_max)
      return fail(Errc::unavailable, "no more preferences can be kept on this server");
  }
  Entry entry;
  entry.kind = Kind::preferences;
  entry.at = minute_of(impl_->clock.now());
  entry.viewer = viewer;
  entry.unprofiled = !preferences.personalised;
  entry.topics.assign(preferences.topics.begin(), preferences.topics.end());
  entry.muted_tags.assign(preferences.muted_tags.begin(), preferences.muted_tags.end());
  entry.muted_creators.assign(preferences.muted_creators.begin(), preferences.muted_creators.end());
  return impl_->append(std::span(&entry, 1));
}

Preferences Feed::preferences(std::string_view viewer) const {
  const auto lock = impl_->reading();
  return impl_->engine().preferences(viewer);
}

namespace {

/// Of those whom the viewer follows; what is not offered just now is passed over.
std::vector<RepostedClip> known_reposts(const Engine& engine, const PageRequest& request) {
  std::vector<RepostedClip> out;
  if (request.mode != Mode::following) return out;
  for (const auto& one : request.reposts)
    if (const auto clip = engine.find(one.video)) out.push_back({*clip, minute_of(one.at)});
  return out;
}

}  // namespace

Result<Page> Feed::page(const PageRequest& request) {
  VT_CHECK(check_viewer(request.viewer));
  if (request.limit < 1 || request.limit > limits::page_items_max)
    return fail(Errc::invalid_argument, "a page holds 1 to {} videos", limits::page_items_max);
  const auto started = std::chrono::steady_clock::now();
  const auto now = impl_->clock.now();
  Page page{.id = impl_->options.new_page_id(now), .items = {}, .end = false, .receipt = {}};

  const Turns::Turn turn(impl_->ranking);
  auto& shard = impl_->shard_of(request.viewer);
  const std::scoped_lock guard(shard.mutex);
  auto& handed = shard.of(request.viewer, limits::handed_out_viewers_max / shard_count);
  if (request.place == Place::first) handed.release();
  const auto lock = impl_->reading();
  const auto& engine = impl_->engine();
  const PageInputs inputs{.page = page.id,
                          .viewer = request.viewer,
                          .mode = request.mode,
                          .limit = static_cast<std::size_t>(request.limit),
                          .now = minute_of(now),
                          .withheld = handed.withheld(now, !engine.preferences(request.viewer).personalised),
                          .just_before = handed.last(spacing_memory),
                          .reposts = known_reposts(engine, request)};
  ClipCounts withheld;
  for (const auto clip : inputs.withheld) withheld.add(clip);
  auto ranking = engine.rank(inputs.query(withheld));
  if (request.receipt) page.receipt = write(receipt_of(impl_->fold, inputs, ranking));
  page.end = ranking.end;
  for (auto& pick : ranking.picks) {
    handed.add(pick.clip, now);
    page.items.push_back({std::string(engine.video_of(pick.clip)), pick.source, std::move(pick.text)});
  }
  impl_->tell_profile_reads();
  impl_->metrics.page_s.observe(std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count());
  return page;
}

std::string Feed::settings() const {
  const auto lock = impl_->reading();
  return impl_->engine().settings().text;
}

bool Feed::knows(std::string_view video) const {
  const auto lock = impl_->reading();
  return impl_->engine().find(video).has_value();
}

std::vector<std::string> Feed::live_videos() const {
  const auto lock = impl_->reading();
  return impl_->engine().live_videos();
}

void Feed::set_counts_consumer(store::Sequence next, CountsConsumer consumer) {
  VT_ASSERT(!impl_->counts);
  impl_->counts = std::make_unique<StreamPump>(impl_->stream, next, counting(std::move(consumer)));
}

void Feed::set_watched_consumer(store::Sequence next, WatchedConsumer consumer) {
  VT_ASSERT(!impl_->watched);
  impl_->watched = std::make_unique<StreamPump>(impl_->stream, next, watching(std::move(consumer)));
}

std::uint64_t Feed::state_hash() const {
  const auto lock = impl_->reading();
  return impl_->engine().state_hash();
}

Feed::Statistics Feed::statistics() const {
  const auto lock = impl_->reading();
  const auto sizes = impl_->engine().sizes();
  return {.folded = impl_->fold.folded(),
          .skipped = impl_->fold.skipped(),
          .clips = sizes.clips,
          .viewers = sizes.viewers,
          .owed = sizes.owed,
          .profile_reads = impl_->engine().profile_reads()};
}

}  // namespace vitrine::feed
