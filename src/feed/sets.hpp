// Small sets and an index: the clips a viewer has seen, and the events that were taken in.
#pragma once
#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <functional>
#include <string_view>
#include <utility>
#include <vector>

#include "feed/prefetch.hpp"
#include "feed/statistics.hpp"

namespace vitrine::feed {

/// Number of a clip, in the order clips came. Never given twice. 0 is no clip.
using ClipNumber = std::uint32_t;
inline constexpr ClipNumber clip_number_max = (1u << 28) - 1;

/// Ordered set of numbers: a tree of bits, 64 to a node, so that the next number is found in a few steps.
class NumberSet {
 public:
  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool has(std::uint32_t number) const { return bit(levels_[0], number); }
  void insert(std::uint32_t number) {
    if (has(number)) return;
    ++size_;
    for (auto& level : levels_) {
      if (number / 64 >= level.size()) level.resize(number / 64 + 1);
      level[number / 64] |= 1ULL << number % 64;
      number /= 64;
    }
  }
  void erase(std::uint32_t number) {
    if (!has(number)) return;
    --size_;
    for (auto& level : levels_) {
      level[number / 64] &= ~(1ULL << number % 64);
      if (level[number / 64] != 0) return;
      number /= 64;
    }
  }
  void clear() { *this = {}; }
  /// The smallest that is at least `from`; `none` if there is none.
  [[nodiscard]] std::uint32_t at_or_after(std::uint32_t from) const {
    for (std::size_t height = 0; height < levels_.size(); ++height, from = from / 64 + 1) {
      const auto& level = levels_[height];
      if (from / 64 >= level.size()) continue;
      if (const auto rest = level[from / 64] >> from % 64; rest != 0)
        return descend(height, from + static_cast<std::uint32_t>(std::countr_zero(rest)), false);
    }
    return none;
  }
  /// The largest that is below `from`; `none` if there is none.
  [[nodiscard]] std::uint32_t before(std::uint32_t from) const {
    for (std::size_t height = 0; height < levels_.size(); ++height, from /= 64) {
      const auto& level = levels_[height];
      if (from / 64 >= level.size()) from = static_cast<std::uint32_t>(level.size() * 64);
      if (from % 64 == 0) continue;  // that word begins here: look above
      if (const auto rest = level[from / 64] << (64 - from % 64); rest != 0)
        return descend(height, from - 1 - static_cast<std::uint32_t>(std::countl_zero(rest)), true);
    }
    return none;
  }
  static constexpr std::uint32_t none = ~0U;

 private:
  using Level = std::vector<std::uint64_t>;
  static bool bit(const Level& level, std::uint32_t number) {
    return number / 64 < level.size() && (level[number / 64] >> number % 64 & 1) != 0;
  }
  [[nodiscard]] std::uint32_t descend(std::size_t height, std::uint32_t number, bool last) const {
    while (height-- > 0) {
      const auto word = levels_[height][number];
      number = number * 64 + static_cast<std::uint32_t>(last ? 63 - std::countl_zero(word) : std::countr_zero(word));
    }
    return number;
  }

  std::array<Level, 6> levels_;  ///< 64^6 covers all numbers; each bit of a level stands for a word of the one below
  std::size_t size_ = 0;
};

/// Set of clip numbers with a small count each, four bytes an entry at a load of at most 3/4.
class ClipCounts {
 public:
  static constexpr std::uint32_t count_max = 15;

  [[nodiscard]] std::uint32_t count(ClipNumber clip) const {
    if (slots_.empty()) return 0;
    return slots_[find(clip)] >> 28;
  }
  /// Adds one (up to count_max) and gives the count before.
  std::uint32_t add(ClipNumber clip) {
    if ((size_ + 1) * 4 > slots_.size() * 3) grow();
    auto& slot = slots_[find(clip)];
    const std::uint32_t before = slot >> 28;
    if (slot == 0) ++size_;
    slot = clip | (before < count_max ? before + 1 : before) << 28;
    return before;
  }
  [[nodiscard]] std::size_t size() const { return size_; }
  void clear() {
    slots_.clear();
    size_ = 0;
  }

