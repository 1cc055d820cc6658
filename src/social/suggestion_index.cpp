#include "social/suggestion_index.hpp"

#include "social/search_text.hpp"

namespace vitrine::social {
namespace {

constexpr std::size_t letters_max = 48;      // of a name and of what was typed
constexpr std::size_t compared_max = 1'000;  // names compared exactly for one request
constexpr int trigrams_broken_by_a_typo_max = 3;

/// Code points have 21 bits: three fit into a word.
constexpr std::uint64_t push_point(std::uint64_t trigram, char32_t point) {
  constexpr std::uint64_t three_points = (std::uint64_t{1} << 63) - 1;
  return ((trigram << 21) | point) & three_points;
}

std::vector<std::uint64_t> trigrams_of(std::u32string_view letters) {
  std::vector<std::uint64_t> trigrams;
  trigrams.reserve(letters.size());
  std::uint64_t trigram = 0;  // blanks before the first letter
  for (const char32_t point : letters) trigrams.push_back(trigram = push_point(trigram, point));
  std::ranges::sort(trigrams);
  trigrams.erase(std::ranges::unique(trigrams).begin(), trigrams.end());
  return trigrams;
}

std::u32string searched_letters(std::string_view text) {
  auto letters = letters_of(text);
  if (letters.size() > letters_max) letters.resize(letters_max);
  return letters;
}

constexpr std::uint8_t bit_of(NameKind kind) { return kind == NameKind::tag ? 1 : 2; }
constexpr std::uint8_t both_kinds = 3;

std::string key_of(NameKind kind, std::string_view name) {
  return fmt::format("{}{}", kind == NameKind::tag ? tag_sign : handle_sign, name);
}

}  // namespace

int typos_forgiven(std::size_t typed_characters) { return typed_characters < 3 ? 0 : typed_characters < 6 ? 1 : 2; }

int typos(std::u32string_view typed, std::u32string_view name, int at_most) {
  name = name.substr(0, typed.size() + static_cast<std::size_t>(at_most));
  const std::size_t width = name.size() + 1;
  std::array<std::array<int, letters_max + 4>, 3> rows{};  // the row before the last, the last, this one
  VT_ASSERT(width <= rows[0].size());
  auto *before = rows[0].data(), *last = rows[1].data(), *now = rows[2].data();
  for (std::size_t j = 0; j < width; ++j) last[j] = static_cast<int>(j);
  for (std::size_t i = 1; i <= typed.size(); ++i) {
    now[0] = static_cast<int>(i);
    for (std::size_t j = 1; j < width; ++j) {
      const int substituted = last[j - 1] + (typed[i - 1] == name[j - 1] ? 0 : 1);
      now[j] = std::min({last[j] + 1, now[j - 1] + 1, substituted});
      if (i > 1 && j > 1 && typed[i - 1] == name[j - 2] && typed[i - 2] == name[j - 1])
        now[j] = std::min(now[j], before[j - 2] + 1);
    }
    std::swap(before, last);
    std::swap(last, now);
  }
  return std::min(*std::min_element(last, last + width), at_most + 1);
}

void SuggestionIndex::Names::add(const SuggestedName& name) {
  const auto found = places.find(key_of(name.kind, name.name));
  if (found != places.end()) {
    auto& weight = entries[found->second].name.weight;
    auto& used = in_use[found->second];
    weight = name.weight + (used ? weight : 0);
    used = bit_of(name.kind);
    return;
  }
  if (entries.size() >= suggestion_names_max) return;
  const auto place = static_cast<Place>(entries.size());
  Entry entry{name, searched_letters(name.name)};
  for (const auto trigram : trigrams_of(entry.letters)) with_trigram[trigram].push_back(place);
  places.emplace(key_of(name.kind, name.name), place);
  entries.push_back(std::move(entry));
  in_use.push_back(bit_of(name.kind));
}

void SuggestionIndex::add(const SuggestedName& name) {
  const std::unique_lock lock(mutex_);
  names_.add(name);
}

void SuggestionIndex::remove(NameKind kind, std::string_view name) {
  const std::unique_lock lock(mutex_);
  if (const auto found = names_.places.find(key_of(kind, name)); found != names_.places.end())
    names_.in_use[found->second] = 0;
}

void SuggestionIndex::fill(std::vector<SuggestedName> names) {
  std::ranges::stable_sort(names, std::greater(), &SuggestedName::weight);
  Names fresh;
  for (const auto& name : names) fresh.add(name);
  const std::unique_lock lock(mutex_);
  names_ = std::move(fresh);
}

std::size_t SuggestionIndex::size() const {
  const std::shared_lock lock(mutex_);
  return names_.entries.size();
}

/// Names that share enough trigrams with what was typed, compared exactly.
std::vector<SuggestionIndex::Found> SuggestionIndex::candidates(std::u32string_view typed,
                                                                std::optional<NameKind> kind) const {
  const int forgiven = typos_forgiven(typed.size());
  const auto trigrams = trigrams_of(typed);
  std::vector<std::uint8_t> shared(names_.entries.size());
  for (const auto trigram : trigrams) {
    const auto found = names_.with_trigram.find(trigram);
    if (found == names_.with_trigram.end()) continue;
    for (const Place place : found->second) ++shared[place];
  }
  // Of the many that are likely only bytes are read: an entry is seldom in the processor's cache.
  const int enough = std::max(1, static_cast<int>(trigrams.size()) - forgiven * trigrams_broken_by_a_typo_max);
  const std::uint8_t wanted = kind ? bit_of(*kind) : both_kinds;
  std::vector<Place> likely;
  for (Place place = 0; place < shared.size(); ++place)
    if (shared[place] >= enough && (names_.in_use[place] & wanted) != 0) likely.push_back(place);
  if (likely.size() > compared_max) {
    const auto closer = [&](Place a, Place b) { return shared[a] != shared[b] ? shared[a] > shared[b] : a < b; };
    std::ranges::nth_element(likely, likely.begin() + compared_max, closer);
    likely.resize(compared_max);
  }
  std::vector<Found> found;
  for (const Place place : likely) {
    const int distance = typos(typed, names_.entries[place].letters, forgiven);
    if (distance <= forgiven) found.push_back({place, distance});
  }
  return found;
}

std::vector<SuggestedName> SuggestionIndex::find(std::string_view text, std::optional<NameKind> kind,
                                                 std::size_t limit) const {
  const auto typed = searched_letters(text);
  if (typed.empty()) return {};
  const std::shared_lock lock(mutex_);
  auto found = candidates(typed, kind);
  const auto better = [this](const Found& a, const Found& b) {
    const auto &one = names_.entries[a.place].name, &other = names_.entries[b.place].name;
    return std::tuple(a.distance, -one.weight, one.name, one.kind) <
           std::tuple(b.distance, -other.weight, other.name, other.kind);
  };
  const auto shown = std::min(limit, found.size());
  std::ranges::partial_sort(found, found.begin() + static_cast<std::ptrdiff_t>(shown), better);
  std::vector<SuggestedName> names;
  for (std::size_t i = 0; i < shown; ++i) names.push_back(names_.entries[found[i].place].name);
  return names;
}

}  // namespace vitrine::social
