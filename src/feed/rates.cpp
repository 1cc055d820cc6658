#include "feed/rates.hpp"

#include "feed/prefetch.hpp"

namespace vitrine::feed {
namespace {

constexpr std::size_t best_per_tag = 96, best_overall = 384;
constexpr std::size_t newest_per_tag = 128;
constexpr double taste_keep = 0.97;  // of older evidence, at each new event on the same tag or creator
constexpr double action_bonus = 0.3;
constexpr double not_interested_weight = 2, report_weight = 4;
constexpr double not_interested_taste = -0.6, report_taste = -1.2;
constexpr std::array<std::int64_t, 5> group_ends_ms{8'000, 16'000, 31'000, 61'000, 181'000};

std::size_t group_of(std::int64_t duration_ms) {
  return static_cast<std::size_t>(std::ranges::upper_bound(group_ends_ms, duration_ms) - group_ends_ms.begin());
}

double watched_share(const Entry& entry, const ClipState& clip) {
  if (clip.duration_ms <= 0) return entry.finished ? 1.0 : 0.0;
  return static_cast<double>(entry.watched_ms) / static_cast<double>(clip.duration_ms);
}

bool is_rejection(const Entry& entry) { return entry.not_interested || entry.reported; }

/// How far a viewer's word is trusted: a farm's fresh viewers weigh little.
double trust_in(const ViewerState& viewer) { return std::min(1.0, (1.0 + viewer.clips_seen) / limits::newcomer_clips); }

/// Of whom nothing may be known.
constexpr double unprofiled_trust = 1.0 / limits::newcomer_clips;

std::uint64_t showing_key(std::string_view viewer, ClipNumber clip) { return mix(hash_of(viewer) ^ mix(clip)); }

/// Adds to the taste of that key; the weakest makes room.
void add_taste(std::vector<Taste>& tastes, std::size_t size_max, std::uint32_t key, double deviation, double weight,
               Minute now) {
  auto found = std::ranges::find(tastes, key, &Taste::key);
  if (found == tastes.end()) {
    if (tastes.size() < size_max) {
      found = tastes.insert(tastes.end(), Taste{});
    } else {
      found = std::ranges::min_element(tastes, {}, &Taste::evidence);
    }
    *found = Taste{key, 0, 0, static_cast<std::int32_t>(now)};
  }
  const double kept = taste_keep * taste_decay(now - found->at);
  found->sum = static_cast<float>(found->sum * kept + deviation * weight);
  found->evidence = static_cast<float>(found->evidence * kept + weight);
  found->at = static_cast<std::int32_t>(now);
}

}  // namespace

std::size_t DurationGroup::bin_of(double share) {
  return std::min(bins - 1, static_cast<std::size_t>(std::clamp(share / share_max, 0.0, 1.0) * bins));
}

void DurationGroup::add(double share) {
  counts_[bin_of(share)] += 1;
  total_ += 1;
  if (total_ < evidence_max) return;
  for (auto& count : counts_) count *= 0.5F;
  total_ *= 0.5F;
}

double DurationGroup::rank(double share) const {
  const auto own = bin_of(share);
  double below = 0;
  for (std::size_t bin = 0; bin < own; ++bin) below += counts_[bin];
  below += 0.5 * counts_[own];
  return (below + prior_evidence * std::min(1.0, share)) / (total_ + prior_evidence);
}

RateEngine::RateEngine() {
  clips_.emplace_back();  // number 0 is no clip
  ranker_.set(settings_.learning);
}

/// What a showing needs is scattered over memory: it is fetched, step by step, while those before it are learned.
void RateEngine::fold(std::span<const Entry> entries) {
  constexpr std::size_t find = 3, see = 6, see_more = 9, learn = 12;
  std::array<ClipNumber, learn> guesses{};  // of what find() will say: good enough for fetching
  const std::size_t count = entries.size();
  for (std::size_t i = 0; i < count + learn; ++i) {
    const auto reached = [&](std::size_t step) { return i >= step && i - step < count; };
    const auto guess = [&](std::size_t step) -> ClipNumber& { return guesses[(i - step) % learn]; };
    if (reached(0)) prefetch_index(entries[i]);
    if (reached(find)) prefetch_place(guess(find) = clip_numbers_.guess(entries[i - find].video));
    if (reached(see)) prefetch_state(guess(see));
    if (reached(see_more)) {
      prefetch_traits(guess(see_more));
      prefetch_neighbours(guess(see_more));
    }
    if (reached(learn)) fold_one(entries[i - learn]);
  }
}

void RateEngine::prefetch_index(const Entry& entry) const {
  events_.prefetch(entry.event);
  clip_numbers_.prefetch(entry.video);
}

void RateEngine::fold_one(const Entry& entry) {
  now_ = std::max(now_, entry.at);
  switch (entry.kind) {
    case Kind::watch: fold_watch(entry); break;
    case Kind::video: fold_video(entry); break;
    case Kind::removed: fold_removed(entry); break;
    case Kind::follow: fold_follow(entry); break;
    case Kind::forget: fold_forget(entry); break;
    case Kind::preferences: fold_preferences(entry); break;
    case Kind::settings: fold_settings(entry); break;
  }
}

// --- clips ---------------------------------------------------------------------------------------------------

void RateEngine::fold_video(const Entry& entry) {
  if (holds(entry)) return;
  Tags tags;
  for (std::size_t i = 0; i < entry.tag_count; ++i) {
    if (tags_.size() >= limits::tags_known_max && !tag_numbers_.contains(entry.tags[i])) continue;
    const auto tag = tag_number(entry.tags[i]);
    if (std::ranges::find(tags, tag) == tags.end()) tags.push_back(tag);
  }
  auto number = find(entry.video).value_or(0);
  const bool is_new = number == 0;
  if (is_new) {
    if (clips_.size() > clip_number_max) return;
    number = static_cast<ClipNumber>(clips_.size());
    clips_.push_back(std::make_unique<ClipState>());
    clips_.back()->id = entry.video;
    clip_numbers_.add(entry.video, number);
    owed_.insert(number);
    ++live_;
  }
  auto& state = *clips_[number];
  state.listed &= 1;
  state.tags = std::move(tags);
  state.duration_ms = entry.duration_ms;
  state.created = entry.created;
  for (const auto tag : state.tags) {
    auto& newest = tags_[tag].newest;
    newest.push_back(number);
    if (newest.size() > 2 * newest_per_tag) newest.erase(newest.begin(), newest.begin() + newest_per_tag);
  }
  if (is_new || creators_[state.creator].id != entry.creator) {
    if (!is_new) std::erase(creators_[state.creator].clips, number);
    state.creator = creator_number(entry.creator);
    auto& by_creator = creators_[state.creator].clips;
    by_creator.push_back(number);
    if (by_creator.size() > limits::clips_per_creator_max) by_creator.erase(by_creator.begin());
  }
  if (live_ > limits::live_clips_max) {
    while (!clip(oldest_live_)) ++oldest_live_;
    remove(oldest_live_);
  }
}

void RateEngine::fold_removed(const Entry& entry) {
  if (const auto number = find(entry.video)) remove(*number);
}

void RateEngine::remove(ClipNumber number) {
  auto& state = clips_[number];
  clip_numbers_.remove(state->id, [this](ClipNumber clip) -> std::string_view { return clips_[clip]->id; });
  owed_.erase(number);
  std::erase(creators_[state->creator].clips, number);
  state.reset();
  ranker_.remove_clip(number);
  --live_;
}

// --- watching ------------------------------------------------------------------------------------------------

void RateEngine::fold_watch(const Entry& entry) {
  const bool is_new = events_.add(entry.event);
  const auto number = find(entry.video);
  if (!number || !is_new) return;
  if (is_unprofiled(entry.viewer)) return fold_unprofiled_watch(entry, *number);
  auto& state = *clips_[*number];
  auto& watcher = touch_viewer(entry.viewer);
  const auto before = watcher.seen.add(*number, limits::seen_per_viewer_max);
  if (before == 0) {
    ++watcher.clips_seen;
    count_audience(entry, *number);
  }
  if (before >= limits::learned_per_viewer_and_clip_max && !is_rejection(entry)) return;
  if (before >= 2 * limits::learned_per_viewer_and_clip_max) return;

  const double outcome = outcome_of(entry, state);
  const double repeat = 1.0 / (1.0 + before);
  const double weight = repeat * public_weight(entry, state, trust_in(watcher));
  learn_taste(entry, state, watcher, outcome, repeat);
  learn_showing(entry, *number, watcher.traits, outcome, weight);
  if (outcome >= watched_well_min && before == 0) learn_co_watch(*number, watcher, outcome, weight);
  expire_viewers();
}

/// Teaches what all see and nothing about who watched.
void RateEngine::fold_unprofiled_watch(const Entry& entry, ClipNumber number) {
  if (!unprofiled_showings_.add(showing_key(entry.viewer, number))) return;
  count_audience(entry, number);
  const double outcome = outcome_of(entry, *clips_[number]);
  ViewerTraits nobody;
  learn_showing(entry, number, nobody, outcome, public_weight(entry, *clips_[number], unprofiled_trust));
}

void RateEngine::count_audience(const Entry& entry, ClipNumber number) {
  if (!entry.served) return;
  auto& state = *clips_[number];
  ++state.audience;
  if (!is_owed(state)) owed_.erase(number);
}

void RateEngine::learn_showing(const Entry& entry, ClipNumber number, ViewerTraits& traits, double outcome,
                               double weight) {
  auto& state = *clips_[number];
  ranker_.learn(showing_of(number, state, entry.surface, entry.shown), traits, heads_of(entry, state),
                static_cast<float>(std::min(1.0, weight)));
  if (entry.served && entry.watched_ms > 0) watch_times_.add(state.duration_ms, entry.watched_ms);
  if (entry.served) {
    learn_public(number, outcome, weight);
  } else {
    state.untrusted += static_cast<float>(weight);
    state.quality.add(public_decay, now_, outcome, weight);
  }
}

Outcome RateEngine::heads_of(const Entry& entry, const ClipState& state) const {
  const auto as = [](bool happened) { return happened ? 1.0F : 0.0F; };
  Outcome out;
  out.known = static_cast<std::uint16_t>(out.known & ~entry.unsaid);
  out.heads[Head::view] = as(entry.view);
  out.heads[Head::finish] = as(entry.finished);
  out.heads[Head::like] = as(entry.liked);
  out.heads[Head::share] = as(entry.shared);
  out.heads[Head::follow] = as(entry.followed);
  out.heads[Head::comment] = as(entry.commented);
  out.heads[Head::not_interested] = as(entry.not_interested);
  out.heads[Head::report] = as(entry.reported);
  out.heads[Head::watch] = watch_times_.rank(state.duration_ms, entry.watched_ms);
  return out;
}

Showing RateEngine::showing_of(ClipNumber number, const ClipState& state, Surface surface, Minute at) {
  return {.clip = number,
          .creator = state.creator,
          .tags = state.tags,
          .length_ms = state.duration_ms,
          .surface = static_cast<std::uint8_t>(surface),
          .at = at};
}

Heads RateEngine::predict(std::string_view id, ClipNumber number, Surface surface, Minute at) const {
  static const ViewerTraits stranger;
  const auto* state = is_unprofiled(id) ? nullptr : profile(id);
  const auto* shown = clip(number);
  return shown ? ranker_.predict(showing_of(number, *shown, surface, at), state ? state->traits : stranger) : Heads{};
}

double RateEngine::watch_ms(ClipNumber number, float watch) const {
  const auto* shown = clip(number);
  return shown ? watch_times_.at_rank(shown->duration_ms, watch) : 0;
}

double RateEngine::outcome_of(const Entry& entry, const ClipState& state) {
  if (is_rejection(entry)) return 0;
  const double share = watched_share(entry, state);
  auto& group = groups_[group_of(state.duration_ms)];
  double outcome = 0.5 * std::min(1.0, share) + 0.5 * group.rank(share);
  if (entry.served) group.add(share);  // made-up showings must not shift what is usual
  if (entry.liked || entry.shared || entry.followed || entry.commented) outcome = std::max(outcome, 0.5) + action_bonus;
  return std::min(outcome, 1.0);
}

/// What this event may move in what everybody sees. The tests of a click farm hold it to that.
double RateEngine::public_weight(const Entry& entry, const ClipState& state, double trust) {
  double weight = trust;
  if (!entry.served)
    weight = std::min(weight * limits::unserved_weight, std::max(0.0, limits::untrusted_weight_max - state.untrusted));
  if (entry.reported) return weight * report_weight;
  if (entry.not_interested) return weight * not_interested_weight;
  return weight;
}

void RateEngine::learn_public(ClipNumber number, double outcome, double weight) {
  auto& state = *clips_[number];
  state.quality.add(public_decay, now_, outcome, weight);
  creators_[state.creator].quality.add(public_decay, now_, outcome, weight);
  for (const auto tag : state.tags) tags_[tag].quality.add(public_decay, now_, outcome, weight);
  global_.add(public_decay, now_, outcome, weight);
  keep_best(number);
}

void RateEngine::learn_taste(const Entry& entry, const ClipState& state, ViewerState& watcher, double outcome,
                             double weight) {
  const double global = global_.mean(public_decay, now_, outcome_prior, global_strength);
  const double mood = watcher.mood.mean(taste_decay, now_, global, 5) - global;
  double deviation = outcome - std::clamp(expected(state, now_) + mood, 0.0, 1.0);
  watcher.mood.add(taste_decay, now_, outcome, weight);
  if (entry.not_interested) deviation = std::min(deviation, not_interested_taste);
  if (entry.reported) deviation = std::min(deviation, report_taste);
  // A rejection is mostly of this maker's kind of clip, less of the topic.
  const double creator_weight = is_rejection(entry) ? 3 : weight;
  for (const auto tag : state.tags) add_taste(watcher.tags, limits::tags_per_viewer_max, tag, deviation, weight, now_);
  add_taste(watcher.creators, limits::creators_per_viewer_max, state.creator, deviation, creator_weight, now_);
}

void RateEngine::learn_co_watch(ClipNumber number, ViewerState& watcher, double outcome, double trust) {
  auto& state = *clips_[number];
  state.watched_well.add(co_watch_decay, now_, 1, trust);
  for (const auto& other : watcher.recent) {
    if (other.clip == number || !clip(other.clip)) continue;
    const double together = outcome * other.weight * trust;
    add_neighbour(state, other.clip, together);
    add_neighbour(*clips_[other.clip], number, together);
  }
  if (watcher.recent.size() >= limits::recent_per_viewer_max) watcher.recent.erase(watcher.recent.begin());
  watcher.recent.push_back({number, static_cast<float>(outcome), static_cast<std::int32_t>(now_)});
}

/// The weakest makes room, and leaves the newcomer its weight to start from (space-saving counts) only if it is
/// lighter.
void RateEngine::add_neighbour(ClipState& state, ClipNumber other, double weight) {
  auto& all = state.neighbours;
  auto found = std::ranges::find(all, other, &Neighbour::clip);
  if (found == all.end()) {
    if (all.size() < limits::neighbours_per_clip_max) {
      all.push_back({other, static_cast<float>(weight), static_cast<std::int32_t>(now_)});
      return;
    }
    found = std::ranges::min_element(all, {}, &Neighbour::weight);
    const double left = found->weight * co_watch_decay(now_ - found->at);
    if (left > weight) {
      found->weight = static_cast<float>(left * 0.9);
      found->at = static_cast<std::int32_t>(now_);
      return;
    }
    *found = {other, 0, static_cast<std::int32_t>(now_)};
  }
  found->weight = static_cast<float>(found->weight * co_watch_decay(now_ - found->at) + weight);
  found->at = static_cast<std::int32_t>(now_);
}

// --- lists of the best ---------------------------------------------------------------------------------------

void RateEngine::keep_best(ClipNumber number) {
  const auto& state = *clips_[number];
  const double score = popularity(state, now_);
  offer(popular_, best_overall, number, std::nullopt, score);
  for (const auto tag : state.tags) offer(tags_[tag].best, best_per_tag, number, tag, score);
}

void RateEngine::offer(BestClips& list, std::size_t size, ClipNumber number, std::optional<TagNumber> tag,
                       double score) {
  const auto bit_of = [tag](const ClipState& state) {
    if (!tag) return std::uint16_t{1};
    const auto at = std::ranges::find(state.tags, *tag) - state.tags.begin();
    return at == std::ssize(state.tags) ? std::uint16_t{0} : static_cast<std::uint16_t>(2u << at);
  };
  auto& state = *clips_[number];
  if ((state.listed & bit_of(state)) || score < list.threshold) return;
  state.listed = static_cast<std::uint16_t>(state.listed | bit_of(state));
  list.clips.push_back(number);
  if (list.clips.size() < 2 * size) return;

  std::vector<std::pair<double, ClipNumber>> ranked;
  ranked.reserve(list.clips.size());
  for (const auto listed : list.clips) {
    const auto* other = clip(listed);
    if (other && (other->listed & bit_of(*other))) ranked.emplace_back(-popularity(*other, now_), listed);
  }
  std::ranges::sort(ranked);
  // A clip whose tags were taken away and given back may stand here twice.
  ranked.erase(std::unique(ranked.begin(), ranked.end()), ranked.end());
  list.clips.clear();
  list.threshold = ranked.size() < size ? -1 : -ranked[size - 1].first;
  for (std::size_t i = 0; i < ranked.size(); ++i) {
    auto& other = *clips_[ranked[i].second];
    if (i < size) {
      list.clips.push_back(ranked[i].second);
    } else {
      other.listed = static_cast<std::uint16_t>(other.listed & ~bit_of(other));
    }
  }
}

double RateEngine::expected(const ClipState& state, Minute now) const {
  const double global = global_.mean(public_decay, now, outcome_prior, global_strength);
  const double creator = creators_[state.creator].quality.mean(public_decay, now, global, creator_strength);
  double tags = 0;
  for (const auto tag : state.tags) tags += tags_[tag].quality.mean(public_decay, now, global, tag_strength);
  const double prior =
      state.tags.empty() ? creator : 0.5 * creator + 0.5 * tags / static_cast<double>(state.tags.size());
  return state.quality.mean(public_decay, now, prior, clip_strength);
}

void RateEngine::prefetch_place(ClipNumber number) const {
  if (number < clips_.size()) feed::prefetch(&clips_[number], sizeof clips_[number]);
  ranker_.prefetch_place(number);
}

void RateEngine::prefetch_state(ClipNumber number) const { feed::prefetch(clip(number), sizeof(ClipState)); }

void RateEngine::prefetch_traits(ClipNumber number) const {
  const auto* state = clip(number);
  if (!state) return;
  ranker_.prefetch(number, state->creator);
  feed::prefetch(&creators_[state->creator], sizeof(CreatorState));
}

void RateEngine::prefetch_neighbours(ClipNumber number) const {
  if (const auto* state = clip(number))
    feed::prefetch(state->neighbours.data(), state->neighbours.size() * sizeof(Neighbour));
}

double RateEngine::popularity(const ClipState& state, Minute now) const {
  constexpr double doubt = 0.5;
  const double evidence = state.quality.evidence(public_decay, now);
  return state.quality.mean(public_decay, now, outcome_prior, clip_strength) - doubt / std::sqrt(1 + evidence);
}

// --- viewers -------------------------------------------------------------------------------------------------

void RateEngine::fold_follow(const Entry& entry) {
  if (!entry.on && !choices(entry.viewer)) return;
  const auto creator = creator_number(entry.creator);
  auto& all = choices_[std::string(entry.viewer)].followed;
  const auto at = std::ranges::lower_bound(all, creator);
  const bool there = at != all.end() && *at == creator;
  if (entry.on && !there && all.size() < limits::followed_per_viewer_max) all.insert(at, creator);
  if (!entry.on && there) all.erase(at);
}

void RateEngine::fold_preferences(const Entry& entry) {
  const auto texts = [](const std::vector<std::string_view>& all) {
    return std::vector<std::string>(all.begin(), all.end());
  };
  if (entry.unprofiled)
    unprofiled_.emplace(entry.viewer);
  else if (const auto was = unprofiled_.find(entry.viewer); was != unprofiled_.end())
    unprofiled_.erase(was);
  choices_[std::string(entry.viewer)].preferences = {.personalised = !entry.unprofiled,
                                                     .topics = texts(entry.topics),
                                                     .muted_tags = texts(entry.muted_tags),
                                                     .muted_creators = texts(entry.muted_creators)};
}

void RateEngine::fold_settings(const Entry& entry) {
  auto settings = parse_settings(entry.text);
  if (!settings) return;  // the reader lets none such through
  settings_ = std::move(*settings);
  ranker_.set(settings_.learning);
  owed_.clear();
  for (ClipNumber i = 0; i < clips_.size(); ++i)
    if (clips_[i] && is_owed(*clips_[i])) owed_.insert(i);
}

void RateEngine::fold_forget(const Entry& entry) {
  if (entry.everything) {
    if (const auto found = choices_.find(entry.viewer); found != choices_.end()) choices_.erase(found);
    if (const auto found = unprofiled_.find(entry.viewer); found != unprofiled_.end()) unprofiled_.erase(found);
  }
  const auto found = viewer_index_.find(entry.viewer);
  if (found == viewer_index_.end()) return;
  auto& state = *found->second;
  if (!entry.everything) {
    state.tags.clear();
    state.creators.clear();
    state.recent.clear();
    state.mood = {};
    state.traits = ViewerTraits(hash_of(state.id));
    return;
  }
  const auto place = found->second;
  viewer_index_.erase(found);
  viewers_.erase(place);
}

ViewerState& RateEngine::touch_viewer(std::string_view id) {
  profile_reads_.fetch_add(1, std::memory_order_relaxed);
  const auto found = viewer_index_.find(id);
  if (found != viewer_index_.end()) {
    viewers_.splice(viewers_.begin(), viewers_, found->second);
  } else {
    viewers_.emplace_front().id = id;
    viewers_.front().traits = ViewerTraits(hash_of(id));
    viewer_index_.emplace(viewers_.front().id, viewers_.begin());
  }
  viewers_.front().last_at = static_cast<std::int32_t>(now_);
  return viewers_.front();
}

void RateEngine::expire_viewers() {
  while (!viewers_.empty() &&
         (viewers_.size() > limits::viewers_max || viewers_.back().last_at + limits::viewer_idle_minutes_max < now_)) {
    viewer_index_.erase(viewers_.back().id);
    viewers_.pop_back();
  }
}

// --- look-ups ------------------------------------------------------------------------------------------------

const ViewerState* RateEngine::profile(std::string_view id) const {
  profile_reads_.fetch_add(1, std::memory_order_relaxed);
  const auto found = viewer_index_.find(id);
  return found == viewer_index_.end() ? nullptr : &*found->second;
}

const Choices* RateEngine::choices(std::string_view id) const {
  const auto found = choices_.find(id);
  return found == choices_.end() ? nullptr : &found->second;
}

bool RateEngine::is_unprofiled(std::string_view id) const { return !unprofiled_.empty() && unprofiled_.contains(id); }

Preferences RateEngine::preferences(std::string_view id) const {
  const auto* chosen = choices(id);
  return chosen ? chosen->preferences : Preferences();
}

TagNumber RateEngine::tag_number(std::string_view text) {
  if (const auto found = tag_numbers_.find(text); found != tag_numbers_.end()) return found->second;
  const auto number = static_cast<TagNumber>(tags_.size());
  tags_.emplace_back().text = text;
  tag_numbers_.emplace(tags_.back().text, number);
  return number;
}

CreatorNumber RateEngine::creator_number(std::string_view id) {
  if (const auto found = creator_numbers_.find(id); found != creator_numbers_.end()) return found->second;
  const auto number = static_cast<CreatorNumber>(creators_.size());
  creators_.emplace_back().id = id;
  creator_numbers_.emplace(creators_.back().id, number);
  return number;
}

std::optional<ClipNumber> RateEngine::find(std::string_view video) const {
  const auto number = clip_numbers_.find(video, [this](ClipNumber n) -> std::string_view { return clips_[n]->id; });
  return number == 0 ? std::nullopt : std::optional(number);
}

std::string_view RateEngine::video_of(ClipNumber number) const {
  const auto* state = clip(number);
  return state ? std::string_view(state->id) : std::string_view();
}

std::int64_t RateEngine::duration_ms_of(ClipNumber number) const {
  const auto* state = clip(number);
  return state ? state->duration_ms : 0;
}

bool RateEngine::holds(const Entry& video) const {
  const auto number = find(video.video);
  if (!number) return false;
  const auto& state = *clips_[*number];
  if (state.duration_ms != video.duration_ms || state.created != video.created ||
      creators_[state.creator].id != video.creator || state.tags.size() != video.tag_count)
    return false;
  for (std::size_t i = 0; i < video.tag_count; ++i)
    if (tags_[state.tags[i]].text != video.tags[i]) return false;
  return true;
}

bool RateEngine::follows(std::string_view id, std::string_view creator) const {
  const auto* state = choices(id);
  const auto found = creator_numbers_.find(creator);
  return state && found != creator_numbers_.end() && std::ranges::binary_search(state->followed, found->second);
}

std::uint32_t RateEngine::events_of(std::string_view id, ClipNumber number) const {
  if (is_unprofiled(id)) return unprofiled_showings_.has(showing_key(id, number)) ? ClipCounts::count_max : 0;
  const auto* state = profile(id);
  return state ? state->seen.count(number) : 0;
}

std::vector<std::string> RateEngine::live_videos() const {
  std::vector<std::string> out;
  out.reserve(live_);
  for (const auto& state : clips_)
    if (state) out.emplace_back(state->id);
  return out;
}

std::unique_ptr<Engine> make_rate_engine() { return std::make_unique<RateEngine>(); }

}  // namespace vitrine::feed
