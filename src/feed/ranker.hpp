// What a showing will come to: one small model with several heads, which learns from every event as it comes.
//
// Operation: each clip, creator, tag and viewer carries a vector and running rates of outcomes (its traits). A
// showing's traits become features: rates as log-odds, drawn towards the next coarser where evidence is thin; how much
// evidence there is; and the pairwise products of the vectors, summed (a factorisation machine; Rendle, 2010). A layer
// of rectified units and a direct path lead from them to the heads. Every weight takes AdaGrad steps (Duchi et al.,
// 2011) on the logistic loss. Watch time is learned as the share of showings of clips as long that were watched less,
// so that length alone earns nothing (after D2Q; Zhan et al., 2022).
//
// Deterministic: the same events in the same order give the same bits on every machine. Not thread-safe: learn() alone,
// or any number of the const calls at a time. What is kept of a viewer is in their ViewerTraits and goes with them;
// only the weights that all share remain. predict() allocates nothing.
#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "feed/prefetch.hpp"
#include "feed/statistics.hpp"

namespace vitrine::feed {

/// What is predicted of a showing: probabilities, but for `watch`.
enum class Head : std::uint8_t {
  view,    ///< stays for a moment
  finish,  ///< watches to the end, or long enough
  like,
  share,
  follow,
  comment,
  not_interested,
  report,
  watch,  ///< share of showings of clips as long that are watched less
};
inline constexpr std::size_t head_count = 9;
[[nodiscard]] constexpr std::string_view name(Head head) {
  constexpr std::array<std::string_view, head_count> names{"view",    "finish",         "like",   "share", "follow",
                                                           "comment", "not_interested", "report", "watch"};
  return names[static_cast<std::size_t>(head)];
}

/// One value in [0, 1] for each head.
struct Heads {
  std::array<float, head_count> of{};
  [[nodiscard]] float operator[](Head head) const { return of[static_cast<std::size_t>(head)]; }
  [[nodiscard]] float& operator[](Head head) { return of[static_cast<std::size_t>(head)]; }
};

/// What a showing came to.
struct Outcome {
  Heads heads;
  std::uint16_t known = (1U << head_count) - 1;  ///< a bit for each head; what is not known teaches nothing
  [[nodiscard]] bool knows(std::size_t head) const { return (known >> head & 1U) != 0; }
};

/// A place in the space in which viewers and clips meet.
struct Embedding {
  static constexpr std::size_t size = 8;
  std::array<float, size> at{};
  std::array<float, size> slope{};  ///< sums of squared gradients

  /// Small, different for each key, the same in every run.
  [[nodiscard]] static Embedding of(std::uint64_t key);

  template <class Archive, class Self>
  static void describe(Archive& archive, Self& self) {
    archive(self.at, self.slope);
  }
};

/// Running means of the outcomes that happen often: view, finish, like, watch.
struct Rates {
  static constexpr std::size_t size = 4;
  std::array<float, size> mean{};
  std::array<float, size> count{};  ///< evidence, held to what add() calls `memory`

  void add(const Outcome& outcome, float weight, float memory);

  template <class Archive, class Self>
  static void describe(Archive& archive, Self& self) {
    archive(self.mean, self.count);
  }
};

/// Rates by a small key, at most `limit` of them: the one with the least evidence makes room.
class RatesByKey {
 public:
  explicit RatesByKey(std::size_t limit) : limit_(limit) {}
  [[nodiscard]] const Rates* find(std::uint32_t key) const;
  [[nodiscard]] Rates& at(std::uint32_t key);

  template <class Archive, class Self>
  static void describe(Archive& archive, Self& self) {
    archive.list(self.keys_);
    archive.list(self.rates_);
    if constexpr (Archive::reads)
      if (self.keys_.size() != self.rates_.size() || self.keys_.size() > self.limit_)
        archive.refuse("rates that do not fit their keys");
  }

 private:
  std::size_t limit_;
  std::vector<std::uint32_t> keys_;
  std::vector<Rates> rates_;
};

inline constexpr std::size_t length_groups = 13;  ///< of clips, by duration; the first: not known
inline constexpr std::uint8_t surfaces_max = 16;
inline constexpr std::size_t tags_max = 10;

struct Traits {  ///< of a creator or a tag
  Embedding embedding;
  Rates rates;

