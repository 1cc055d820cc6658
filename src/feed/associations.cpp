#include "feed/associations.hpp"

#include <Eigen/Dense>
#include <cmath>

#include "feed/statistics.hpp"

namespace vitrine::feed {
namespace {

using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

constexpr std::size_t after_window = 15;
constexpr float after_fading = 0.8F;
constexpr std::size_t history_max = 400;  ///< the newest of a history
constexpr std::array<float, 2> memories{0.5F, 0.95F};
constexpr float memory_min = 0.02F;
constexpr std::array<float, 2> ridges{60, 300};
constexpr int subspace_rounds = 5;
constexpr std::size_t top_for_choice = 10;
constexpr float popularity_weight = 1e-6F;  // decides where nothing else does

std::span<const std::uint32_t> newest(std::span<const std::uint32_t> history, std::size_t count) {
  return history.last(std::min(history.size(), count));
}

/// Adds up weights by clip without clearing everything in between.
class Sums {
 public:
  explicit Sums(std::size_t size) : sums_(size) {}
  void add(std::uint32_t clip, float weight) {
    if (sums_[clip] == 0) touched_.push_back(clip);
    sums_[clip] += weight;
  }
  /// The strongest `count` but `self`, strongest first; then empty again.
  std::vector<Neighbours::One> take_strongest(std::size_t count, std::uint32_t self,
                                              const std::function<float(std::uint32_t, float)>& weigh) {
    std::vector<Neighbours::One> out;
    for (const auto clip : touched_) {
      if (clip != self) out.push_back({clip, weigh(clip, sums_[clip])});
      sums_[clip] = 0;
    }
    touched_.clear();
    const auto stronger = [](const auto& a, const auto& b) {
      return a.weight != b.weight ? a.weight > b.weight : a.clip < b.clip;
    };
    const auto kept = static_cast<std::ptrdiff_t>(std::min(count, out.size()));
    std::ranges::partial_sort(out, out.begin() + kept, stronger);
    out.resize(static_cast<std::size_t>(kept));
    return out;
  }

 private:
  std::vector<float> sums_;
  std::vector<std::uint32_t> touched_;
};

/// Makes the columns orthonormal (Cholesky QR, twice for accuracy).
void orthonormalise(Matrix& columns) {
  for (int round = 0; round < 2; ++round) {
    Eigen::MatrixXf gram = columns.transpose() * columns;
    gram.diagonal().array() += 1e-6F * gram.diagonal().maxCoeff();
    const Eigen::LLT<Eigen::MatrixXf> factor(gram);
    Matrix solved = factor.matrixL().solve(columns.transpose()).transpose();
    columns.swap(solved);
  }
}

}  // namespace

/// Builds all views of one set of histories.
struct Associations::Builder {
  std::span<const History> histories;
  const AssociationOptions& options;
  const Progress& progress;
  Associations& out;
  struct Place {
    std::uint32_t history, at;
  };
  std::vector<std::vector<Place>> places;  ///< by clip

  void index() {
    out.degree_.assign(out.clips_, 0);
    places.assign(out.clips_, {});
    for (std::uint32_t h = 0; h < histories.size(); ++h)
      for (std::uint32_t at = 0; at < histories[h].size(); ++at) places[histories[h][at]].push_back({h, at});
    for (std::size_t clip = 0; clip < out.clips_; ++clip) out.degree_[clip] = static_cast<float>(places[clip].size());
  }

  /// Everything but `next`.
  void build() {
    index();
    out.together_ = out.after_ = {};
    build_together();
    if (options.ordered) build_after();
    build_vectors();
  }

  void build_together() {
    Sums sums(out.clips_);
    for (std::uint32_t clip = 0; clip < out.clips_; ++clip) {
      if (clip % 1024 == 0) progress("what is watched together", clip, out.clips_);
      for (const auto& place : places[clip]) {
        const auto history = newest(histories[place.history], history_max);
        const float weight = 1.0F / static_cast<float>(history.size());
        for (const auto other : history) sums.add(other, weight);
      }
      out.together_.add_row(sums.take_strongest(options.neighbours, clip, [&](std::uint32_t other, float sum) {
        return sum / std::sqrt(out.degree_[clip] * out.degree_[other]);
      }));
    }
  }

