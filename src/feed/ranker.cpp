#include "feed/ranker.hpp"

#include <cstring>

#include "feed/portable_math.hpp"

// The same arithmetic on wider registers where the processor has them: no fused or reordered operations, so the same
// bits. The sanitizers' run-time does not know such functions.
#if defined(__x86_64__) && !defined(VITRINE_SANITIZED)
#define VITRINE_WIDE __attribute__((target_clones("avx2", "default")))
#else
#define VITRINE_WIDE
#endif

namespace vitrine::feed {
namespace {

constexpr float vector_start = 0.05F;
constexpr float slope_start = 1e-2F;
constexpr float error_min = 1.0F / 1024;  // smaller ones are not worth a step
constexpr float surface_memory = 5000, hour_memory = 2000, all_memory = 20'000;
constexpr float rate_min = 0.0005F, rate_max = 0.999F;
constexpr std::int64_t visit_pause_minutes = 30;

constexpr std::array<Head, Rates::size> rated{Head::view, Head::finish, Head::like, Head::watch};
constexpr std::array<float, head_count> error_weight{1, 1, 0.5F, 0.5F, 0.5F, 0.5F, 0.5F, 0.5F, 2};
constexpr std::array<float, Rates::size> rates_start{0.5F, 0.3F, 0.02F, 0.5F};

enum RateKind : std::size_t {
  of_clip,
  of_clip_lately,
  of_creator,
  of_tags,
  of_viewer,
  of_viewer_lately,
  of_viewer_tags,
  of_viewer_surface,
  of_viewer_length,
  of_viewer_creator,
  of_surface_length,
  of_hour,
};
/// How much evidence the coarser rate counts for.
constexpr std::array<float, Ranker::rate_kinds> prior_strength{15, 15, 8, 20, 10, 1.5F, 3, 3, 3, 2, 20, 50};

constexpr std::size_t evidence_from = Ranker::rate_kinds * Rates::size;
constexpr std::size_t context_from = evidence_from + 5;
constexpr std::size_t vectors_from = context_from + 5;
constexpr std::size_t features = vectors_from + Embedding::size + 2;
static_assert(features <= Ranker::width && Ranker::width % 8 == 0);

std::size_t length_group(std::int64_t length_ms) {
  if (length_ms <= 0) return 0;
  const float octaves = log2_of(static_cast<float>(length_ms) / 1000.0F) * 1.5F;
  return 1 + static_cast<std::size_t>(std::clamp(octaves, 0.0F, static_cast<float>(length_groups - 2)));
}

std::size_t hour_of(std::int64_t minute) { return static_cast<std::size_t>((minute / 60 % 24 + 24) % 24); }

using Means = std::array<float, Rates::size>;

Means shrunk(const Rates& rates, const Means& coarser, float strength) {
  Means out;
  for (std::size_t i = 0; i < out.size(); ++i)
    out[i] = (rates.mean[i] * rates.count[i] + coarser[i] * strength) / (rates.count[i] + strength);
  return out;
}

const Rates no_rates{};

const Rates& or_none(const Rates* rates) { return rates ? *rates : no_rates; }

template <class T>
const T& or_blank(const T* traits) {
  static const T blank{};
  return traits ? *traits : blank;
}

constexpr std::size_t lane_count = 8;
using Lanes [[gnu::vector_size(lane_count * sizeof(float))]] = float;

/// out[i] += rows[i] · input, a few rows side by side, so that none waits for its own sums. Eight sums of each, added
/// in one order: the same bits on wide registers and narrow.
template <std::size_t Rows, std::size_t Width>
[[gnu::always_inline]] inline void add_few_products(const std::array<float, Width>* rows, const float* input,
                                                    float* out) {
  static_assert(Width % lane_count == 0);
  std::array<Lanes, Rows> sums{};
  for (std::size_t i = 0; i < Width; i += lane_count) {
    Lanes seen, weights;
    std::memcpy(&seen, input + i, sizeof seen);
    for (std::size_t row = 0; row < Rows; ++row) {
      std::memcpy(&weights, rows[row].data() + i, sizeof weights);
      sums[row] += weights * seen;
    }
  }
  for (std::size_t row = 0; row < Rows; ++row) {
    const auto& of = sums[row];
    out[row] += ((of[0] + of[1]) + (of[2] + of[3])) + ((of[4] + of[5]) + (of[6] + of[7]));
  }
}

template <std::size_t Width>
[[gnu::always_inline]] inline void add_products(const std::array<float, Width>* rows, std::size_t count,
                                                const float* input, float* out) {
  constexpr std::size_t side_by_side = 8;
  std::size_t row = 0;
  for (; row + side_by_side <= count; row += side_by_side) add_few_products<side_by_side>(rows + row, input, out + row);
  for (; row < count; ++row) add_few_products<1>(rows + row, input, out + row);
}

VITRINE_WIDE void add_features(const std::array<float, Ranker::width>* rows, std::size_t count, const float* seen,
                               float* out) {
  add_products(rows, count, seen, out);
}

VITRINE_WIDE void add_units(const std::array<float, Ranker::hidden>* rows, std::size_t count, const float* units,
                            float* out) {
  add_products(rows, count, units, out);
}

VITRINE_WIDE void to_shares(float* sums, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) sums[i] = sigmoid(sums[i]);
}

VITRINE_WIDE void to_logs(float* values, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) values[i] = log_of(1.0F + values[i]);
}