  template <class Archive, class Self>
  static void describe(Archive& archive, Self& self) {
    archive(self.embedding, self.rates);
  }
};
struct ClipTraits {
  Embedding embedding;
  Rates rates, lately;

  template <class Archive, class Self>
  static void describe(Archive& archive, Self& self) {
    archive(self.embedding, self.rates, self.lately);
  }
};

/// Traits by number: no two numbers share a place, and there is none for what nothing was learned of.
template <class T>
class TraitTable {
 public:
  [[nodiscard]] const T* find(std::uint32_t number) const {
    return number < all_.size() ? all_[number].get() : nullptr;
  }
  /// The learned ones, or new ones whose embedding begins at `key`.
  [[nodiscard]] T& at(std::uint32_t number, std::uint64_t key) {
    if (number >= all_.size()) all_.resize(number + 1);
    auto& place = all_[number];
    if (!place) {
      place = std::make_unique<T>();
      place->embedding = Embedding::of(key);
    }
    return *place;
  }
  void remove(std::uint32_t number) {
    if (number < all_.size()) all_[number].reset();
  }
  /// Both: find() soon after costs no wait; the first, that the second does not either.
  void prefetch_place(std::uint32_t number) const {
    if (number < all_.size()) feed::prefetch(&all_[number], sizeof all_[number]);
  }
  void prefetch(std::uint32_t number) const {
    if (const auto* found = find(number)) feed::prefetch(found, sizeof *found);
  }

  template <class Archive, class Self>
  static void describe(Archive& archive, Self& self) {
    archive.list(self.all_, [&archive](auto& place) {
      bool learned = place != nullptr;
      archive(learned);
      if constexpr (Archive::reads)
        if (learned) place = std::make_unique<T>();
      if (learned) archive(*place);
    });
  }

 private:
  std::vector<std::unique_ptr<T>> all_;
};
struct ViewerTraits {
  Embedding embedding;
  Rates rates, lately;
  std::array<Rates, length_groups> by_length{};
  RatesByKey by_surface{8}, by_tag{64}, by_creator{64};
  std::int32_t last_at = 0;          ///< minute of the newest showing; 0: none yet
  std::uint32_t visit_showings = 0;  ///< since the last pause of half an hour

  explicit ViewerTraits(std::uint64_t key = 0) : embedding(Embedding::of(key)) {}

  template <class Archive, class Self>
  static void describe(Archive& archive, Self& self) {
    archive(self.embedding, self.rates, self.lately);
    for (auto& one : self.by_length) archive(one);
    archive(self.by_surface, self.by_tag, self.by_creator, self.last_at, self.visit_showings);
  }
};

/// One showing of one clip, before or after it happened. Numbers count from 0 without large gaps.
struct Showing {
  std::uint32_t clip = 0;
  std::uint32_t creator = 0;
  std::span<const std::uint32_t> tags;  ///< at most tags_max
  std::int64_t length_ms = 0;           ///< 0: not known
  std::uint8_t surface = 0;             ///< below surfaces_max
  std::int64_t at = 0;                  ///< minute
};

/// How long clips are watched, by their length: log-spaced histograms.
class WatchTimes {
 public:
  void add(std::int64_t length_ms, std::int64_t watched_ms);
  /// Share of showings of clips as long that were watched less (half of the equal ones included).
  [[nodiscard]] float rank(std::int64_t length_ms, std::int64_t watched_ms) const;
  /// The inverse: the time, in ms, that this share of them stays below.
  [[nodiscard]] float at_rank(std::int64_t length_ms, float share) const;

  template <class Archive, class Self>
  static void describe(Archive& archive, Self& self) {
    for (auto& group : self.groups_) archive(group.counts, group.total);
  }

 private:
  static constexpr std::size_t bins = 160;
  struct Group {
    std::array<float, bins> counts{};
    float total = 0;
  };
  std::array<Group, length_groups> groups_{};
};

/// How fast it learns: the sizes of its steps, and how much evidence running rates hold at most.
struct Learning {
  float vector_step = 0, vector_pull = 0, layer_step = 0;
  float clip_memory = 0, lately_memory = 0, creator_memory = 0, tag_memory = 0;
  float viewer_memory = 0, viewer_lately_memory = 0, viewer_part_memory = 0, viewer_creator_memory = 0;
};

class Ranker {
 public:
  Ranker();
  /// From the next showing on. Nothing is learned before the first call.
  void set(const Learning& learning) { learning_ = learning; }

