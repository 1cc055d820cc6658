// Who and what the demo consists of: topics with a creator each, their clips, and people with tastes. Data, no I/O.
#pragma once
#include <array>
#include <cstddef>
#include <string_view>
#include <vector>

#include "media/synthetic.hpp"

namespace vitrine::app::demo {

inline constexpr std::size_t clips_per_topic = 5;

struct Topic {
  std::string_view handle, display_name, bio;  ///< its creator
  std::string_view tag;                        ///< the topic's name, first of every clip's tags
  std::string_view picture, sound;             ///< graphs with the names that clip() fills in
  std::array<std::string_view, clips_per_topic> captions;
};

[[nodiscard]] const std::vector<Topic>& topics();

/// The clip of a topic, `variant` below clips_per_topic: other colours, shapes, tunes and lengths (6 to 12 s).
[[nodiscard]] media::SyntheticClip clip(std::size_t topic, std::size_t variant);

/// Names of people who watch and publish nothing: handle and display name.
struct Name {
  std::string_view handle, display_name;
};
[[nodiscard]] const std::vector<Name>& audience();

}  // namespace vitrine::app::demo
