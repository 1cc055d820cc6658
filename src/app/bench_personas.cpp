// The cold start: newcomers with hidden tastes in a living service. The simulation sees what a viewer's app sees: pages
// come from Feed::page, what was watched goes to Feed::record.
#include <cstdio>
#include <deque>
#include <map>
#include <set>

#include "app/bench_feed.hpp"
#include "app/bench_report.hpp"
#include "feed/feed.hpp"
#include "feed/memory_stream.hpp"
#include "feed/settings.hpp"
#include "feed/statistics.hpp"

namespace vitrine::app {
namespace {

using feed::Random;

constexpr int groups = 30;       // loose groups of topics; who likes one of a group likes others of it
constexpr int topics_liked = 8;  // of each viewer
constexpr int stray_topics = 1;  // of these, from anywhere
constexpr double liked_finish = 0.85, disliked_finish = 0.08, like_button = 0.15;
constexpr int watched_each = 50, per_visit = 10;
constexpr int page_size = 5, asked_with_left = 3;  // as web/src/feed/source.svelte.ts, the clip on the screen included
constexpr int residents = 500, resident_showings = 60;  // who have been there before
constexpr int arrivals_per_round = 1;                   // new videos for every newcomer's showing round
constexpr std::size_t bucket = 5;

/// What is true about viewers and clips, hidden from the feed.
class World {
 public:
  World(std::int64_t topics, std::uint64_t seed) : random(seed), topics_(static_cast<int>(topics)) {}

  int add_clip() {
    topic_.push_back(some_topic());
    return static_cast<int>(topic_.size()) - 1;
  }
  int add_viewer() {
    std::set<int> liked;
    const std::array home{some_topic() % groups, some_topic() % groups};
    while (std::ssize(liked) < std::min(topics_, topics_liked)) {
      const bool stray = std::ssize(liked) < stray_topics;
      const int topic = some_topic();
      if (stray || topic % groups == home[0] || topic % groups == home[1]) liked.insert(topic);
    }
    liked_.push_back(std::move(liked));
    return static_cast<int>(liked_.size()) - 1;
  }
  [[nodiscard]] bool likes(int viewer, int clip) const { return liked_[viewer].contains(topic_[clip]); }
  [[nodiscard]] int topic(int clip) const { return topic_[clip]; }
  [[nodiscard]] int clips() const { return static_cast<int>(topic_.size()); }

  Random random;

 private:
  /// Some topics are liked by more people, and have more clips, than others.
  int some_topic() {
    const double x = random.uniform();
    return static_cast<int>(x * x * topics_);
  }

  int topics_;
  std::vector<int> topic_;
  std::vector<std::set<int>> liked_;
};

std::string clip_id(int clip) { return fmt::format("clip{:08}", clip); }
int clip_of(const std::string& id) { return std::stoi(id.substr(4)); }
std::string viewer_id(int viewer) { return fmt::format("persona_number_{:08}", viewer); }

struct Tally {
  std::array<double, watched_each> liked{};
  double explored = 0, explored_liked = 0, shown = 0;

  void add(int nth, feed::Source source, bool likes) {
    const bool exploring = source == feed::Source::fresh || source == feed::Source::explore;
    liked[static_cast<std::size_t>(nth)] += likes;
    shown += 1;
    explored += exploring;
    explored_liked += exploring && likes;
  }
};

/// What a viewer's app holds.
struct Visit {
  std::deque<feed::Item> ahead;
  std::vector<feed::WatchEvent> events;
};

class Simulation {
 public:
  explicit Simulation(const PersonasOptions& options)
      : world_(options.topics, static_cast<std::uint64_t>(options.seed)), options_(options) {}

  Result<void> prepare() {
    VT_TRY(const auto settings, feed::read_settings(options_.settings));
    owed_ = static_cast<int>(settings.owed_audience);
    VT_TRY(feed_, feed::Feed::open(stream_, clock_, {.settings = settings.text, .new_page_id = [this](TimeMs) {
                                                       return fmt::format("page{:09}", pages_++);
                                                     }}));
    for (std::int64_t i = 0; i < options_.videos; ++i) VT_CHECK(publish());
    for (int i = 0; i < residents; ++i) people_.push_back(world_.add_viewer());
    for (int round = 0; round < resident_showings / per_visit; ++round) {
      std::fprintf(stderr, "those before: round %d of %d\n", round + 1, resident_showings / per_visit);
      for (const int viewer : people_) VT_CHECK(watch(viewer, 0, nullptr));
      clock_.advance(60 * feed::limits::minute_ms);
    }
    first_new_ = world_.clips();
    return {};
  }