  void build_after() {
    Sums sums(out.clips_);
    for (std::uint32_t clip = 0; clip < out.clips_; ++clip) {
      if (clip % 1024 == 0) progress("what is watched after", clip, out.clips_);
      for (const auto& place : places[clip]) {
        const auto& history = histories[place.history];
        float weight = 1;
        for (std::size_t at = place.at + 1; at < std::min(history.size(), place.at + 1 + after_window); ++at) {
          sums.add(history[at], weight);
          weight *= after_fading;
        }
      }
      out.after_.add_row(sums.take_strongest(options.neighbours, clip, [&](std::uint32_t other, float sum) {
        return sum / (std::sqrt(out.degree_[clip]) + 1) / (std::pow(out.degree_[other], 0.3F) + 1);
      }));
    }
  }

  /// out = (normalised histories)^T (normalised histories) in, both clips x dimensions.
  void multiply(const Matrix& in, Matrix& into) {
    into.setZero(in.rows(), in.cols());
    Eigen::RowVectorXf taste(in.cols());
    for (const auto& whole : histories) {
      const auto history = newest(whole, history_max);
      if (history.empty()) continue;
      taste.setZero();
      for (const auto clip : history) taste += in.row(clip) / std::sqrt(out.degree_[clip]);
      taste /= static_cast<float>(history.size());
      for (const auto clip : history) into.row(clip) += taste / std::sqrt(out.degree_[clip]);
    }
  }

  /// The strongest directions of the normalised histories, by subspace iteration (Halko et al., 2011).
  void build_vectors() {
    const auto clips = static_cast<Eigen::Index>(out.clips_);
    const auto dimensions = std::min(static_cast<Eigen::Index>(options.dimensions), clips);
    Matrix basis(clips, dimensions), next(clips, dimensions);
    Random random(11);
    for (Eigen::Index i = 0; i < basis.size(); ++i) basis.data()[i] = static_cast<float>(random.bell());
    orthonormalise(basis);
    for (int round = 0; round < subspace_rounds; ++round) {
      progress("the taste space", static_cast<std::size_t>(round), subspace_rounds);
      multiply(basis, next);
      basis.swap(next);
      orthonormalise(basis);
    }
    out.dimensions_ = static_cast<std::size_t>(dimensions);
    out.taste_.assign(basis.data(), basis.data() + basis.size());
  }

  /// The clips that `next` knows, most watched first, and each clip's place among them (or -1).
  [[nodiscard]] std::pair<std::vector<std::uint32_t>, std::vector<int>> head() const {
    std::vector<std::uint32_t> clips(out.clips_);
    for (std::uint32_t clip = 0; clip < out.clips_; ++clip) clips[clip] = clip;
    std::ranges::stable_sort(clips, std::greater(), [&](std::uint32_t clip) { return out.degree_[clip]; });
    clips.resize(std::min(clips.size(), options.head_clips));
    std::vector<int> place(out.clips_, -1);
    for (std::size_t i = 0; i < clips.size(); ++i) place[clips[i]] = static_cast<int>(i);
    return {std::move(clips), std::move(place)};
  }

  void build_next(float ridge) {
    const auto [clips, place] = head();
    const auto size = static_cast<Eigen::Index>(clips.size());
    Matrix from = Matrix::Zero(2 * size, 2 * size), to = Matrix::Zero(2 * size, size);
    for (std::size_t h = 0; h < histories.size(); ++h) {
      if (h % 256 == 0) progress("what comes next: gathering", h, histories.size());
      gather(histories[h], place, from, to);
    }
    progress("what comes next: solving", 0, 1);
    from.diagonal().array() += ridge;
    const Eigen::LLT<Eigen::Ref<Matrix>, Eigen::Upper> factor(from);
    factor.solveInPlace(to);
    for (std::size_t memory = 0; memory < memories.size(); ++memory) keep_next(memory, clips, place, to);
  }

  /// Adds what one history says: at each step, its fading sums so far, and what came.
  void gather(const History& history, const std::vector<int>& place, Matrix& from, Matrix& to) const {
    const auto size = to.cols();
    std::vector<std::pair<Eigen::Index, float>> sums;
    for (std::size_t at = 1; at < history.size(); ++at) {
      sums.clear();
      for (std::size_t memory = 0; memory < memories.size(); ++memory) {
        float weight = 1;
        for (std::size_t back = 1; back <= at && weight >= memory_min; ++back, weight *= memories[memory])
          if (const int known = place[history[at - back]]; known >= 0)
            sums.emplace_back(static_cast<Eigen::Index>(memory) * size + known, weight);
      }
      std::ranges::sort(sums);
      for (std::size_t i = 0; i < sums.size(); ++i)
        for (std::size_t j = i; j < sums.size(); ++j)
          from(sums[i].first, sums[j].first) += sums[i].second * sums[j].second;
      if (const int came = place[history[at]]; came >= 0)
        for (const auto& [row, weight] : sums) to(row, came) += weight;
    }
  }

