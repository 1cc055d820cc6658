#include "feed/evaluation.hpp"

#include <cmath>
#include <unordered_set>

#include "feed/engine.hpp"

namespace vitrine::feed {
namespace {

constexpr std::array<std::pair<Head, std::string_view>, 8> reported{{{Head::view, "click"},
                                                                     {Head::finish, "long_view"},
                                                                     {Head::like, "like"},
                                                                     {Head::share, "share"},
                                                                     {Head::follow, "follow"},
                                                                     {Head::comment, "comment"},
                                                                     {Head::not_interested, "not_interested"},
                                                                     {Head::report, "report"}}};

/// Of an item, as long as so little was learned of it.
bool is_new(std::size_t times_learned) {
  constexpr std::size_t known_from = 10;
  return times_learned < known_from;
}

bool says(const InteractionLog& log, Head head) { return (log.known >> static_cast<unsigned>(head) & 1U) != 0; }

/// Area under the curve of pairs sorted by prediction; nothing where one outcome is missing.
template <class Range>
std::optional<double> area(Range& sorted) {
  double ranks = 0;
  std::size_t positives = 0;
  const std::size_t count = std::size(sorted);
  for (std::size_t from = 0; from < count;) {
    std::size_t to = from, here = 0;
    for (; to < count && sorted[to].predicted == sorted[from].predicted; ++to) here += sorted[to].happened ? 1 : 0;
    ranks += static_cast<double>(here) * static_cast<double>(from + to + 1) / 2;
    positives += here;
    from = to;
  }
  if (positives == 0 || positives == count) return std::nullopt;
  const auto p = static_cast<double>(positives), n = static_cast<double>(count - positives);
  return (ranks - p * (p + 1) / 2) / (p * n);
}

/// Counts by rank, with sums of prefixes (Fenwick, 1994).
class PrefixCounts {
 public:
  explicit PrefixCounts(std::size_t size) : sums_(size + 1) {}
  void add(std::size_t at) {
    for (++at; at < sums_.size(); at += at & (~at + 1)) ++sums_[at];
  }
  [[nodiscard]] std::uint64_t below(std::size_t at) const {
    std::uint64_t sum = 0;
    for (; at > 0; at &= at - 1) sum += sums_[at];
    return sum;
  }

 private:
  std::vector<std::uint64_t> sums_;
};

/// Drives one engine with logs whose users and items are numbered as `names` has them.
class Driver {
 public:
  Driver(const InteractionLog& names, const Settings& settings)
      : names_(names), numbers_(names.items.size()), learned_(names.items.size()) {
    Entry entry;
    entry.kind = Kind::settings;
    entry.text = settings.text;
    engine_->fold(entry);
  }

  /// The engine is told of a clip when it first appears.
  ClipNumber clip_of(const LogRow& row) {
    auto& number = numbers_[row.item];
    if (number != 0) return number;
    const auto& item = names_.items[row.item];
    Entry entry;
    entry.kind = Kind::video;
    entry.at = entry.created = minute_of(row);
    entry.video = item.id;
    entry.creator = item.creator.empty() ? std::string_view("unknown") : item.creator;
    entry.duration_ms = item.length_ms;
    for (const auto& tag : item.tags)
      if (entry.tag_count < entry.tags.size()) entry.tags[entry.tag_count++] = tag;
    engine_->fold(entry);
    return number = engine_->find(item.id).value_or(0);
  }

  void learn(const LogRow& row, std::uint16_t known) {
    clip_of(row);
    Entry entry;
    entry.at = entry.shown = minute_of(row);
    entry.viewer = names_.users[row.user];
    entry.video = names_.items[row.item].id;
    entry.event = ++events_;
    entry.watched_ms = row.watched_ms;
    entry.surface = static_cast<Surface>(row.surface);
    entry.view = row.happened[Head::view] > 0;
    entry.finished = row.happened[Head::finish] > 0;
    entry.liked = row.happened[Head::like] > 0;
    entry.shared = row.happened[Head::share] > 0;
    entry.followed = row.happened[Head::follow] > 0;
    entry.commented = row.happened[Head::comment] > 0;
    entry.not_interested = row.happened[Head::not_interested] > 0;
    entry.reported = row.happened[Head::report] > 0;
    entry.served = true;
    entry.unsaid = static_cast<std::uint16_t>(~known & ((1U << head_count) - 1));
    engine_->fold(entry);
    ++learned_[row.item];
  }

  void learn_all(const InteractionLog& log, const Progress& progress) {
    for (std::size_t i = 0; i < log.rows.size(); ++i) {
      if (i % progress_rows == 0) progress("learning what came before", i, log.rows.size());
      learn(log.rows[i], log.known);
    }
  }

