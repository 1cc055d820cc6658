// `vitrine bench feed`: what a page and an event cost, in process and over HTTP, beside what this machine can do at
// most.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace vitrine::app {

struct BenchFeedOptions {
  std::vector<std::int64_t> videos{1'000'000, 100'000};  ///< the first is the one that plain names tell of
  bool json = false;
};

/// Prints to standard output, progress to standard error.
[[nodiscard]] Result<void> bench_feed(const BenchFeedOptions& options);

struct PersonasOptions {
  std::int64_t viewers = 300;  ///< who start with an empty profile
  std::int64_t topics = 300;
  std::int64_t videos = 6'000;
  std::int64_t seed = 1;
  std::string settings;  ///< file of the engine's settings to try; empty: the shipped ones
  bool json = false;
};

/// How fast newcomers see what they like, against popularity and chance in the same world; whether new videos are seen.
[[nodiscard]] Result<void> bench_personas(const PersonasOptions& options);

}  // namespace vitrine::app
