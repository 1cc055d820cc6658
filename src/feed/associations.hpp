// What goes with what: from the histories of all viewers, which clips a history calls for next.
//
// Operation: four views of the same histories, each a score for every clip, blended.
//   together  clips that share viewers, by normalised co-occurrence, the strongest neighbours of each
//   vectors   the first singular vectors of the normalised history matrix: the taste space (an ideal low-pass filter
//             beside the linear one above, as in GF-CF; Shen et al., 2021)
//   after     what was watched soon after, by decayed counts
//   next      a linear map from two decayed sums of the history to the next clip, by ridge regression (after SLIST;
//             Choi et al., 2021); for the most watched clips only, for its cost is the cube of their number
// How much each counts is chosen on histories whose last clip was held back.
//
// Built as a whole from time to time; a pure function of the histories. Cost: clips x neighbours x 16 bytes, clips x
// dimensions x 4 bytes, and while building, (2 x head clips)^2 x 8 bytes. Const calls are thread-safe.
#pragma once
#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

namespace vitrine::feed {

/// Clips a viewer watched well, oldest first, as numbers below some count.
using History = std::vector<std::uint32_t>;

struct AssociationOptions {
  bool ordered = true;            ///< histories stand in time; without, `after` and `next` mean nothing
  std::size_t neighbours = 200;   ///< kept of each clip
  std::size_t dimensions = 256;   ///< of the taste space
  std::size_t head_clips = 4096;  ///< most watched clips that `next` knows
  std::size_t validation = 2000;  ///< histories to choose the blend on
};

/// Rows of (clip, weight), all in one piece.
class Neighbours {
 public:
  struct One {
    std::uint32_t clip;
    float weight;
  };
  [[nodiscard]] std::span<const One> of(std::uint32_t clip) const {
    return clip + 1 < starts_.size() ? std::span(all_).subspan(starts_[clip], starts_[clip + 1] - starts_[clip])
                                     : std::span<const One>();
  }
  void add_row(std::span<const One> row) {
    all_.insert(all_.end(), row.begin(), row.end());
    starts_.push_back(all_.size());
  }

 private:
  std::vector<std::size_t> starts_{0};
  std::vector<One> all_;
};

class Associations {
 public:
  using Progress = std::function<void(std::string_view what, std::size_t done, std::size_t all)>;

  static Associations build(std::span<const History> histories, std::size_t clips, const AssociationOptions& options,
                            const Progress& progress);

  /// A score for every clip, higher first; those of the history itself mean nothing.
  [[nodiscard]] std::vector<float> score(std::span<const std::uint32_t> history) const;

  enum View : std::size_t { together, vectors, after, next, view_count };
  /// What each view counts for in the blend.
  [[nodiscard]] const std::array<float, view_count>& blend() const { return blend_; }

 private:
  struct Builder;
  using Views = std::array<std::vector<float>, view_count>;
  void choose(std::span<const History> histories, const AssociationOptions& options, const Progress& progress);
  void choose_ridge(Builder& builder, const std::function<double()>& gain);
  [[nodiscard]] Views views(std::span<const std::uint32_t> history) const;

  std::size_t clips_ = 0;
  std::size_t dimensions_ = 0;
  std::vector<float> degree_;  ///< histories each clip is in
  std::vector<float> taste_;   ///< clips x dimensions
  Neighbours together_, after_;
  std::array<Neighbours, 2> next_;  ///< from the short and the long memory
  std::array<float, view_count> blend_{1, 0.3F, 0, 0};
  float fading_ = 1;   ///< of the history for `together` and `vectors`, a step
  float ridge_ = 100;  ///< of the regression behind `next`
};

}  // namespace vitrine::feed
