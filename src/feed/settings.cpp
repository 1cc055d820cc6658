#include "feed/settings.hpp"

#include <toml++/toml.h>

#include "feed/settings_text.hpp"

namespace vitrine::feed {
namespace {

constexpr Setting head(Head which) { return {"heads", name(which), nullptr, which, -10, 10}; }

constexpr std::array<Setting, head_count + 14> settings{{
    head(Head::watch),
    head(Head::finish),
    head(Head::view),
    head(Head::like),
    head(Head::comment),
    head(Head::share),
    head(Head::follow),
    head(Head::not_interested),
    head(Head::report),
    {"model", "half_trust", &Settings::half_trust, {}, 0, 1e9},
    {"score", "taste", &Settings::taste, {}, 0, 10},
    {"score", "creator", &Settings::creator, {}, 0, 10},
    {"score", "co_watch", &Settings::co_watch, {}, 0, 10},
    {"score", "followed", &Settings::followed, {}, 0, 10},
    {"score", "topic", &Settings::topic, {}, 0, 10},
    {"score", "doubt", &Settings::doubt, {}, 0, 10},
    {"score", "curiosity", &Settings::curiosity, {}, 0, 10},
    {"spacing", "same_creator", &Settings::same_creator, {}, 0, 10},
    {"spacing", "same_topics", &Settings::same_topics, {}, 0, 10},
    {"spacing", "same_topics_stranger", &Settings::same_topics_stranger, {}, 0, 10},
    {"exploration", "owed_audience", &Settings::owed_audience, {}, 1, 1000},
    {"exploration", "slot_in", &Settings::slot_in, {}, 1, 10},
    {"exploration", "slot_in_while_owed", &Settings::slot_in_while_owed, {}, 1, 10},
}};

Result<void> read_section(std::string_view section, const toml::table& table, Settings& out) {
  for (const auto& [key, node] : table) {
    const auto found = std::ranges::find_if(
        settings, [&](const Setting& one) { return one.section == section && one.key == key.str(); });
    if (found == settings.end())
      return fail(Errc::invalid_argument, "feed settings: there is no {}.{}", section, key.str());
    const auto value = node.value<double>();
    if (!value || !(*value >= found->min && *value <= found->max))
      return fail(Errc::invalid_argument, "feed settings: {}.{} must be a number from {} to {}", section, found->key,
                  found->min, found->max);
    found->of(out) = *value;
  }
  return {};
}

}  // namespace

std::span<const Setting> all_settings() { return settings; }

Result<Settings> parse_settings(std::string_view text) {
  if (text.size() > settings_bytes_max)
    return fail(Errc::invalid_argument, "feed settings: more than {} bytes", settings_bytes_max);
  toml::table root;
  try {
    root = toml::parse(text);
  } catch (const toml::parse_error& error) {
    return fail(Errc::invalid_argument, "feed settings: line {}: {}", error.source().begin.line, error.description());
  }
  Settings out;
  for (const auto& [section, node] : root) {
    const auto* table = node.as_table();
    if (!table) return fail(Errc::invalid_argument, "feed settings: {} stands outside of a section", section.str());
    VT_CHECK(read_section(section.str(), *table, out));
  }
  for (const auto& one : settings)
    if (!root[one.section][one.key])
      return fail(Errc::invalid_argument, "feed settings: {}.{} is missing", one.section, one.key);
  out.text = text;
  return out;
}

const Settings& default_settings() {
  static const Settings shipped = parse_settings(settings_text).value();
  return shipped;
}

}  // namespace vitrine::feed
