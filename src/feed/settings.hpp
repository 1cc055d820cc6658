// The published weights: settings.toml, what it may hold, and reading it.
#pragma once
#include <array>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "feed/ranker.hpp"

namespace vitrine::feed {

struct Settings {
  std::array<double, head_count> heads{};  ///< by Head
  double half_trust = 0;
  double taste = 0, creator = 0, co_watch = 0, followed = 0, topic = 0, doubt = 0, curiosity = 0;
  double same_creator = 0, same_topics = 0, same_topics_stranger = 0;
  double owed_audience = 0, slot_in = 0, slot_in_while_owed = 0;
  Learning learning;

  std::string text;  ///< as it was read, for the stream and for whoever asks
};

/// What ships with the program.
[[nodiscard]] const Settings& default_settings();

inline constexpr std::size_t settings_bytes_max = 16 << 10;
/// Errors: invalid_argument, naming the key and what it may be; a key that is missing or unknown is an error.
[[nodiscard]] Result<Settings> parse_settings(std::string_view toml);
/// Those of the file; the shipped ones for "". Errors: those of parse_settings, and a file that cannot be read.
[[nodiscard]] Result<Settings> read_settings(const std::string& path);

}  // namespace vitrine::feed
