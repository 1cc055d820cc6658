// Pages of the first engine: candidates from tagged sources, a score, exploration, spacing.
//
// The cost is bounded whatever the catalogue's size: each source gives a bounded number of candidates from an index of
// its own; only when they run out is the catalogue swept, from a random place and no further than needed.
#include <queue>

#include "feed/rates.hpp"

namespace vitrine::feed {
namespace {

// Candidates taken from each source.
constexpr std::size_t liked_tags_max = 8, best_of_tag_max = 48, newest_of_tag_max = 24;
constexpr std::size_t liked_creators_max = 6, clips_of_creator_max = 8;
constexpr std::size_t followed_creators_max = 64, clips_of_followed_max = 4;
constexpr std::size_t clips_of_topic_max = 24;
constexpr std::size_t popular_max = 640;
constexpr std::size_t owed_oldest_max = 16, owed_newest_max = 32, owed_random_max = 48;
constexpr std::size_t candidates_wanted = 160;  // fewer than this: sweep
constexpr std::size_t sweep_all_max = 400;      // a catalogue so small is taken whole
constexpr std::size_t reranked_max = 160;

constexpr double taste_prior = 1.5;  // evidence at which a taste counts half
constexpr double told_by_taste_min = 0.05;

// Spacing.
constexpr std::size_t spacing_window = 8;
constexpr double disliked_taste = -0.4;  // below it a clip is not even explored

struct Candidate {
  ClipNumber clip = 0;
  bool popular = false, followed = false, owed = false;
  double unknown = 1;  ///< how little is known of it, 1: nothing
  double co_watch = 0;
  double score = 0;
  double taste = 0, by_creator = 0;
  std::optional<TagNumber> best_tag, topic;
  bool taken = false;
};

double effect(const Taste& taste, Minute now) {
  const double left = taste_decay(now - taste.at);
  return taste.sum * left / (taste.evidence * left + taste_prior);
}

/// The clips of several creators as one list, the newest first.
class Newest {
 public:
  void add(const std::vector<ClipNumber>& clips) {
    if (!clips.empty()) push(clips, clips.size() - 1);
  }
  [[nodiscard]] bool empty() const { return heads_.empty(); }
  [[nodiscard]] ClipNumber first() const { return heads_.top().number; }
  template <class Condition>
  void drop_while(const Condition& condition) {
    while (!empty() && condition(first())) {
      const auto head = heads_.top();
      heads_.pop();
      if (head.place > 0) push(*head.clips, head.place - 1);
    }
  }

 private:
  struct Head {
    ClipNumber number = 0;
    const std::vector<ClipNumber>* clips = nullptr;
    std::size_t place = 0;
    bool operator<(const Head& other) const { return number < other.number; }
  };
  void push(const std::vector<ClipNumber>& clips, std::size_t at) { heads_.push({clips[at], &clips, at}); }

  std::priority_queue<Head> heads_;
};

}  // namespace

/// One page in the making.
class PageMaker {
 public:
  PageMaker(const RateEngine& engine, const Query& query)
      : engine_(engine),
        query_(query),
        settings_(engine.settings_),
        now_(std::max(query.now, engine.now_)),
        random_(query.seed),
        model_trust_(engine.ranker_.trust(engine.settings_.half_trust)),
        choices_(engine.choices(query.viewer)),
        viewer_(choices_ && !choices_->preferences.personalised ? nullptr : engine.profile(query.viewer)) {}

  Ranking for_you();
  Ranking following();
  Ranking fresh();

 private:
  [[nodiscard]] bool excluded(ClipNumber number) const {
    if (!engine_.clip(number)) return true;
    if (viewer_ && viewer_->seen.has(number)) return true;
    return query_.withheld && query_.withheld->count(number) != 0;
  }

  void read_choices();
  [[nodiscard]] bool muted(const ClipState& clip) const;
  [[nodiscard]] Newest newest_of_followed() const;
  /// By somebody else than its creator a viewer gets nothing that they do not want.
  [[nodiscard]] bool is_repostable(ClipNumber number) const {
    return !excluded(number) && !muted(*engine_.clip(number));
  }