  /// Newcomers and residents take turns; new videos keep coming.
  Result<Tally> play() {
    Tally tally;
    std::vector<int> newcomers;
    for (std::int64_t i = 0; i < options_.viewers; ++i) newcomers.push_back(world_.add_viewer());
    for (int round = 0; round < watched_each / per_visit; ++round) {
      std::fprintf(stderr, "newcomers: round %d of %d\n", round + 1, watched_each / per_visit);
      for (const int viewer : newcomers) {
        VT_CHECK(watch(viewer, round * per_visit, &tally));
        if (world_.random.below(10) < arrivals_per_round) VT_CHECK(publish());
      }
      for (const int viewer : people_) VT_CHECK(watch(viewer, 0, nullptr));
      clock_.advance(60 * feed::limits::minute_ms);
    }
    for (auto& share : tally.liked) share /= static_cast<double>(options_.viewers);
    last_new_ = world_.clips();
    newcomers_ = std::move(newcomers);
    return tally;
  }

  /// Life goes on without new videos until each has had its audience, or nobody can wait any longer. Gives the rounds.
  Result<int> wait_for_audiences(int rounds_max) {
    int round = 0;
    while (round < rounds_max && reached() < last_new_ - first_new_) {
      ++round;
      for (const int viewer : people_) VT_CHECK(watch(viewer, 0, nullptr));
      clock_.advance(60 * feed::limits::minute_ms);
    }
    return round;
  }
  [[nodiscard]] int new_videos() const { return last_new_ - first_new_; }
  [[nodiscard]] int reached() const {
    int count = 0;
    for (int clip = first_new_; clip < last_new_; ++clip) count += shown_[clip] >= owed_;
    return count;
  }

  /// The same newcomers, given `order` without repeats.
  [[nodiscard]] double share_liked(const std::function<std::vector<int>()>& order, int from, int to) const {
    double liked = 0;
    for (const int viewer : newcomers_) {
      const auto clips = order();
      for (int nth = from; nth < to; ++nth) liked += world_.likes(viewer, clips[nth]);
    }
    return liked / static_cast<double>(newcomers_.size()) / (to - from);
  }
  /// By the share of showings to anybody that went well, best first, as a service would that knows only this.
  [[nodiscard]] std::vector<int> by_popularity() const {
    std::vector<int> all(static_cast<std::size_t>(first_new_));
    for (int clip = 0; clip < first_new_; ++clip) all[clip] = clip;
    const auto rate = [&](int clip) { return (well_[clip] + 1.0) / (shown_[clip] + 4.0); };
    std::ranges::stable_sort(all, [&](int a, int b) { return rate(a) > rate(b); });
    return all;
  }
  [[nodiscard]] std::vector<int> by_chance() {
    std::vector<int> all;
    for (int i = 0; i < watched_each; ++i) all.push_back(static_cast<int>(world_.random.below(first_new_)));
    return all;
  }

 private:
  Result<void> publish() {
    const int clip = world_.add_clip();
    shown_.push_back(0);
    well_.push_back(0);
    return feed_->video_live({.id = clip_id(clip),
                              .creator = fmt::format("creator{}", clip % 400),
                              .tags = {fmt::format("topic{}", world_.topic(clip))},
                              .duration_ms = 15'000,
                              .created_at = clock_.now()});
  }
  /// `per_visit` clips; pages are asked for, and what was watched told before, as the web app does it.
  Result<void> watch(int viewer, int nth, Tally* tally) {
    auto& visit = visits_[viewer];
    for (int i = 0; i < per_visit; ++i) {
      if (std::ssize(visit.ahead) <= asked_with_left) VT_CHECK(ask(viewer, visit));
      if (visit.ahead.empty()) return {};
      const auto item = std::move(visit.ahead.front());
      visit.ahead.pop_front();
      const int clip = clip_of(item.video);
      if (tally) tally->add(nth + i, item.source, world_.likes(viewer, clip));
      visit.events.push_back(showing(viewer, clip));
    }
    return {};
  }
  Result<void> ask(int viewer, Visit& visit) {
    if (!visit.events.empty()) VT_CHECK(feed_->record(viewer_id(viewer), visit.events));
    visit.events.clear();
    VT_TRY(auto page, feed_->page({.viewer = viewer_id(viewer), .limit = page_size}));
    std::ranges::move(page.items, std::back_inserter(visit.ahead));
    return {};
  }
  feed::WatchEvent showing(int viewer, int clip) {
    const bool likes = world_.likes(viewer, clip);
    const bool finishes = world_.random.uniform() < (likes ? liked_finish : disliked_finish);
    ++shown_[clip];
    well_[clip] += finishes;
    feed::WatchEvent event;
    event.id = fmt::format("event_of_persona_{:010}", events_++);
    event.video = clip_id(clip);
    event.shown_at = clock_.now();
    event.finished = finishes;
    event.watched_ms = finishes ? 15'000 : 300 + static_cast<std::int64_t>(world_.random.below(5'000));
    event.liked = finishes && likes && world_.random.uniform() < like_button;
    return event;
  }