  void keep_next(std::size_t memory, const std::vector<std::uint32_t>& clips, const std::vector<int>& place,
                 const Matrix& map) {
    const auto size = static_cast<Eigen::Index>(clips.size());
    out.next_[memory] = {};
    std::vector<Neighbours::One> row;
    for (std::uint32_t clip = 0; clip < out.clips_; ++clip) {
      row.clear();
      if (place[clip] >= 0) {
        const auto weights = map.row(static_cast<Eigen::Index>(memory) * size + place[clip]);
        for (Eigen::Index i = 0; i < size; ++i) row.push_back({clips[static_cast<std::size_t>(i)], weights(i)});
        const auto kept = static_cast<std::ptrdiff_t>(std::min(row.size(), 4 * options.neighbours));
        std::ranges::nth_element(row, row.begin() + kept - 1, std::greater(),
                                 [](const auto& one) { return std::abs(one.weight); });
        row.resize(static_cast<std::size_t>(kept));
      }
      out.next_[memory].add_row(row);
    }
  }
};

Associations::Views Associations::views(std::span<const std::uint32_t> whole) const {
  Views out;
  for (auto& view : out) view.assign(clips_, 0);
  const auto history = newest(whole, history_max);
  if (history.empty()) return out;
  Eigen::RowVectorXf taste = Eigen::RowVectorXf::Zero(static_cast<Eigen::Index>(dimensions_));
  const Eigen::Map<const Matrix> space(taste_.data(), static_cast<Eigen::Index>(clips_),
                                       static_cast<Eigen::Index>(dimensions_));
  float weight = 1, after_weight = 1;
  std::array<float, 2> next_weight{1, 1};
  for (std::size_t back = 1; back <= history.size(); ++back) {
    const auto clip = history[history.size() - back];
    for (const auto& one : together_.of(clip)) out[together][one.clip] += weight * one.weight;
    taste += weight / std::sqrt(std::max(1.0F, degree_[clip])) * space.row(clip);
    weight *= fading_;
    if (after_weight >= memory_min)
      for (const auto& one : after_.of(clip)) out[after][one.clip] += after_weight * one.weight;
    after_weight *= after_fading;
    for (std::size_t memory = 0; memory < memories.size(); ++memory) {
      if (next_weight[memory] >= memory_min)
        for (const auto& one : next_[memory].of(clip)) out[next][one.clip] += next_weight[memory] * one.weight;
      next_weight[memory] *= memories[memory];
    }
  }
  Eigen::Map<Eigen::VectorXf>(out[vectors].data(), static_cast<Eigen::Index>(clips_)) = space * taste.transpose();
  for (std::size_t clip = 0; clip < clips_; ++clip) out[vectors][clip] *= std::sqrt(degree_[clip]);
  return out;
}

namespace {

/// Histories whose last clip is held back, and what each view says of them: the blend is chosen on these.
class Choice {
 public:
  struct Case {
    std::span<const std::uint32_t> history;
    std::uint32_t came = 0;
  };
  using Blend = std::array<float, Associations::view_count>;

  void add(Case known, std::array<std::vector<float>, Associations::view_count> views) {
    for (auto& view : views) {
      const float most = *std::ranges::max_element(view);
      for (auto& score : view) score = most > 0 ? score / most : 0;
    }
    cases_.push_back(known);
    views_.push_back(std::move(views));
  }

  /// Mean discounted gain among the first ten.
  [[nodiscard]] double gain(const Blend& blend) const {
    double sum = 0;
    for (std::size_t i = 0; i < cases_.size(); ++i) {
      const auto rank = rank_of(i, blend);
      if (rank < top_for_choice) sum += 1 / std::log2(static_cast<double>(rank) + 2);
    }
    return sum / static_cast<double>(std::max<std::size_t>(1, cases_.size()));
  }

