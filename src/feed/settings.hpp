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

  std::string text;  ///< as it was read, for the stream and for whoever asks
};

/// What ships with the program.
[[nodiscard]] const Settings& default_settings();

inline constexpr std::size_t settings_bytes_max = 16 << 10;
/// Errors: invalid_argument, naming the key and what it may be; a key that is missing or unknown is an error.
[[nodiscard]] Result<Settings> parse_settings(std::string_view toml);

/// One of the settings, for those who list or explain them.
struct Setting {
  std::string_view section, key;
  double Settings::*member;  ///< null: a weight of `head`
  Head head = Head::view;
  double min, max;

  [[nodiscard]] double& of(Settings& settings) const {
    return member ? settings.*member : settings.heads[static_cast<std::size_t>(head)];
  }
};
[[nodiscard]] std::span<const Setting> all_settings();

}  // namespace vitrine::feed