  Heads predict(const LogRow& row) {
    return engine_->predict(names_.users[row.user], clip_of(row), static_cast<Surface>(row.surface), minute_of(row));
  }
  [[nodiscard]] std::size_t times_learned(const LogRow& row) const { return learned_[row.item]; }
  [[nodiscard]] double watch_ms(const LogRow& row, float watch) { return engine_->watch_ms(clip_of(row), watch); }

  static constexpr std::size_t progress_rows = 4096;

 private:
  static Minute minute_of(const LogRow& row) { return row.at_ms / 60'000; }

  const InteractionLog& names_;
  std::unique_ptr<Engine> engine_ = make_rate_engine();
  std::vector<ClipNumber> numbers_;   ///< by the log's item; 0: not told yet
  std::vector<std::size_t> learned_;  ///< rows, by the log's item
  std::uint64_t events_ = 0;
};

/// The scores of one stretch of a log.
class Scores {
 public:
  explicit Scores(std::string prefix) : prefix_(std::move(prefix)) {}
  void add(const InteractionLog& log, const LogRow& row, const Heads& predicted, double watch_ms) {
    for (std::size_t i = 0; i < reported.size(); ++i)
      if (says(log, reported[i].first))
        heads_[i].add(row.user, predicted[reported[i].first], row.happened[reported[i].first] > 0);
    if (says(log, Head::watch)) watch_.add(watch_ms, static_cast<double>(row.watched_ms));
  }
  void put(Metrics& into) const {
    for (std::size_t i = 0; i < reported.size(); ++i)
      heads_[i].put(into, prefix_ + std::string(reported[i].second) + ".");
    watch_.put(into, prefix_ + "watch.");
  }

 private:
  std::string prefix_;
  std::array<HeadScore, reported.size()> heads_;
  WatchScore watch_;
};

/// The scores of a log as a whole and of its halves.
class HalvedScores {
 public:
  explicit HalvedScores(const std::string& prefix)
      : whole_(prefix), halves_{Scores("first_half." + prefix), Scores("second_half." + prefix)} {}
  void add(const InteractionLog& log, std::size_t index, Driver& driver) {
    const auto& row = log.rows[index];
    const auto predicted = driver.predict(row);
    const double watch_ms = driver.watch_ms(row, predicted[Head::watch]);
    whole_.add(log, row, predicted, watch_ms);
    halves_[index < log.rows.size() / 2 ? 0 : 1].add(log, row, predicted, watch_ms);
  }
  void put(Metrics& into) const {
    whole_.put(into);
    for (const auto& half : halves_) half.put(into);
  }