VITRINE_WIDE void to_log_odds(float* shares, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) shares[i] = log_odds(std::clamp(shares[i], rate_min, rate_max));
}

/// One AdaGrad step of a row along error x input; adds the error's way back to `back`.
VITRINE_WIDE void step_row(float* weights, float* slopes, const float* input, std::size_t count, float error,
                           float step, float* back) {
  for (std::size_t i = 0; i < count; ++i) {
    const float gradient = error * input[i];
    back[i] += error * weights[i];
    slopes[i] += gradient * gradient;
    weights[i] -= step * gradient / std::sqrt(slopes[i]);
  }
}

using Vector = std::array<float, Embedding::size>;

VITRINE_WIDE void step_vector(Embedding& embedding, const Vector& gradient, float pull, float step) {
  for (std::size_t k = 0; k < Embedding::size; ++k) {
    const float pulled = gradient[k] + pull * embedding.at[k];
    embedding.slope[k] += pulled * pulled;
    embedding.at[k] -= step * pulled / std::sqrt(embedding.slope[k] + slope_start);
  }
}

void step_one(float& weight, float& slope, float gradient, float step) {
  slope += gradient * gradient;
  weight -= step * gradient / std::sqrt(slope);
}

}  // namespace

Embedding Embedding::of(std::uint64_t key) {
  Embedding out;
  Random random(mix(key));
  for (float& x : out.at) x = vector_start * static_cast<float>(2 * random.uniform() - 1);
  return out;
}

void Rates::add(const Outcome& outcome, float weight, float memory) {
  for (std::size_t i = 0; i < size; ++i) {
    if (!outcome.knows(static_cast<std::size_t>(rated[i]))) continue;
    count[i] = std::min(memory, count[i] + weight);
    mean[i] += weight * (outcome.heads[rated[i]] - mean[i]) / std::max(count[i], weight);
  }
}

const Rates* RatesByKey::find(std::uint32_t key) const {
  const auto found = std::ranges::find(keys_, key);
  return found == keys_.end() ? nullptr : &rates_[static_cast<std::size_t>(found - keys_.begin())];
}

Rates& RatesByKey::at(std::uint32_t key) {
  if (const auto found = std::ranges::find(keys_, key); found != keys_.end())
    return rates_[static_cast<std::size_t>(found - keys_.begin())];
  if (keys_.size() < limit_) {
    keys_.push_back(key);
    return rates_.emplace_back();
  }
  const auto evidence = [](const Rates& rates) { return *std::ranges::max_element(rates.count); };
  const auto least = std::ranges::min_element(rates_, {}, evidence);
  keys_[static_cast<std::size_t>(least - rates_.begin())] = key;
  return *least = {};
}