  /// One weight after the other, twice around.
  [[nodiscard]] std::pair<Blend, double> best() const {
    Blend blend{1, 0.3F, 0, 0};
    double most = gain(blend);
    for (int round = 0; round < 2; ++round)
      for (auto& weight : blend)
        for (const float other : {0.0F, 0.15F, 0.3F, 0.6F, 1.0F, 2.0F}) {
          const float kept = std::exchange(weight, other);
          const double now = gain(blend);
          if (now > most)
            most = now;
          else
            weight = kept;
        }
    return {blend, most};
  }

 private:
  [[nodiscard]] std::size_t rank_of(std::size_t i, const Blend& blend) const {
    const auto& views = views_[i];
    const auto score = [&](std::size_t clip) {
      float sum = 0;
      for (std::size_t view = 0; view < blend.size(); ++view) sum += blend[view] * views[view][clip];
      return sum;
    };
    const float own = score(cases_[i].came);
    const auto ahead = [&](std::size_t clip) { return clip != cases_[i].came && score(clip) >= own ? 1U : 0U; };
    std::size_t rank = 0;  // of equals the last: a blend that tells nothing apart must not look good
    for (std::size_t clip = 0; clip < views[0].size(); ++clip) rank += ahead(clip);
    for (const auto seen : cases_[i].history) rank -= ahead(seen);
    return rank;
  }

  std::vector<Case> cases_;
  std::vector<std::array<std::vector<float>, Associations::view_count>> views_;
};

}  // namespace

void Associations::choose_ridge(Builder& builder, const std::function<double()>& gain) {
  double most = -1;
  for (const float ridge : ridges) {
    builder.build_next(ridge);
    const double now = gain();
    if (now > most) ridge_ = ridge;
    most = std::max(most, now);
  }
  if (ridge_ != ridges.back()) builder.build_next(ridge_);
}

void Associations::choose(std::span<const History> histories, const AssociationOptions& options,
                          const Progress& progress) {
  std::vector<History> shorter;
  for (const auto& history : histories) {
    auto& copy = shorter.emplace_back(history);
    if (copy.size() >= 3) copy.pop_back();
  }
  Builder builder{shorter, options, progress, *this, {}};
  builder.build();
  constexpr std::size_t scores_kept_max = 20'000'000;
  const std::size_t cases =
      std::clamp<std::size_t>(scores_kept_max / std::max<std::size_t>(1, clips_), 100, options.validation);
  const std::size_t step = std::max<std::size_t>(1, histories.size() / cases);
  const auto judge = [&] {
    Choice choice;
    for (std::size_t h = 0; h < histories.size(); h += step)
      if (histories[h].size() >= 3) choice.add({shorter[h], histories[h].back()}, views(shorter[h]));
    return choice;
  };
  if (options.ordered) choose_ridge(builder, [&] { return judge().gain({0, 0, 0, 1}); });
  double most = -1;
  float best_fading = 1;
  for (const float fading : {1.0F, 0.97F, 0.92F, 0.85F}) {
    if (!options.ordered && fading < 1) break;
    progress("choosing the blend", 0, 1);
    fading_ = fading;
    const auto [blend, gain] = judge().best();
    if (gain <= most) continue;
    most = gain;
    blend_ = blend;
    best_fading = fading;
  }
  fading_ = best_fading;
}

Associations Associations::build(std::span<const History> histories, std::size_t clips,
                                 const AssociationOptions& options, const Progress& progress) {
  Associations out;
  out.clips_ = clips;
  out.choose(histories, options, progress);
  Builder builder{histories, options, progress, out, {}};
  builder.build();
  if (out.blend_[next] > 0) builder.build_next(out.ridge_);
  return out;
}

std::vector<float> Associations::score(std::span<const std::uint32_t> history) const {
  auto all = views(history);
  std::vector<float> out = degree_;
  const float most_watched = std::max(1.0F, *std::ranges::max_element(degree_));
  for (float& score : out) score *= popularity_weight / most_watched;
  for (std::size_t view = 0; view < view_count; ++view) {
    if (blend_[view] == 0) continue;
    const float most = *std::ranges::max_element(all[view]);
    if (most <= 0) continue;
    for (std::size_t clip = 0; clip < clips_; ++clip) out[clip] += blend_[view] / most * all[view][clip];
  }
  return out;
}

}  // namespace vitrine::feed
