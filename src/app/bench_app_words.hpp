// What people write in the world of `vitrine bench app`: words of several scripts, a few of them everywhere and most of
// them hardly ever (Zipf), hashtags, mentions. The same for the same numbers.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "feed/statistics.hpp"

namespace vitrine::app {

/// Numbers from 0 on, the first of them most often: the n-th as often as 1 / n^skew.
class Zipf {
 public:
  Zipf(std::size_t count, double skew);
  [[nodiscard]] std::size_t operator()(feed::Random& random) const;
  [[nodiscard]] std::size_t count() const { return sums_.size(); }

 private:
  std::vector<double> sums_;  ///< of the shares up to each number
};

/// Stateless once made; thread-safe.
class BenchWords {
 public:
  static constexpr std::size_t words_per_script = 20'000, tags = 5'000;

  BenchWords();

  /// The n-th most frequent word of a script; numbers of scripts wrap around.
  [[nodiscard]] static std::string word(std::size_t script, std::size_t rank);
  /// The n-th most frequent tag, in its one spelling.
  [[nodiscard]] static std::string tag(std::size_t rank);
  [[nodiscard]] static std::string handle(std::size_t account);
  [[nodiscard]] static std::string display_name(std::size_t account);

  /// A sentence in one script.
  [[nodiscard]] std::string text(feed::Random& random, std::size_t words_min, std::size_t words_max) const;
  [[nodiscard]] std::string some_tag(feed::Random& random) const { return tag(tag_(random)); }
  [[nodiscard]] std::string some_word(feed::Random& random) const;

 private:
  Zipf word_, tag_;
};

}  // namespace vitrine::app