// --- watch times ---------------------------------------------------------------------------------------------

namespace {
constexpr float bins_per_octave = 8;  // 160 bins: up to 2^20 tenths of a second, 29 hours

float bin_place(std::int64_t watched_ms) {
  return log2_of(1.0F + static_cast<float>(std::max<std::int64_t>(watched_ms, 0)) / 100.0F) * bins_per_octave;
}
constexpr float group_total_max = 100'000;
}  // namespace

void WatchTimes::add(std::int64_t length_ms, std::int64_t watched_ms) {
  auto& group = groups_[length_group(length_ms)];
  group.counts[std::min(bins - 1, static_cast<std::size_t>(bin_place(watched_ms)))] += 1;
  group.total += 1;
  if (group.total < group_total_max) return;
  for (auto& count : group.counts) count *= 0.5F;
  group.total *= 0.5F;
}

float WatchTimes::rank(std::int64_t length_ms, std::int64_t watched_ms) const {
  const auto& group = groups_[length_group(length_ms)];
  const auto own = std::min(bins - 1, static_cast<std::size_t>(bin_place(watched_ms)));
  // One showing of the kind "watched half of it" stands in while there are none.
  const float share = length_ms > 0 ? static_cast<float>(watched_ms) / static_cast<float>(length_ms) : 0.5F;
  float below = std::clamp(share, 0.0F, 1.0F);
  for (std::size_t bin = 0; bin < own; ++bin) below += group.counts[bin];
  return (below + 0.5F * group.counts[own]) / (group.total + 1);
}

float WatchTimes::at_rank(std::int64_t length_ms, float share) const {
  const auto& group = groups_[length_group(length_ms)];
  if (group.total <= 0) return share * static_cast<float>(length_ms);
  float left = std::clamp(share, 0.0F, 1.0F) * group.total;
  std::size_t bin = 0;
  while (bin + 1 < bins && left > group.counts[bin]) left -= group.counts[bin++];
  const float within = group.counts[bin] > 0 ? std::min(1.0F, left / group.counts[bin]) : 0;
  return (exp2_of((static_cast<float>(bin) + within) / bins_per_octave) - 1.0F) * 100.0F;
}

// --- the model -----------------------------------------------------------------------------------------------

struct Ranker::Sight {
  std::size_t length = 0;  ///< group
  alignas(32) Row features{};
  std::array<float, Embedding::size> sum{};   ///< of all vectors
  std::array<float, Embedding::size> tags{};  ///< mean of the tags' vectors
};

struct Ranker::Answer {
  std::array<float, hidden> units{};  ///< rectified
  Heads heads;
};

