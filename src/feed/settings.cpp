#include "feed/settings.hpp"

#include <fstream>
#include <toml++/toml.h>
#include <variant>

#include "feed/settings_text.hpp"

namespace vitrine::feed {
namespace {

struct Setting {
  std::string_view section, key;
  std::variant<double Settings::*, float Learning::*, Head> member;
  double min, max;

  void set(Settings& settings, double value) const {
    if (const auto* own = std::get_if<double Settings::*>(&member))
      settings.** own = value;
    else if (const auto* of_learning = std::get_if<float Learning::*>(&member))
      settings.learning.** of_learning = static_cast<float>(value);
    else
      settings.heads[static_cast<std::size_t>(std::get<Head>(member))] = value;
  }
};

constexpr Setting weight(Head head) { return {"heads", name(head), head, -10, 10}; }
constexpr Setting score(std::string_view key, double Settings::*member) { return {"score", key, member, 0, 10}; }
constexpr Setting spacing(std::string_view key, double Settings::*member) { return {"spacing", key, member, 0, 10}; }
constexpr Setting memory(std::string_view key, float Learning::*member) { return {"learning", key, member, 1, 1e6}; }

constexpr std::array<Setting, head_count + 25> settings{{
    weight(Head::watch),
    weight(Head::finish),
    weight(Head::view),
    weight(Head::like),
    weight(Head::comment),
    weight(Head::share),
    weight(Head::follow),
    weight(Head::not_interested),
    weight(Head::report),
    {"model", "half_trust", &Settings::half_trust, 0, 1e9},
    score("taste", &Settings::taste),
    score("creator", &Settings::creator),
    score("co_watch", &Settings::co_watch),
    score("followed", &Settings::followed),
    score("topic", &Settings::topic),
    score("doubt", &Settings::doubt),
    score("curiosity", &Settings::curiosity),
    spacing("same_creator", &Settings::same_creator),
    spacing("same_topics", &Settings::same_topics),
    spacing("same_topics_stranger", &Settings::same_topics_stranger),
    {"exploration", "owed_audience", &Settings::owed_audience, 1, 1000},
    {"exploration", "slot_in", &Settings::slot_in, 1, 10},
    {"exploration", "slot_in_while_owed", &Settings::slot_in_while_owed, 1, 10},
    {"learning", "vector_step", &Learning::vector_step, 0, 10},
    {"learning", "vector_pull", &Learning::vector_pull, 0, 1},
    {"learning", "layer_step", &Learning::layer_step, 0, 10},
    memory("clip_memory", &Learning::clip_memory),
    memory("lately_memory", &Learning::lately_memory),
    memory("creator_memory", &Learning::creator_memory),
    memory("tag_memory", &Learning::tag_memory),
    memory("viewer_memory", &Learning::viewer_memory),
    memory("viewer_lately_memory", &Learning::viewer_lately_memory),
    memory("viewer_part_memory", &Learning::viewer_part_memory),
    memory("viewer_creator_memory", &Learning::viewer_creator_memory),
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
    found->set(out, *value);
  }
  return {};
}

}  // namespace

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

Result<Settings> read_settings(const std::string& path) {
  if (path.empty()) return default_settings();
  std::ifstream file(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  if (!file.is_open() || file.bad())
    return fail(Errc::invalid_argument, "feed settings: the file {} cannot be read", path);
  return parse_settings(text);
}

const Settings& default_settings() {
  static const Settings shipped = parse_settings(settings_text).value();
  return shipped;
}

}  // namespace vitrine::feed