 private:
  Scores whole_;
  std::array<Scores, 2> halves_;
};

}  // namespace

void HeadScore::put(Metrics& into, const std::string& prefix) const {
  if (all_.empty()) return;
  auto sorted = all_;
  std::ranges::sort(sorted, {}, &One::predicted);
  if (const auto whole = area(sorted)) into[prefix + "auc"] = *whole;
  double loss = 0, predicted = 0, happened = 0;
  for (const auto& one : all_) {
    const double p = std::clamp(static_cast<double>(one.predicted), 1e-7, 1 - 1e-7);
    loss -= std::log(one.happened ? p : 1 - p);
    predicted += p;
    happened += one.happened ? 1 : 0;
  }
  into[prefix + "logloss"] = loss / static_cast<double>(all_.size());
  if (happened > 0) into[prefix + "calibration"] = predicted / happened;

  std::ranges::stable_sort(sorted, {}, &One::user);  // within a user still by prediction
  double weighted = 0, weight = 0;
  for (auto from = sorted.begin(); from != sorted.end();) {
    const auto to = std::find_if(from, sorted.end(), [&](const One& one) { return one.user != from->user; });
    const std::span showings(from, to);
    if (const auto own = area(showings)) {
      weighted += *own * static_cast<double>(showings.size());
      weight += static_cast<double>(showings.size());
    }
    from = to;
  }
  if (weight > 0) into[prefix + "gauc"] = weighted / weight;
}

void WatchScore::put(Metrics& into, const std::string& prefix) const {
  if (all_.empty()) return;
  double error = 0;
  std::vector<double> times;
  for (const auto& [predicted, watched] : all_) {
    error += std::abs(predicted - watched);
    times.push_back(watched);
  }
  into[prefix + "mae_s"] = error / static_cast<double>(all_.size()) / 1000;
  std::ranges::sort(times);
  const auto sorted = [&] {
    auto copy = all_;
    std::ranges::sort(copy);
    return copy;
  }();
  const auto rank = [&](double watched) {
    return static_cast<std::size_t>(std::ranges::lower_bound(times, watched) - times.begin());
  };
  // Of the showings with a smaller prediction, those watched less stand in the right order.
  PrefixCounts earlier(times.size());
  double right = 0, comparable = 0;
  for (std::size_t from = 0, to = 0; from < sorted.size(); from = to) {
    while (to < sorted.size() && sorted[to].first == sorted[from].first) ++to;
    double equal_time_pairs = 0;
    for (std::size_t i = from, run = from; i < to; ++i) {
      if (sorted[i].second != sorted[run].second) run = i;
      equal_time_pairs += static_cast<double>(i - run);
      const auto own = rank(sorted[i].second);
      const auto less = earlier.below(own), more = from - earlier.below(own + 1);
      right += static_cast<double>(less);
      comparable += static_cast<double>(less + more);
    }
    const auto size = static_cast<double>(to - from);
    const double tied = size * (size - 1) / 2 - equal_time_pairs;
    right += tied / 2;
    comparable += tied;
    for (std::size_t i = from; i < to; ++i) earlier.add(rank(sorted[i].second));
  }
  if (comparable > 0) into[prefix + "xauc"] = right / comparable;
}

Metrics prequential(const InteractionLog& log, const InteractionLog* warm, const Settings& settings,
                    const Progress& progress) {
  const auto& names = warm ? *warm : log;
  Driver online(names, settings), frozen(names, settings);
  if (warm) {
    online.learn_all(*warm, progress);
    frozen.learn_all(*warm, progress);
  }
  HalvedScores scores(""), frozen_scores("frozen.");
  double of_new = 0;
  for (std::size_t i = 0; i < log.rows.size(); ++i) {
    if (i % Driver::progress_rows == 0) progress("predicting, then learning", i, log.rows.size());
    of_new += is_new(online.times_learned(log.rows[i])) ? 1 : 0;
    scores.add(log, i, online);
    frozen_scores.add(log, i, frozen);
    online.learn(log.rows[i], log.known);
  }
  Metrics out;
  scores.put(out);
  frozen_scores.put(out);
  out["new_item_share"] = of_new / static_cast<double>(log.rows.size());
  return out;
}

// --- rankings of everything ----------------------------------------------------------------------------------

namespace {

constexpr std::array<std::size_t, 3> cuts{5, 10, 20};

/// What is positive about a row: that it was finished, or else clicked, or where a log says neither, that it is there.
bool is_wanted(const InteractionLog& log, const LogRow& row) {
  if (says(log, Head::finish)) return row.happened[Head::finish] > 0;
  return !says(log, Head::view) || row.happened[Head::view] > 0;
}

std::vector<History> histories_of(const InteractionLog& log, std::size_t users) {
  std::vector<History> out(users);
  for (const auto& row : log.rows)
    if (is_wanted(log, row)) out[row.user].push_back(row.item);
  for (auto& history : out) {  // the first of repeats stays
    std::unordered_set<std::uint32_t> had;
    std::erase_if(history, [&](std::uint32_t item) { return !had.insert(item).second; });
  }
  return out;
}

/// The best `count` items not in `history`, best first.
std::vector<std::uint32_t> best_of(const std::vector<float>& scores, const History& history, std::size_t count) {
  std::vector<bool> had(scores.size());
  for (const auto item : history) had[item] = true;
  std::vector<std::uint32_t> items;
  for (std::uint32_t item = 0; item < scores.size(); ++item)
    if (!had[item]) items.push_back(item);
  const auto better = [&](std::uint32_t a, std::uint32_t b) {
    return scores[a] != scores[b] ? scores[a] > scores[b] : a < b;
  };
  const auto kept = static_cast<std::ptrdiff_t>(std::min(count, items.size()));
  std::ranges::partial_sort(items, items.begin() + kept, better);
  items.resize(static_cast<std::size_t>(kept));
  return items;
}

/// Of how often each item was recommended: 0 when all alike, towards 1 when a few take all.
double gini(std::vector<std::size_t> counts) {
  std::ranges::sort(counts);
  double weighted = 0, sum = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    weighted += static_cast<double>(i + 1) * static_cast<double>(counts[i]);
    sum += static_cast<double>(counts[i]);
  }
  const auto size = static_cast<double>(counts.size());
  return sum == 0 ? 0 : 2 * weighted / (size * sum) - (size + 1) / size;
}

class RankingScore {
 public:
  /// `learned`: histories that each item is in.
  explicit RankingScore(std::vector<std::size_t> learned)
      : learned_(std::move(learned)), recommended_(learned_.size()) {}