Ranker::Ranker() {
  all_.mean = rates_start;
  all_.count.fill(100);
  for (std::size_t i = 0; i < surfaces_.size(); ++i) surfaces_[i] = Embedding::of(0x5'0000 + i);
  for (std::size_t i = 0; i < lengths_.size(); ++i) lengths_[i] = Embedding::of(0x6'0000 + i);
  Random random(3);
  for (auto& row : weights_.in)
    for (std::size_t i = 0; i < features; ++i) row[i] = 0.12F * static_cast<float>(random.bell());
  for (auto& row : weights_.out)
    for (auto& weight : row) weight = 0.12F * static_cast<float>(random.bell());
  for (std::size_t head = 0; head < head_count; ++head) weights_.bias[head] = -3;
  for (std::size_t i = 0; i < rated.size(); ++i)
    weights_.bias[static_cast<std::size_t>(rated[i])] = log_odds(rates_start[i]);
  for (auto& row : slopes_.in) row.fill(slope_start);
  slopes_.in_bias.fill(slope_start);
  for (auto& row : slopes_.out) row.fill(slope_start);
  for (auto& row : slopes_.direct) row.fill(slope_start);
  slopes_.bias.fill(slope_start);
}

void Ranker::see_rates(const Showing& showing, const ViewerTraits& viewer, Sight& sight) const {
  const auto& clip = or_blank(clips_.find(showing.clip));
  const auto& creator = or_blank(creators_.find(showing.creator));
  const auto length = sight.length;
  const auto& creator_seen = or_none(viewer.by_creator.find(showing.creator));

  std::array<Means, rate_kinds + 1> means;  // and what is usual
  const auto see_one = [&](RateKind kind, const Rates& rates, const Means& coarser) {
    means[kind] = shrunk(rates, coarser, prior_strength[kind]);
  };
  see_one(of_viewer, viewer.rates, all_.mean);
  Means tags = all_.mean, viewer_tags = means[of_viewer];
  float tags_evidence = 0;
  if (!showing.tags.empty()) {
    tags.fill(0);
    viewer_tags.fill(0);
    const float part = 1.0F / static_cast<float>(showing.tags.size());
    for (const auto tag : showing.tags) {
      const auto& seen = or_none(viewer.by_tag.find(tag));
      const auto one = shrunk(or_blank(tags_.find(tag)).rates, all_.mean, prior_strength[of_tags]);
      const auto own = shrunk(seen, means[of_viewer], prior_strength[of_viewer_tags]);
      for (std::size_t i = 0; i < Rates::size; ++i) tags[i] += part * one[i];
      for (std::size_t i = 0; i < Rates::size; ++i) viewer_tags[i] += part * own[i];
      tags_evidence += part * seen.count[1];
    }
  }
  means[of_tags] = tags;
  means[of_viewer_tags] = viewer_tags;
  see_one(of_creator, creator.rates, tags);
  see_one(of_clip, clip.rates, means[of_creator]);
  see_one(of_clip_lately, clip.lately, means[of_clip]);
  see_one(of_viewer_lately, viewer.lately, means[of_viewer]);
  see_one(of_viewer_surface, or_none(viewer.by_surface.find(showing.surface)), means[of_viewer]);
  see_one(of_viewer_length, viewer.by_length[length], means[of_viewer]);
  see_one(of_viewer_creator, creator_seen, means[of_viewer]);
  see_one(of_surface_length, surface_lengths_[showing.surface % surfaces_max][length], all_.mean);
  see_one(of_hour, hours_[hour_of(showing.at)], all_.mean);

  constexpr std::array<float, Rates::size> scale{1, 1, 0.5F, 1};
  means.back() = all_.mean;
  to_log_odds(means.front().data(), means.size() * Rates::size);
  float* out = sight.features.data();
  for (std::size_t kind = 0; kind < rate_kinds; ++kind)
    for (std::size_t i = 0; i < Rates::size; ++i) *out++ = scale[i] * (means[kind][i] - means.back()[i]);
  std::array<float, context_from - evidence_from> evidence{clip.rates.count[1], viewer.rates.count[1], tags_evidence,
                                                           creator_seen.count[1], creator.rates.count[1]};
  to_logs(evidence.data(), evidence.size());
  for (const float log : evidence) *out++ = 0.25F * log - 0.5F;
}

void Ranker::see_vectors(const Showing& showing, const ViewerTraits& viewer, Sight& sight) const {
  const auto& clip = or_blank(clips_.find(showing.clip)).embedding;
  const auto& creator = or_blank(creators_.find(showing.creator)).embedding;
  const auto& surface = surfaces_[showing.surface % surfaces_max];
  const auto& length = lengths_[sight.length];
  if (!showing.tags.empty()) {
    const float part = 1.0F / static_cast<float>(showing.tags.size());
    for (const auto tag : showing.tags) {
      const auto& at = or_blank(tags_.find(tag)).embedding.at;
      for (std::size_t k = 0; k < Embedding::size; ++k) sight.tags[k] += part * at[k];
    }
  }
  float with_clip = 0, with_tags = 0;
  for (std::size_t k = 0; k < Embedding::size; ++k) {
    const std::array<float, 6> all{viewer.embedding.at[k], clip.at[k],    creator.at[k],
                                   sight.tags[k],          surface.at[k], length.at[k]};
    float sum = 0, squares = 0;
    for (const float x : all) {
      sum += x;
      squares += x * x;
    }
    sight.sum[k] = sum;
    sight.features[vectors_from + k] = 0.5F * (sum * sum - squares);
    with_clip += all[0] * all[1];
    with_tags += all[0] * all[3];
  }
  sight.features[vectors_from + Embedding::size] = with_clip;
  sight.features[vectors_from + Embedding::size + 1] = with_tags;
}

void Ranker::see(const Showing& showing, const ViewerTraits& viewer, Sight& sight) const {
  sight.length = length_group(showing.length_ms);
  see_rates(showing, viewer, sight);
  const auto pause = viewer.last_at == 0 ? 100'000 : std::max<std::int64_t>(0, showing.at - viewer.last_at) * 60;
  const auto showings = pause > visit_pause_minutes * 60 ? 1 : viewer.visit_showings + 1;
  float* context = sight.features.data() + context_from;
  *context++ = 0.4F * log_of(1.0F + static_cast<float>(showing.length_ms) / 1000.0F) - 1.6F;
  *context++ = 0.15F * log_of(1.0F + static_cast<float>(pause)) - 1.0F;
  *context++ = 0.5F * log_of(1.0F + static_cast<float>(showings)) - 0.5F;
  *context++ = showing.length_ms <= 0 ? 1 : 0;
  *context++ = showing.tags.empty() ? 1 : 0;
  see_vectors(showing, viewer, sight);
}

void Ranker::answer(const Sight& sight, Answer& answer) const {
  answer.units = weights_.in_bias;
  add_features(weights_.in.data(), hidden, sight.features.data(), answer.units.data());
  for (float& unit : answer.units) unit = std::max(0.0F, unit);
  answer.heads.of = weights_.bias;
  add_features(weights_.direct.data(), head_count, sight.features.data(), answer.heads.of.data());
  add_units(weights_.out.data(), head_count, answer.units.data(), answer.heads.of.data());
  to_shares(answer.heads.of.data(), head_count);
}

Heads Ranker::predict(const Showing& showing, const ViewerTraits& viewer) const {
  Sight sight;
  Answer out;
  see(showing, viewer, sight);
  answer(sight, out);
  return out.heads;
}

void Ranker::learn(const Showing& showing, ViewerTraits& viewer, const Outcome& outcome, float weight) {
  ++learned_;
  auto known = learned(showing);
  Sight sight;
  Answer now;
  see(showing, viewer, sight);
  answer(sight, now);
  Heads error;
  for (std::size_t head = 0; head < head_count; ++head)
    if (outcome.knows(head))
      error.of[head] = weight * error_weight[head] * (now.heads.of[head] - outcome.heads.of[head]);
  alignas(32) Row slope{};
  step_layers(sight, now, error, slope);
  step_vectors(showing, viewer, known, sight, slope, weight);
  count(showing, sight.length, viewer, known, outcome, weight);
}

Ranker::Learned Ranker::learned(const Showing& showing) {
  const auto key = [](std::uint64_t kind, std::uint32_t number) { return kind << 32 | number; };
  Learned out{.clip = clips_.at(showing.clip, key(2, showing.clip)),
              .creator = creators_.at(showing.creator, key(3, showing.creator))};
  for (std::size_t i = 0; i < showing.tags.size(); ++i)
    out.tags[i] = &tags_.at(showing.tags[i], key(4, showing.tags[i]));
  return out;
}

void Ranker::step_layers(const Sight& sight, const Answer& now, const Heads& error, Row& slope) {
  const float step = learning_.layer_step;
  std::array<float, hidden> unit_error{};
  for (std::size_t head = 0; head < head_count; ++head) {
    const float own = error.of[head];
    if (std::abs(own) < error_min) continue;
    step_row(weights_.direct[head].data(), slopes_.direct[head].data(), sight.features.data(), width, own, step,
             slope.data());
    step_row(weights_.out[head].data(), slopes_.out[head].data(), now.units.data(), hidden, own, step,
             unit_error.data());
    step_one(weights_.bias[head], slopes_.bias[head], own, step);
  }
  for (std::size_t unit = 0; unit < hidden; ++unit) {
    if (now.units[unit] <= 0 || std::abs(unit_error[unit]) < error_min) continue;
    step_row(weights_.in[unit].data(), slopes_.in[unit].data(), sight.features.data(), width, unit_error[unit], step,
             slope.data());
    step_one(weights_.in_bias[unit], slopes_.in_bias[unit], unit_error[unit], step);
  }
}

void Ranker::step_vectors(const Showing& showing, ViewerTraits& viewer, Learned& learned, const Sight& sight,
                          const Row& slope, float weight) {
  const float* pairs = slope.data() + vectors_from;
  const float with_clip = pairs[Embedding::size], with_tags = pairs[Embedding::size + 1];
  const Vector viewer_at = viewer.embedding.at, clip_at = learned.clip.embedding.at;
  const auto rest = [&](const Vector& own) {
    Vector out;
    for (std::size_t k = 0; k < out.size(); ++k) out[k] = pairs[k] * (sight.sum[k] - own[k]);
    return out;
  };
  const auto step = [&](Embedding& embedding, const Vector& gradient) {
    step_vector(embedding, gradient, learning_.vector_pull * weight, learning_.vector_step);
  };
  Vector of_viewer = rest(viewer_at), of_clip = rest(clip_at), of_tag = rest(sight.tags);
  const float part = showing.tags.empty() ? 0 : 1.0F / static_cast<float>(showing.tags.size());
  for (std::size_t k = 0; k < Embedding::size; ++k) {
    of_viewer[k] = of_viewer[k] + with_clip * clip_at[k] + with_tags * sight.tags[k];
    of_clip[k] += with_clip * viewer_at[k];
    of_tag[k] = part * (of_tag[k] + with_tags * viewer_at[k]);
  }
  step(viewer.embedding, of_viewer);
  step(learned.clip.embedding, of_clip);
  step(learned.creator.embedding, rest(learned.creator.embedding.at));
  for (std::size_t i = 0; i < showing.tags.size(); ++i) step(learned.tags[i]->embedding, of_tag);
  auto& surface = surfaces_[showing.surface % surfaces_max];
  step(surface, rest(surface.at));
  auto& length = lengths_[sight.length];
  step(length, rest(length.at));
}

void Ranker::count(const Showing& showing, std::size_t length, ViewerTraits& viewer, Learned& learned,
                   const Outcome& outcome, float weight) {
  auto& clip = learned.clip;
  clip.rates.add(outcome, weight, learning_.clip_memory);
  clip.lately.add(outcome, weight, learning_.lately_memory);
  learned.creator.rates.add(outcome, weight, learning_.creator_memory);
  for (std::size_t i = 0; i < showing.tags.size(); ++i)
    learned.tags[i]->rates.add(outcome, weight, learning_.tag_memory);
  surface_lengths_[showing.surface % surfaces_max][length].add(outcome, weight, surface_memory);
  hours_[hour_of(showing.at)].add(outcome, weight, hour_memory);
  all_.add(outcome, weight, all_memory);

  viewer.rates.add(outcome, 1, learning_.viewer_memory);
  viewer.lately.add(outcome, 1, learning_.viewer_lately_memory);
  viewer.by_length[length].add(outcome, 1, learning_.viewer_part_memory);
  viewer.by_surface.at(showing.surface).add(outcome, 1, learning_.viewer_part_memory);
  for (const auto tag : showing.tags) viewer.by_tag.at(tag).add(outcome, 1, learning_.viewer_part_memory);
  viewer.by_creator.at(showing.creator).add(outcome, 1, learning_.viewer_creator_memory);
  if (showing.at - viewer.last_at > visit_pause_minutes) viewer.visit_showings = 0;
  ++viewer.visit_showings;
  viewer.last_at = static_cast<std::int32_t>(std::max<std::int64_t>(showing.at, viewer.last_at));
}

}  // namespace vitrine::feed