 private:
  [[nodiscard]] std::size_t find(ClipNumber clip) const {
    const std::size_t mask = slots_.size() - 1;
    std::size_t at = static_cast<std::size_t>(mix(clip)) & mask;
    while (slots_[at] != 0 && (slots_[at] & clip_number_max) != clip) at = (at + 1) & mask;
    return at;
  }
  void grow() {
    std::vector<std::uint32_t> old(slots_.empty() ? 8 : slots_.size() * 2);
    old.swap(slots_);
    for (const auto slot : old)
      if (slot != 0) slots_[find(slot & clip_number_max)] = slot;
  }

  std::vector<std::uint32_t> slots_;
  std::size_t size_ = 0;
};

/// What a viewer has seen: exact up to `limit` clips, then the older half is forgotten.
class Seen {
 public:
  [[nodiscard]] bool has(ClipNumber clip) const { return counts_.count(clip) != 0; }
  [[nodiscard]] std::uint32_t count(ClipNumber clip) const { return counts_.count(clip); }
  /// Gives how often it was seen before.
  std::uint32_t add(ClipNumber clip, std::size_t limit) {
    const auto before = counts_.add(clip);
    if (before == 0) {
      order_.push_back(clip);
      if (order_.size() > limit) forget_older_half();
    }
    return before;
  }
  [[nodiscard]] const std::vector<ClipNumber>& in_order() const { return order_; }

  /// `clips`: one past the largest number there is.
  template <class Archive, class Self>
  static void describe(Archive& archive, Self& self, std::size_t clips) {
    if constexpr (Archive::reads) self.counts_.clear();
    archive.list(self.order_, [&](auto& clip) {
      archive.index(clip, clips);
      std::uint8_t count = static_cast<std::uint8_t>(self.counts_.count(clip));
      archive(count);
      if constexpr (Archive::reads) {
        if (count == 0 || count > ClipCounts::count_max || self.counts_.count(clip) != 0)
          return archive.refuse("an impossible count of showings");
        for (; count > 0; --count) self.counts_.add(clip);
      }
    });
  }

 private:
  void forget_older_half() {
    ClipCounts kept;
    order_.erase(order_.begin(), order_.begin() + static_cast<std::ptrdiff_t>(order_.size() / 2));
    for (const auto clip : order_)
      for (auto times = counts_.count(clip); times > 0; --times) kept.add(clip);
    counts_ = std::move(kept);
  }

  ClipCounts counts_;
  std::vector<ClipNumber> order_;
};

/// Finds a clip's number by its id: open addressing, eight bytes a slot, the ids themselves stay with the clips. One
/// cache miss a look-up where std::unordered_map takes three. `id_of(number)` gives a clip's id.
class ClipIndex {
 public:
  /// 0 if it is not there.
  template <class IdOf>
  [[nodiscard]] ClipNumber find(std::string_view id, const IdOf& id_of) const {
    if (slots_.empty()) return 0;
    return slots_[place_of(id, hash_of(id), id_of)].clip;
  }
  /// The clip with this id, or another whose id hashes alike, or 0: looks at no id.
  [[nodiscard]] ClipNumber guess(std::string_view id) const {
    if (slots_.empty()) return 0;
    const auto hash = hash_of(id);
    std::size_t at = hash & mask();
    while (slots_[at].clip != 0 && slots_[at].hash != hash) at = next(at);
    return slots_[at].clip;
  }
  /// A look-up soon after costs no wait, up to the clip's own id.
  void prefetch(std::string_view id) const {
    if (!slots_.empty()) feed::prefetch(&slots_[hash_of(id) & mask()], sizeof(Slot));
  }
  /// `id` must not be there yet.
  void add(std::string_view id, ClipNumber clip) {
    if ((size_ + 1) * 2 > slots_.size()) grow();
    place(hash_of(id), clip);
    ++size_;
  }
  template <class IdOf>
  void remove(std::string_view id, const IdOf& id_of) {
    if (slots_.empty()) return;
    std::size_t hole = place_of(id, hash_of(id), id_of);
    if (slots_[hole].clip == 0) return;
    --size_;
    // What stands behind the hole and could stand in it moves up, so that no search ends too early.
    for (std::size_t at = next(hole); slots_[at].clip != 0; at = next(at)) {
      const std::size_t home = slots_[at].hash & mask();
      if (((at - home) & mask()) < ((at - hole) & mask())) continue;
      slots_[hole] = slots_[at];
      hole = at;
    }
    slots_[hole] = {};
  }