  void add(const std::vector<std::uint32_t>& ranked, const std::vector<std::uint32_t>& wanted) {
    ++cases_;
    for (std::size_t cut = 0; cut < cuts.size(); ++cut) {
      double hits = 0, gain = 0, ideal = 0;
      for (std::size_t i = 0; i < std::min(ranked.size(), cuts[cut]); ++i) {
        if (std::ranges::find(wanted, ranked[i]) == wanted.end()) continue;
        hits += 1;
        gain += 1 / std::log2(static_cast<double>(i) + 2);
      }
      for (std::size_t i = 0; i < std::min(wanted.size(), cuts[cut]); ++i)
        ideal += 1 / std::log2(static_cast<double>(i) + 2);
      hit_[cut] += hits > 0 ? 1 : 0;
      recall_[cut] += hits / static_cast<double>(wanted.size());
      gain_[cut] += gain / ideal;
    }
    for (std::size_t i = 0; i < std::min<std::size_t>(ranked.size(), 10); ++i) ++recommended_[ranked[i]];
  }

  void put(Metrics& into) const {
    const auto all = static_cast<double>(std::max<std::size_t>(1, cases_));
    for (std::size_t cut = 0; cut < cuts.size(); ++cut) {
      into[fmt::format("hr@{}", cuts[cut])] = hit_[cut] / all;
      into[fmt::format("recall@{}", cuts[cut])] = recall_[cut] / all;
      into[fmt::format("ndcg@{}", cuts[cut])] = gain_[cut] / all;
    }
    into["users"] = static_cast<double>(cases_);
    const auto shown = std::ranges::count_if(recommended_, [](std::size_t count) { return count > 0; });
    into["coverage@10"] =
        static_cast<double>(shown) / static_cast<double>(std::max<std::size_t>(1, recommended_.size()));
    into["gini@10"] = gini(recommended_);
    double of_new = 0, of_all = 0;
    for (std::size_t item = 0; item < recommended_.size(); ++item) {
      of_all += static_cast<double>(recommended_[item]);
      if (is_new(learned_[item])) of_new += static_cast<double>(recommended_[item]);
    }
    into["new_item_share@10"] = of_all > 0 ? of_new / of_all : 0;
  }

 private:
  std::size_t cases_ = 0;
  std::array<double, cuts.size()> hit_{}, recall_{}, gain_{};
  std::vector<std::size_t> learned_, recommended_;
};

std::vector<std::size_t> times_in(const std::vector<History>& histories, std::size_t items) {
  std::vector<std::size_t> out(items);
  for (const auto& history : histories)
    for (const auto item : history) ++out[item];
  return out;
}

Metrics rank_everything(const std::vector<History>& known, const std::vector<History>& wanted, std::size_t items,
                        const AssociationOptions& options, const Progress& progress) {
  const auto model = Associations::build(known, items, options, progress);
  RankingScore score(times_in(known, items));
  for (std::size_t user = 0; user < wanted.size(); ++user) {
    if (user % 256 == 0) progress("ranking all items", user, wanted.size());
    if (wanted[user].empty()) continue;
    score.add(best_of(model.score(known[user]), known[user], cuts.back()), wanted[user]);
  }
  Metrics out;
  score.put(out);
  constexpr std::array<std::string_view, Associations::view_count> names{"together", "vectors", "after", "next"};
  for (std::size_t view = 0; view < names.size(); ++view)
    out["blend." + std::string(names[view])] = static_cast<double>(model.blend()[view]);
  return out;
}

}  // namespace

Metrics leave_one_out(const InteractionLog& log, const Progress& progress) {
  auto known = histories_of(log, log.users.size());
  std::vector<History> wanted(known.size());
  for (std::size_t user = 0; user < known.size(); ++user) {
    if (known[user].size() < 2) continue;
    wanted[user] = {known[user].back()};
    known[user].pop_back();
  }
  return rank_everything(known, wanted, log.items.size(), {}, progress);
}

Metrics split(const InteractionLog& log, const InteractionLog& test, const Progress& progress) {
  auto known = histories_of(log, test.users.size());
  // What a file without times lists last was not the last: any item may be held back to choose settings on.
  Random random(5);
  if (!log.has_times)
    for (auto& history : known)
      for (std::size_t i = history.size(); i > 1; --i) std::swap(history[i - 1], history[random.below(i)]);
  auto wanted = histories_of(test, test.users.size());
  for (std::size_t user = 0; user < wanted.size(); ++user)
    std::erase_if(wanted[user],
                  [&](std::uint32_t item) { return std::ranges::find(known[user], item) != known[user].end(); });
  return rank_everything(known, wanted, test.items.size(), {.ordered = log.has_times}, progress);
}

}  // namespace vitrine::feed
