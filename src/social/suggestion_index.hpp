// Tags and handles by what somebody has typed so far, forgiving typos: in memory, bounded, filled from outside.
//
// Each name is filed under its trigrams (three neighbouring characters, with two blanks before the first). Names that
// share enough of them with what was typed are compared exactly: at most two characters may be missing, too many,
// different or swapped (optimal string alignment), fewer where little was typed.
#pragma once
#include <cstdint>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace vitrine::social {

inline constexpr std::size_t suggestion_names_max = 200'000;  ///< about 40 MB; further names are not taken in

enum class NameKind { tag, account };

struct SuggestedName {
  NameKind kind = NameKind::tag;
  std::string name;
  std::int64_t weight = 0;  ///< videos of a tag, followers of an account
};

/// Thread-safe.
class SuggestionIndex {
 public:
  /// Adds a name, or to the weight of one that is there.
  void add(const SuggestedName& name);
  void remove(NameKind kind, std::string_view name);
  /// Replaces everything.
  void fill(std::vector<SuggestedName> names);
  [[nodiscard]] std::size_t size() const;

  /// The names, of one kind if `kind` is given, that begin as typed, then those that nearly do; of either the
  /// heaviest first.
  [[nodiscard]] std::vector<SuggestedName> find(std::string_view typed, std::optional<NameKind> kind,
                                                std::size_t limit) const;

 private:
  using Place = std::uint32_t;
  struct Entry {
    SuggestedName name;
    std::u32string letters;
  };
  struct Found {
    Place place = 0;
    int distance = 0;
  };
  struct Names {
    std::vector<Entry> entries;                     ///< the heaviest first, as far as they were filled in together
    std::vector<std::uint8_t> in_use;               ///< of each entry the bit of its kind; 0 if it is gone
    std::unordered_map<std::string, Place> places;  ///< by kind and name
    std::unordered_map<std::uint64_t, std::vector<Place>> with_trigram;  ///< ascending
    void add(const SuggestedName& name);
  };
  [[nodiscard]] std::vector<Found> candidates(std::u32string_view typed, std::optional<NameKind> kind) const;

  mutable std::shared_mutex mutex_;
  Names names_;
};

/// Changes that make `typed` a beginning of `name` (optimal string alignment); at_most + 1 if there are more.
[[nodiscard]] int typos(std::u32string_view typed, std::u32string_view name, int at_most);
/// How many are forgiven for this many characters typed.
[[nodiscard]] int typos_forgiven(std::size_t typed_characters);

}  // namespace vitrine::social
