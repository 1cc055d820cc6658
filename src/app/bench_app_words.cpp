#include "app/bench_app_words.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/result.hpp"
#include "base/unicode.hpp"

namespace vitrine::app {
namespace {

constexpr double word_skew = 1.0, tag_skew = 0.9;
constexpr std::size_t emoji_one_in = 6;

/// Syllables are one of the first letters with one of the second; both in the order in which they are taken.
struct Script {
  std::u32string_view first, second;
  std::string_view between;  ///< words of a sentence
  std::size_t weight;        ///< of all texts, in a hundred
};

constexpr std::array scripts{
    Script{U"tsnrlmkdbpvfghwcjz", U"aeiou", " ", 56},
    Script{U"тснрлмкдбпвгзжчшхц", U"аеиоуыя", " ", 12},
    Script{U"سنرلمكدبتفقحعجشخصط", U"اوي", " ", 9},
    Script{U"東京大海山川空花猫犬雨雪春夏秋冬夜朝光風", U"のにはがをでともへやかさ", "", 8},
    Script{U"तसनरलमकदबपवगहचजश", U"ािीुेो", " ", 6},
    Script{U"σνρλμκτδβπφγθχξζ", U"αειουη", " ", 5},
    Script{U"가나다라마바사아자차카타파하", U"고노도로모보소오조초구누두루무부수", " ", 4},
};

/// What an ordinary sentence is full of.
constexpr std::array<std::string_view, 60> english{
    "the",    "a",    "and",   "to",    "my",   "in",    "of",      "this",  "is",     "it",       "you",    "for",
    "with",   "on",   "so",    "when",  "day",  "new",   "love",    "how",   "cat",    "dance",    "music",  "first",
    "never",  "best", "night", "home",  "life", "dog",   "morning", "food",  "friend", "summer",   "time",   "world",
    "beach",  "one",  "again", "city",  "rain", "happy", "learn",   "cook",  "road",   "sunset",   "winter", "garden",
    "little", "big",  "green", "train", "walk", "river", "coffee",  "light", "bread",  "football", "snow",   "guitar"};
constexpr std::array<std::string_view, 24> first_tags{"fyp",   "cats",    "dance",    "music",   "food",  "travel",
                                                      "funny", "diy",     "nature",   "art",     "books", "fitness",
                                                      "dogs",  "cooking", "football", "garden",  "beach", "night",
                                                      "calm",  "retro",   "sound",    "science", "cars",  "knitting"};
constexpr std::array<std::string_view, 8> emojis{"😂", "❤️", "🔥", "😍", "🙏", "✨", "🐈", "🎶"};

/// A number as syllables, the last digit first, so that neighbours do not begin alike.
std::string spelled(const Script& script, std::size_t number) {
  std::u32string letters;
  const std::size_t base = script.first.size() * script.second.size();
  for (number += base; number > 0; number /= base) {
    const std::size_t digit = number % base;
    letters += script.first[digit % script.first.size()];
    letters += script.second[digit / script.first.size()];
  }
  return encode_utf8(letters);
}

std::size_t some_script(feed::Random& random) {
  auto left = random.below(100);
  for (std::size_t i = 0; i < scripts.size(); ++i) {
    if (left < scripts[i].weight) return i;
    left -= scripts[i].weight;
  }
  return 0;
}

}  // namespace

Zipf::Zipf(std::size_t count, double skew) {
  double sum = 0;
  for (std::size_t i = 0; i < std::max<std::size_t>(count, 1); ++i)
    sums_.push_back(sum += std::pow(static_cast<double>(i + 1), -skew));
}

std::size_t Zipf::operator()(feed::Random& random) const {
  const auto found = std::ranges::upper_bound(sums_, random.uniform() * sums_.back());
  return std::min(static_cast<std::size_t>(found - sums_.begin()), sums_.size() - 1);
}

BenchWords::BenchWords() : word_(words_per_script, word_skew), tag_(tags, tag_skew) {}

std::string BenchWords::word(std::size_t script, std::size_t rank) {
  const auto& chosen = scripts[script % scripts.size()];
  if (script % scripts.size() == 0 && rank < english.size()) return std::string(english[rank]);
  return spelled(chosen, rank);
}

std::string BenchWords::tag(std::size_t rank) {
  if (rank < first_tags.size()) return std::string(first_tags[rank]);
  const std::size_t script = rank % 3 == 0 ? rank / 3 % scripts.size() : 0;
  return spelled(scripts[script], rank * 7);
}

std::string BenchWords::handle(std::size_t account) {
  return fmt::format("{}.{}", spelled(scripts[0], account % 1'000), account);
}

std::string BenchWords::display_name(std::size_t account) {
  const std::size_t script = account % 4 == 0 ? account / 4 % scripts.size() : 0;
  return fmt::format("{} {}", spelled(scripts[script], account % 6'000), spelled(scripts[script], account % 9'001));
}

std::string BenchWords::some_word(feed::Random& random) const { return word(some_script(random), word_(random)); }

std::string BenchWords::text(feed::Random& random, std::size_t words_min, std::size_t words_max) const {
  const std::size_t script = some_script(random);
  const std::size_t words = words_min + random.below(words_max - words_min + 1);
  std::string out;
  for (std::size_t i = 0; i < words; ++i)
    out += fmt::format("{}{}", i ? scripts[script].between : "", word(script, word_(random)));
  if (random.below(emoji_one_in) == 0) out += fmt::format(" {}", emojis[random.below(emojis.size())]);
  return out;
}

}  // namespace vitrine::app