  /// What this showing is expected to come to. Clips, creators and tags nothing was learned of are taken as average.
  [[nodiscard]] Heads predict(const Showing& showing, const ViewerTraits& viewer) const;
  /// A step towards what it did come to. `weight` in (0, 1]: how far the event is trusted with what all see; the
  /// viewer's own traits learn in full.
  void learn(const Showing& showing, ViewerTraits& viewer, const Outcome& outcome, float weight);

  void prefetch_place(std::uint32_t clip) const { clips_.prefetch_place(clip); }
  void prefetch(std::uint32_t clip, std::uint32_t creator) const {
    clips_.prefetch(clip);
    creators_.prefetch(creator);
  }

  /// How far to believe it, in [0, 1): half once so many showings were learned.
  [[nodiscard]] double trust(double half) const {
    const auto learned = static_cast<double>(learned_);
    return learned == 0 ? 0 : learned / (learned + half);
  }
  /// A clip that is gone for good.
  void remove_clip(std::uint32_t number) { clips_.remove(number); }

  template <class Archive, class Self>
  static void describe(Archive& archive, Self& self) {
    archive(self.learned_, self.all_, self.clips_, self.creators_, self.tags_);
    for (auto& one : self.surfaces_) archive(one);
    for (auto& one : self.lengths_) archive(one);
    for (auto& surface : self.surface_lengths_)
      for (auto& one : surface) archive(one);
    for (auto& one : self.hours_) archive(one);
    archive(self.weights_, self.slopes_);
  }

  static constexpr std::size_t rate_kinds = 12;
  static constexpr std::size_t width = 72;  ///< features, a multiple of the vector units' eight lanes
  static constexpr std::size_t hidden = 32;

 private:
  struct Sight;   ///< a showing as the model sees it
  struct Answer;  ///< what the layers make of it
  using Row = std::array<float, width>;
  struct Weights {  ///< and their sums of squared gradients, row by row
    std::array<Row, hidden> in{};
    std::array<float, hidden> in_bias{};
    std::array<std::array<float, hidden>, head_count> out{};
    std::array<Row, head_count> direct{};
    std::array<float, head_count> bias{};

    template <class Archive, class Self>
    static void describe(Archive& archive, Self& self) {
      for (auto& row : self.in) archive(row);
      archive(self.in_bias);
      for (auto& row : self.out) archive(row);
      for (auto& row : self.direct) archive(row);
      archive(self.bias);
    }
  };
  /// What a step of learning changes, found once.
  struct Learned {
    ClipTraits& clip;
    Traits& creator;
    std::array<Traits*, tags_max> tags{};
  };

  [[nodiscard]] Learned learned(const Showing& showing);
  void see(const Showing& showing, const ViewerTraits& viewer, Sight& sight) const;
  void see_rates(const Showing& showing, const ViewerTraits& viewer, Sight& sight) const;
  void see_vectors(const Showing& showing, const ViewerTraits& viewer, Sight& sight) const;
  void answer(const Sight& sight, Answer& answer) const;
  void step_layers(const Sight& sight, const Answer& answer, const Heads& error, Row& slope);
  void step_vectors(const Showing& showing, ViewerTraits& viewer, Learned& learned, const Sight& sight,
                    const Row& slope, float weight);
  void count(const Showing& showing, std::size_t length, ViewerTraits& viewer, Learned& learned, const Outcome& outcome,
             float weight);

  Learning learning_;          ///< part of the settings, not of what was learned
  std::uint64_t learned_ = 0;  ///< showings
  Rates all_;
  TraitTable<ClipTraits> clips_;
  TraitTable<Traits> creators_, tags_;
  std::array<Embedding, surfaces_max> surfaces_;
  std::array<Embedding, length_groups> lengths_;
  std::array<std::array<Rates, length_groups>, surfaces_max> surface_lengths_{};
  std::array<Rates, 24> hours_{};
  Weights weights_, slopes_;
};

}  // namespace vitrine::feed