  World world_;
  const PersonasOptions& options_;
  feed::MemoryStream stream_;
  ManualClock clock_{1'790'000'000'000};
  std::unique_ptr<feed::Feed> feed_;
  std::map<int, Visit> visits_;
  std::vector<int> people_, newcomers_;
  std::vector<int> shown_, well_;
  int first_new_ = 0, last_new_ = 0;
  int pages_ = 0, events_ = 0;
  int owed_ = 0;
};

double mean(const std::array<double, watched_each>& all, std::size_t from, std::size_t to) {
  double sum = 0;
  for (std::size_t i = from; i < to; ++i) sum += all[i];
  return sum / static_cast<double>(to - from);
}

void draw(const Tally& tally, double popularity, double chance) {
  std::printf("share of liked clips, by how many a newcomer has seen\n");
  for (std::size_t from = 0; from < watched_each; from += bucket) {
    const double share = mean(tally.liked, from, from + bucket);
    std::printf("  %2zu-%2zu  %-40s %4.0f %%\n", from + 1, from + bucket,
                std::string(static_cast<std::size_t>(share * 40 + 0.5), '#').c_str(), share * 100);
  }
  std::printf("  popularity would give %.0f %%, chance %.0f %%\n\n", popularity * 100, chance * 100);
}

}  // namespace

Result<void> bench_personas(const PersonasOptions& options) {
  if (options.viewers < 1 || options.topics < groups || options.videos < watched_each)
    return fail(Errc::invalid_argument, "at least 1 viewer, {} topics and {} videos", groups, watched_each);
  Simulation simulation(options);
  VT_CHECK(simulation.prepare());
  VT_TRY(const auto tally, simulation.play());
  const int at_once = simulation.reached();
  constexpr int rounds_max = 30;
  VT_TRY(const int rounds, simulation.wait_for_audiences(rounds_max));
  const auto best = simulation.by_popularity();
  const auto popular = [&] { return best; };
  const auto by_chance = [&] { return simulation.by_chance(); };
  const double popularity = simulation.share_liked(popular, 0, watched_each);
  const double popularity_at_30 = simulation.share_liked(popular, 27, 32);
  const double chance = simulation.share_liked(by_chance, 0, watched_each);

  std::vector<BenchResult> results;
  for (std::size_t at = 10; at <= watched_each; at += 10) {
    const double share = mean(tally.liked, at - 3, std::min<std::size_t>(at + 2, watched_each));
    results.push_back({fmt::format("liked_share_at_{}", at), share, "", "popularity", popularity_at_30,
                       popularity_at_30 > 0 ? share / popularity_at_30 : 0});
  }
  const auto alone = [&](std::string name, double value) { results.push_back({std::move(name), value, "", "", 0, 0}); };
  alone("liked_share", mean(tally.liked, 0, watched_each));
  alone("popularity_liked_share", popularity);
  alone("random_liked_share", chance);
  alone("exploration_share", tally.explored / tally.shown);
  alone("exploration_liked_share", tally.explored > 0 ? tally.explored_liked / tally.explored : 0);
  alone("new_videos", simulation.new_videos());
  alone("new_videos_reached", simulation.reached());
  alone("new_videos_reached_at_once", at_once);
  alone("rounds_until_all_reached", rounds);
  if (!options.json) {
    std::printf("%lld newcomers among %d residents; %lld topics in %d groups, each likes %d of them; %lld videos\n",
                static_cast<long long>(options.viewers), residents, static_cast<long long>(options.topics), groups,
                topics_liked, static_cast<long long>(options.videos));
    draw(tally, popularity, chance);
  }
  print_bench("feed --personas", results, options.json);
  return {};
}

}  // namespace vitrine::app