 private:
  struct Slot {
    std::uint32_t hash = 0;
    ClipNumber clip = 0;
  };
  static std::uint32_t hash_of(std::string_view id) {
    return static_cast<std::uint32_t>(mix(std::hash<std::string_view>()(id)));
  }
  [[nodiscard]] std::size_t mask() const { return slots_.size() - 1; }
  [[nodiscard]] std::size_t next(std::size_t at) const { return (at + 1) & mask(); }
  template <class IdOf>
  [[nodiscard]] std::size_t place_of(std::string_view id, std::uint32_t hash, const IdOf& id_of) const {
    std::size_t at = hash & mask();
    while (slots_[at].clip != 0 && (slots_[at].hash != hash || id_of(slots_[at].clip) != id)) at = next(at);
    return at;
  }
  void place(std::uint32_t hash, ClipNumber clip) {
    std::size_t at = hash & mask();
    while (slots_[at].clip != 0) at = next(at);
    slots_[at] = {hash, clip};
  }
  void grow() {
    std::vector<Slot> old(std::max<std::size_t>(64, slots_.size() * 2));
    old.swap(slots_);
    for (const auto& slot : old)
      if (slot.clip != 0) place(slot.hash, slot.clip);
  }

  std::vector<Slot> slots_;
  std::size_t size_ = 0;
};

/// Remembers at least the last `window` 64-bit keys, at most twice as many.
class RecentKeys {
 public:
  explicit RecentKeys(std::size_t window) : window_(window) {}
  [[nodiscard]] bool has(std::uint64_t key) const { return contains(current_, key) || contains(previous_, key); }
  /// A look-up soon after costs no wait.
  void prefetch(std::uint64_t key) const {
    for (const auto* slots : {&current_, &previous_})
      if (!slots->empty()) feed::prefetch(&(*slots)[static_cast<std::size_t>(mix(key)) & (slots->size() - 1)], 1);
  }
  /// False if it was there already.
  bool add(std::uint64_t key) {
    key = key == 0 ? 1 : key;  // 0 marks an empty slot
    if (has(key)) return false;
    if (size_ >= window_) {
      previous_ = std::exchange(current_, {});
      size_ = 0;
    }
    if ((size_ + 1) * 4 > current_.size() * 3) grow();
    current_[find(current_, key)] = key;
    ++size_;
    return true;
  }

  template <class Archive, class Self>
  static void describe(Archive& archive, Self& self) {
    archive(self.size_);
    archive.list(self.current_);
    archive.list(self.previous_);
    if constexpr (Archive::reads) {
      if (self.size_ > self.window_ || !is_table(self.current_) || !is_table(self.previous_))
        archive.refuse("a set of keys that is none");
    }
  }

 private:
  using Slots = std::vector<std::uint64_t>;
  static std::size_t find(const Slots& slots, std::uint64_t key) {
    const std::size_t mask = slots.size() - 1;
    std::size_t at = static_cast<std::size_t>(mix(key)) & mask;
    while (slots[at] != 0 && slots[at] != key) at = (at + 1) & mask;
    return at;
  }
  /// Would searches end?
  static bool is_table(const Slots& slots) {
    if (slots.empty()) return true;
    const auto used = slots.size() - static_cast<std::size_t>(std::ranges::count(slots, 0U));
    return std::has_single_bit(slots.size()) && used * 4 <= slots.size() * 3;
  }
  static bool contains(const Slots& slots, std::uint64_t key) {
    return !slots.empty() && slots[find(slots, key)] == key;
  }
  void grow() {
    Slots old(current_.empty() ? 64 : current_.size() * 2);
    old.swap(current_);
    for (const auto key : old)
      if (key != 0) current_[find(current_, key)] = key;
  }

  std::size_t window_;
  std::size_t size_ = 0;
  Slots current_, previous_;
};

}  // namespace vitrine::feed