  // Candidates.
  Candidate* add(ClipNumber number);
  [[nodiscard]] std::size_t place_of(ClipNumber number) const;
  void grow_places();
  void add_co_watched();
  void add_followed();
  void add_taste();
  void add_topics();
  void add_clips_of(TagNumber tag, std::size_t best_max, std::size_t newest_max);
  void add_popular();
  void add_owed();
  void sweep();

  // Score.
  void read_tastes();
  void score_all();
  void score(Candidate& candidate);
  [[nodiscard]] double value(const Candidate& candidate, const ClipState& clip) const;
  [[nodiscard]] double tag_effect(TagNumber tag, bool& known);

  // Page.
  void fill(Ranking& out);
  [[nodiscard]] std::vector<bool> exploring_slots();
  [[nodiscard]] bool explore(Ranking& out);
  template <class Score>
  [[nodiscard]] Candidate* best_to_explore(bool owed, const Score& score_of);
  [[nodiscard]] Candidate* next_best();
  [[nodiscard]] double spacing_cost(ClipNumber number) const;
  [[nodiscard]] Pick explain(const Candidate& candidate) const;
  void take(Ranking& out, Candidate& candidate, Pick pick);

  const RateEngine& engine_;
  const Query& query_;
  const Settings& settings_;
  Minute now_;
  Random random_;
  double model_trust_;
  const Choices* choices_;
  const ViewerState* viewer_;  ///< null: nothing is known, or must not be

  std::vector<Candidate> candidates_;
  std::vector<Candidate*> best_;                ///< of them, best first
  std::vector<std::uint32_t> places_;           ///< hash table by clip of 1 + index into candidates_
  bool complete_ = false;                       ///< the candidates are all there is
  std::vector<TagNumber> topics_, muted_tags_;  ///< sorted
  std::vector<CreatorNumber> muted_creators_;   ///< sorted
  std::vector<std::pair<std::uint32_t, double>> tag_effects_, creator_effects_;  ///< sorted by key
  std::vector<ClipNumber> page_;                                                 ///< with what came just before
};

void PageMaker::read_choices() {
  if (!choices_) return;
  const auto numbers = [](const auto& index, const std::vector<std::string>& texts) {
    std::vector<std::uint32_t> out;
    for (const auto& text : texts)
      if (const auto found = index.find(text); found != index.end()) out.push_back(found->second);
    std::ranges::sort(out);
    return out;
  };
  const auto& chosen = choices_->preferences;
  topics_ = numbers(engine_.tag_numbers_, chosen.topics);
  muted_tags_ = numbers(engine_.tag_numbers_, chosen.muted_tags);
  muted_creators_ = numbers(engine_.creator_numbers_, chosen.muted_creators);
}

bool PageMaker::muted(const ClipState& clip) const {
  if (muted_creators_.empty() && muted_tags_.empty()) return false;
  if (std::ranges::binary_search(muted_creators_, clip.creator)) return true;
  return std::ranges::any_of(clip.tags, [&](TagNumber tag) { return std::ranges::binary_search(muted_tags_, tag); });
}

Candidate* PageMaker::add(ClipNumber number) {
  if ((candidates_.size() + 1) * 2 > places_.size()) grow_places();
  const auto place = place_of(number);
  if (places_[place] != 0) return &candidates_[places_[place] - 1];
  if (excluded(number) || muted(*engine_.clip(number))) return nullptr;
  candidates_.emplace_back().clip = number;
  places_[place] = static_cast<std::uint32_t>(candidates_.size());
  return &candidates_.back();
}

std::size_t PageMaker::place_of(ClipNumber number) const {
  const std::size_t mask = places_.size() - 1;
  std::size_t place = static_cast<std::size_t>(mix(number)) & mask;
  while (places_[place] != 0 && candidates_[places_[place] - 1].clip != number) place = (place + 1) & mask;
  return place;
}

void PageMaker::grow_places() {
  places_.assign(std::max<std::size_t>(2048, places_.size() * 2), 0);
  candidates_.reserve(places_.size() / 2);
  for (std::size_t i = 0; i < candidates_.size(); ++i)
    places_[place_of(candidates_[i].clip)] = static_cast<std::uint32_t>(i + 1);
}

void PageMaker::add_co_watched() {
  if (!viewer_) return;
  for (const auto& recent : viewer_->recent) {
    const auto* from = engine_.clip(recent.clip);
    if (!from) continue;
    for (const auto& neighbour : from->neighbours) {
      auto* candidate = add(neighbour.clip);
      if (!candidate) continue;
      const auto& to = *engine_.clip(neighbour.clip);
      const double together = neighbour.weight * co_watch_decay(now_ - neighbour.at);
      const double alone = std::sqrt((from->watched_well.evidence(co_watch_decay, now_) + 4) *
                                     (to.watched_well.evidence(co_watch_decay, now_) + 4));
      candidate->co_watch += together / alone / static_cast<double>(limits::recent_per_viewer_max);
    }
  }
}

void PageMaker::add_followed() {
  if (!choices_ || choices_->followed.empty()) return;
  const auto& all = choices_->followed;
  const std::size_t start = random_.below(all.size());
  for (std::size_t i = 0; i < std::min(all.size(), followed_creators_max); ++i) {
    const auto& clips = engine_.creators_[all[(start + i) % all.size()]].clips;
    std::size_t taken = 0;
    for (auto at = clips.rbegin(); at != clips.rend() && taken < clips_of_followed_max; ++at)
      if (add(*at)) ++taken;
  }
}

void PageMaker::add_taste() {
  if (!viewer_) return;
  const auto best_first = [](auto effects) {
    std::erase_if(effects, [](const auto& entry) { return entry.second <= 0; });
    std::ranges::sort(effects, [](const auto& a, const auto& b) { return a.second > b.second; });
    return effects;
  };
  const auto tags = best_first(tag_effects_);
  for (std::size_t i = 0; i < std::min(tags.size(), liked_tags_max); ++i)
    add_clips_of(tags[i].first, best_of_tag_max, newest_of_tag_max);
  const auto creators = best_first(creator_effects_);
  for (std::size_t i = 0; i < std::min(creators.size(), liked_creators_max); ++i) {
    const auto& clips = engine_.creators_[creators[i].first].clips;
    std::size_t taken = 0;
    for (auto at = clips.rbegin(); at != clips.rend() && taken < clips_of_creator_max; ++at)
      if (add(*at)) ++taken;
  }
}

void PageMaker::add_topics() {
  for (const auto tag : topics_) add_clips_of(tag, clips_of_topic_max, clips_of_topic_max);
}

void PageMaker::add_clips_of(TagNumber number, std::size_t best_max, std::size_t newest_max) {
  const auto& tag = engine_.tags_[number];
  std::size_t taken = 0;
  for (std::size_t i = 0; i < tag.best.clips.size() && taken < best_max; ++i)
    if (add(tag.best.clips[i])) ++taken;
  taken = 0;
  for (auto at = tag.newest.rbegin(); at != tag.newest.rend() && taken < newest_max; ++at)
    if (add(*at)) ++taken;
}

void PageMaker::add_popular() {
  std::size_t taken = 0;
  for (const auto number : engine_.popular_.clips) {
    if (taken == popular_max) break;
    if (auto* candidate = add(number)) {
      candidate->popular = true;
      ++taken;
    }
  }
}

/// Those that wait longest, the newest, and some from anywhere between.
void PageMaker::add_owed() {
  const auto& owed = engine_.owed_;
  if (owed.empty()) return;
  const ClipNumber first = owed.at_or_after(0), last = owed.before(clip_number_max + 1);
  auto at = first;
  for (std::size_t i = 0; i < owed_oldest_max && at != NumberSet::none; ++i, at = owed.at_or_after(at + 1)) add(at);
  at = last;
  for (std::size_t i = 0; i < owed_newest_max && at != NumberSet::none; ++i, at = owed.before(at)) add(at);
  for (std::size_t i = 0; i < owed_random_max; ++i)
    add(owed.at_or_after(first + static_cast<ClipNumber>(random_.below(last - first + 1))));
}

/// All of a small catalogue, or as much of a large one as is wanted, from a random place on.
void PageMaker::sweep() {
  const std::size_t count = engine_.clips_.size();
  const bool all = engine_.live_ <= sweep_all_max;
  const std::size_t start = random_.below(count);
  for (std::size_t i = 0; i < count; ++i) {
    if (!all && candidates_.size() >= candidates_wanted) return;
    add(static_cast<ClipNumber>((start + i) % count));
  }
  complete_ = true;
}

void PageMaker::read_tastes() {
  if (!viewer_) return;
  const auto read = [this](const std::vector<Taste>& tastes, double curiosity) {
    std::vector<std::pair<std::uint32_t, double>> out;
    for (const auto& taste : tastes) {
      const double open = curiosity / std::sqrt(1 + taste.evidence);
      out.emplace_back(taste.key, effect(taste, now_) + open * Random(query_.seed ^ mix(taste.key)).bell());
    }
    std::ranges::sort(out);
    return out;
  };
  tag_effects_ = read(viewer_->tags, settings_.curiosity);
  creator_effects_ = read(viewer_->creators, 0);
}

double PageMaker::tag_effect(TagNumber tag, bool& known) {
  const auto found = std::ranges::lower_bound(tag_effects_, tag, {}, &std::pair<std::uint32_t, double>::first);
  known = found != tag_effects_.end() && found->first == tag;
  if (known) return found->second;
  return settings_.curiosity * Random(query_.seed ^ mix(tag)).bell();
}

/// What the showing is expected to come to: by rates and taste, and by the model.
double PageMaker::value(const Candidate& candidate, const ClipState& clip) const {
  const double by_rates = engine_.expected(clip, now_) + candidate.taste;
  if (model_trust_ <= 0) return by_rates;
  static const ViewerTraits stranger;
  const auto showing = RateEngine::showing_of(candidate.clip, clip, Surface::for_you, now_);
  const auto heads = engine_.ranker_.predict(showing, viewer_ ? viewer_->traits : stranger);
  double by_model = 0;
  for (std::size_t head = 0; head < head_count; ++head) by_model += settings_.heads[head] * heads.of[head];
  return by_rates + model_trust_ * (by_model - by_rates);
}

void PageMaker::score(Candidate& candidate) {
  const auto& clip = *engine_.clip(candidate.clip);
  double tags = 0, best = told_by_taste_min;
  for (const auto tag : clip.tags) {
    if (std::ranges::binary_search(topics_, tag)) candidate.topic = tag;
    bool known = false;
    const double one = tag_effect(tag, known);
    tags += one;
    if (known && one > best) {
      best = one;
      candidate.best_tag = tag;
    }
  }
  if (!clip.tags.empty()) tags /= std::sqrt(static_cast<double>(clip.tags.size()));
  const auto creator =
      std::ranges::lower_bound(creator_effects_, clip.creator, {}, &std::pair<std::uint32_t, double>::first);
  if (creator != creator_effects_.end() && creator->first == clip.creator)
    candidate.by_creator = settings_.creator * creator->second;
  candidate.followed = choices_ && std::ranges::binary_search(choices_->followed, clip.creator);
  candidate.taste = settings_.taste * tags + candidate.by_creator;
  const double evidence = clip.quality.evidence(public_decay, now_);
  candidate.owed = engine_.is_owed(clip);
  candidate.unknown = 1 / std::sqrt(1 + evidence);
  const double open = settings_.doubt / std::sqrt(1 + evidence / clip_strength);
  candidate.score = value(candidate, clip) + settings_.co_watch * candidate.co_watch +
                    (candidate.followed ? settings_.followed : 0) + (candidate.topic ? settings_.topic : 0) +
                    open * (0.5 + Random(query_.seed ^ mix(~std::uint64_t{candidate.clip})).bell());
}

/// What a candidate needs is scattered over memory: it is fetched while those before it are scored.
void PageMaker::score_all() {
  constexpr std::size_t see = 6, see_more = 12, judge = 18;
  const std::size_t count = candidates_.size();
  for (std::size_t i = 0; i < count + judge; ++i) {
    const auto reached = [&](std::size_t step) { return i >= step && i - step < count; };
    if (reached(0)) engine_.prefetch_place(candidates_[i].clip);
    if (reached(see)) engine_.prefetch_state(candidates_[i - see].clip);
    if (reached(see_more)) engine_.prefetch_traits(candidates_[i - see_more].clip);
    if (reached(judge)) score(candidates_[i - judge]);
  }
}

// --- the page ------------------------------------------------------------------------------------------------

double PageMaker::spacing_cost(ClipNumber number) const {
  const auto& clip = *engine_.clip(number);
  const double watched = viewer_ ? viewer_->clips_seen : 0;
  const double tags_cost = settings_.same_topics + settings_.same_topics_stranger / ((1 + watched) * (1 + watched));
  double cost = 0;
  double nearness = 1;
  const std::size_t window = std::min(page_.size(), spacing_window);
  for (std::size_t back = 1; back <= window; ++back) {
    const auto* other = engine_.clip(page_[page_.size() - back]);
    if (!other) continue;
    if (other->creator == clip.creator) cost += settings_.same_creator * nearness;
    std::size_t shared = 0;
    for (const auto tag : clip.tags)
      if (!std::ranges::binary_search(topics_, tag))  // of what was asked for there may be more
        shared += static_cast<std::size_t>(std::ranges::count(other->tags, tag));
    if (shared > 0) {
      const auto larger = static_cast<double>(std::max(clip.tags.size(), other->tags.size()));
      cost += tags_cost * nearness * static_cast<double>(shared) / larger;
    }
    nearness *= 0.75;
  }
  return cost;
}

Candidate* PageMaker::next_best() {
  Candidate* best = nullptr;
  double best_score = 0;
  for (auto* candidate : best_) {
    if (candidate->taken) continue;
    if (best && candidate->score <= best_score) break;  // sorted: nothing later can win
    const double score = candidate->score - spacing_cost(candidate->clip);
    if (!best || score > best_score) {
      best = candidate;
      best_score = score;
    }
  }
  return best;
}

/// One in so many on average; never the very first of a longer page, which should simply be good.
std::vector<bool> PageMaker::exploring_slots() {
  std::vector<bool> out(query_.limit);
  const double per = engine_.owed_.empty() ? settings_.slot_in : settings_.slot_in_while_owed;
  const double wanted = static_cast<double>(query_.limit) / per;
  auto exploring = static_cast<std::size_t>(wanted);
  if (random_.uniform() < wanted - static_cast<double>(exploring)) ++exploring;
  const std::size_t first = query_.limit >= 4 ? 1 : 0;
  while (exploring > 0) {
    const std::size_t slot = first + random_.below(query_.limit - first);
    if (out[slot]) continue;
    out[slot] = true;
    --exploring;
  }
  return out;
}

/// One slot for a clip that is owed an audience: by turns the one that has waited longest, and the one that promises
/// most to this viewer. When nobody is owed any, for one that little is known about.
bool PageMaker::explore(Ranking& out) {
  const bool by_waiting = random_.below(3) == 0;
  const auto owed_score = [&](const Candidate& candidate) {
    return by_waiting ? -static_cast<double>(candidate.clip) : candidate.score - spacing_cost(candidate.clip);
  };
  if (auto* owed = best_to_explore(true, owed_score)) {
    take(out, *owed, {owed->clip, Source::fresh, "New: you are among its first viewers"});
    return true;
  }
  const auto open_score = [&](const Candidate& candidate) {
    return random_.bell() * candidate.unknown + 0.3 * candidate.taste;
  };
  auto* open = best_to_explore(false, open_score);
  if (open) take(out, *open, {open->clip, Source::explore, "Something different, to find out what you like"});
  return open != nullptr;
}

template <class Score>
Candidate* PageMaker::best_to_explore(bool owed, const Score& score_of) {
  Candidate* best = nullptr;
  double best_score = 0;
  for (auto& candidate : candidates_) {
    if (candidate.taken || candidate.owed != owed || candidate.taste < disliked_taste) continue;
    const double score = score_of(candidate);
    if (best && score <= best_score) continue;
    best = &candidate;
    best_score = score;
  }
  return best;
}

Pick PageMaker::explain(const Candidate& candidate) const {
  const auto& clip = *engine_.clip(candidate.clip);
  if (candidate.followed) return {candidate.clip, Source::followed, "From someone you follow"};
  if (candidate.topic)
    return {candidate.clip, Source::topic, fmt::format("You chose #{}", engine_.tags_[*candidate.topic].text)};
  if (settings_.co_watch * candidate.co_watch > std::max(candidate.taste, told_by_taste_min))
    return {candidate.clip, Source::co_watched, "People who watched what you just watched liked this too"};
  if (candidate.best_tag && candidate.taste > told_by_taste_min)
    return {candidate.clip, Source::taste,
            fmt::format("Because you watch #{}", engine_.tags_[*candidate.best_tag].text)};
  if (candidate.by_creator > told_by_taste_min)
    return {candidate.clip, Source::taste, "From a creator whose clips you watch"};
  if (engine_.is_owed(clip)) return {candidate.clip, Source::fresh, "New: you are among its first viewers"};
  if (candidate.popular) return {candidate.clip, Source::popular, "Many people watch this to the end"};
  return {candidate.clip, Source::explore, "Something different, to find out what you like"};
}

void PageMaker::take(Ranking& out, Candidate& candidate, Pick pick) {
  candidate.taken = true;
  pick.score = candidate.score;
  page_.push_back(pick.clip);
  out.picks.push_back(std::move(pick));
}

void PageMaker::fill(Ranking& out) {
  for (auto& candidate : candidates_) best_.push_back(&candidate);
  const auto count = std::min(best_.size(), reranked_max);
  std::ranges::partial_sort(
      best_, best_.begin() + static_cast<std::ptrdiff_t>(count),
      [](const auto* a, const auto* b) { return a->score != b->score ? a->score > b->score : a->clip < b->clip; });
  best_.resize(count);  // the order of the others is the library's own affair
  for (const bool exploring : exploring_slots()) {
    if (exploring && explore(out)) continue;
    auto* best = next_best();
    if (!best) break;
    take(out, *best, explain(*best));
  }
}

Ranking PageMaker::for_you() {
  page_.assign(query_.just_before.begin(), query_.just_before.end());
  read_choices();
  read_tastes();
  add_co_watched();
  add_followed();
  add_taste();
  add_topics();
  add_popular();
  add_owed();
  sweep();
  score_all();
  Ranking out;
  fill(out);
  out.end = complete_ && out.picks.size() == candidates_.size();
  out.candidates = candidates_.size();
  return out;
}

/// Newest first: what the followed creators made, and what was reposted to the viewer by its time.
Ranking PageMaker::following() {
  Ranking out;
  out.end = true;
  read_choices();
  Newest own = newest_of_followed();
  auto reposts = query_.reposts;
  const auto is_taken = [&](ClipNumber number) {
    return std::ranges::find(out.picks, number, &Pick::clip) != out.picks.end();
  };
  while (true) {
    own.drop_while([&](ClipNumber number) { return excluded(number) || is_taken(number); });
    while (!reposts.empty() && (!is_repostable(reposts.front().clip) || is_taken(reposts.front().clip)))
      reposts = reposts.subspan(1);
    if (own.empty() && reposts.empty()) break;
    if (out.picks.size() == query_.limit) {
      out.end = false;
      break;
    }
    const bool is_repost =
        !reposts.empty() && (own.empty() || engine_.clip(own.first())->created <= reposts.front().at);
    auto& pick = out.picks.emplace_back();
    pick.clip = is_repost ? reposts.front().clip : own.first();
    pick.source = is_repost ? Source::reposted : Source::followed;
    pick.text = is_repost ? "Reposted by someone you follow" : "From someone you follow";
  }
  return out;
}

Newest PageMaker::newest_of_followed() const {
  Newest newest;
  if (!choices_) return newest;
  for (const auto creator : choices_->followed) newest.add(engine_.creators_[creator].clips);
  return newest;
}

/// Newest first, the same for everybody but for what they have seen.
Ranking PageMaker::fresh() {
  Ranking out;
  out.end = true;
  for (std::size_t number = engine_.clips_.size(); number-- > 1;) {
    const auto clip = static_cast<ClipNumber>(number);
    if (excluded(clip)) continue;
    if (out.picks.size() == query_.limit) {
      out.end = false;
      break;
    }
    out.picks.push_back({clip, Source::fresh, "Among the newest"});
  }
  return out;
}

Ranking RateEngine::rank(const Query& query) const {
  PageMaker page(*this, query);
  switch (query.mode) {
    case Mode::for_you: return page.for_you();
    case Mode::following: return page.following();
    case Mode::fresh: return page.fresh();
  }
  return {};
}

}  // namespace vitrine::feed
