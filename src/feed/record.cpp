#include "feed/record.hpp"

#include "base/json.hpp"
#include "feed/settings.hpp"

namespace vitrine::feed {
namespace {

constexpr std::int64_t format_version = 1;
constexpr Minute minute_max = 1LL << 31;  // the year 6053
constexpr std::size_t arena_bytes = 64 << 10;

constexpr std::array<std::string_view, 7> kind_names{"watch",  "video",       "removed", "follow",
                                                     "forget", "preferences", "settings"};
constexpr std::array<std::string_view, 10> surface_names{"for_you", "following", "profile", "video", "fresh",
                                                         "search",  "tag",       "sound",   "saved", "embed"};
constexpr std::array<std::string_view, 3> mode_names{"for_you", "following", "fresh"};
constexpr std::array<std::string_view, 8> source_names{"fresh", "popular", "followed", "co_watched",
                                                       "taste", "explore", "topic",    "reposted"};

template <class Enum, std::size_t N>
std::optional<Enum> find_name(const std::array<std::string_view, N>& names, std::string_view text) {
  for (std::size_t i = 0; i < N; ++i)
    if (names[i] == text) return static_cast<Enum>(i);
  return std::nullopt;
}

struct TextField {
  std::string_view key;
  std::string_view Entry::*member;
  std::size_t length_min, length_max;
};
constexpr std::array<TextField, 3> text_fields{{
    {"viewer", &Entry::viewer, limits::viewer_length_min, limits::viewer_length_max},
    {"video", &Entry::video, 1, limits::clip_id_length_max},
    {"creator", &Entry::creator, 1, limits::creator_id_length_max},
}};

struct NumberField {
  std::string_view key;
  std::int64_t Entry::*member;
  std::int64_t max;
};
constexpr std::array<NumberField, 7> number_fields{{
    {"at", &Entry::at, minute_max},
    {"shown", &Entry::shown, minute_max},
    {"watched_ms", &Entry::watched_ms, limits::watched_ms_max},
    {"loops", &Entry::loops, limits::loops_max},
    {"position", &Entry::position, limits::position_max},
    {"duration_ms", &Entry::duration_ms, limits::duration_ms_max},
    {"created", &Entry::created, minute_max},
}};

struct FlagField {
  std::string_view key;
  bool Entry::*member;
};
constexpr std::array<FlagField, 15> flag_fields{{
    {"finished", &Entry::finished},
    {"liked", &Entry::liked},
    {"shared", &Entry::shared},
    {"followed", &Entry::followed},
    {"commented", &Entry::commented},
    {"saved", &Entry::saved},
    {"not_interested", &Entry::not_interested},
    {"reported", &Entry::reported},
    {"served", &Entry::served},
    {"view", &Entry::view},
    {"share", &Entry::share},
    {"measured", &Entry::measured},
    {"on", &Entry::on},
    {"everything", &Entry::everything},
    {"unprofiled", &Entry::unprofiled},
}};

bool is_id(std::string_view text) { return is_token(text, 1, limits::creator_id_length_max); }

struct ListField {
  std::string_view key;
  std::vector<std::string_view> Entry::*member;
  std::size_t size_max;
  bool (*fits)(std::string_view);
};
constexpr std::array<ListField, 3> list_fields{{
    {"topics", &Entry::topics, limits::topics_max, is_tag},
    {"muted_tags", &Entry::muted_tags, limits::muted_tags_max, is_tag},
    {"muted_creators", &Entry::muted_creators, limits::muted_creators_max, is_id},
}};

template <class Fields>
auto find_field(const Fields& fields, std::string_view key) {
  const auto* found = fields.data();
  const auto* end = found + fields.size();
  while (found != end && found->key != key) ++found;
  return found == end ? nullptr : found;
}

std::unexpected<Error> bad(std::string_view key) {
  return fail(Errc::invalid_argument, "record: member \"{}\" is missing or out of bounds", key);
}

bool read_text(Entry& entry, const TextField& field, const json::value& value) {
  if (!value.is_string()) return false;
  entry.*field.member = value.get_string();
  return is_token(entry.*field.member, field.length_min, field.length_max);
}

bool read_number(Entry& entry, const NumberField& field, const json::value& value) {
  if (!value.is_int64()) return false;
  entry.*field.member = value.get_int64();
  return entry.*field.member >= 0 && entry.*field.member <= field.max;
}

bool read_flag(Entry& entry, const FlagField& field, const json::value& value) {
  if (!value.is_bool()) return false;
  entry.*field.member = value.get_bool();
  return true;
}

bool read_tags(Entry& entry, const json::value& value) {
  if (!value.is_array() || value.get_array().size() > limits::tags_per_clip_max) return false;
  for (const auto& tag : value.get_array()) {
    if (!tag.is_string() || !is_tag(tag.get_string())) return false;
    entry.tags[entry.tag_count++] = tag.get_string();
  }
  return true;
}

bool read_list(Entry& entry, const ListField& field, const json::value& value) {
  if (!value.is_array() || value.get_array().size() > field.size_max) return false;
  auto& list = entry.*field.member;
  list.clear();
  for (const auto& one : value.get_array()) {
    if (!one.is_string() || !field.fits(one.get_string())) return false;
    list.push_back(one.get_string());
  }
  return true;
}

bool read_settings(Entry& entry, const json::value& value) {
  if (!value.is_string() || !parse_settings(value.get_string())) return false;
  entry.text = value.get_string();
  return true;
}

bool read_surface(Entry& entry, const json::value& value) {
  const auto surface = value.is_string() ? surface_of(value.get_string()) : std::nullopt;
  entry.surface = surface.value_or(Surface::for_you);
  return surface.has_value();
}

/// 16 hexadecimal digits.
bool read_event(Entry& entry, const json::value& value) {
  if (!value.is_string() || value.get_string().size() != 16) return false;
  for (char c : value.get_string()) {
    const int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
    if (digit < 0) return false;
    entry.event = entry.event << 4 | static_cast<std::uint64_t>(digit);
  }
  return true;
}

/// Members that this version does not know are passed over.
bool read_member(Entry& entry, std::string_view key, const json::value& value) {
  if (const auto* field = find_field(text_fields, key)) return read_text(entry, *field, value);
  if (const auto* field = find_field(number_fields, key)) return read_number(entry, *field, value);
  if (const auto* field = find_field(flag_fields, key)) return read_flag(entry, *field, value);
  if (const auto* field = find_field(list_fields, key)) return read_list(entry, *field, value);
  if (key == "event") return read_event(entry, value);
  if (key == "surface") return read_surface(entry, value);
  if (key == "tags") return read_tags(entry, value);
  if (key == "text") return read_settings(entry, value);
  return true;
}

bool is_complete(const Entry& entry) {
  switch (entry.kind) {
    case Kind::watch: return !entry.viewer.empty() && !entry.video.empty();
    case Kind::video: return !entry.video.empty() && !entry.creator.empty();
    case Kind::removed: return !entry.video.empty();
    case Kind::follow: return !entry.viewer.empty() && !entry.creator.empty();
    case Kind::forget:
    case Kind::preferences: return !entry.viewer.empty();
    case Kind::settings: return !entry.text.empty();
  }
  return false;
}

Result<Entry> read_object(const json::object& object) {
  Entry entry;
  bool has_version = false, has_kind = false;
  for (const auto& [key, value] : object) {
    if (key == "v") {
      if (!value.is_int64() || value.get_int64() < 1) return bad("v");
      if (value.get_int64() > format_version)
        return fail(Errc::unsupported, "a record of version {} was written by a newer Vitrine: update this one",
                    value.get_int64());
      has_version = true;
    } else if (key == "kind") {
      const auto kind = value.is_string() ? find_name<Kind>(kind_names, value.get_string()) : std::nullopt;
      if (!kind) return bad("kind");
      entry.kind = *kind;
      has_kind = true;
    } else if (!read_member(entry, key, value)) {
      return bad(key);
    }
  }
  if (!has_version || !has_kind || !is_complete(entry)) return bad("v, kind, viewer, video or creator");
  return entry;
}

void write_watch(const Entry& entry, json::object& out) {
  out["viewer"] = entry.viewer;
  out["video"] = entry.video;
  out["event"] = fmt::format("{:016x}", entry.event);
  out["shown"] = entry.shown;
  out["watched_ms"] = entry.watched_ms;
  out["surface"] = name(entry.surface);
  if (entry.loops) out["loops"] = entry.loops;
  if (entry.position) out["position"] = entry.position;
}

void write_video(const Entry& entry, json::object& out) {
  out["video"] = entry.video;
  out["creator"] = entry.creator;
  out["duration_ms"] = entry.duration_ms;
  out["created"] = entry.created;
  json::array tags;
  for (std::size_t i = 0; i < entry.tag_count; ++i) tags.emplace_back(entry.tags[i]);
  out["tags"] = std::move(tags);
}

void write_follow(const Entry& entry, json::object& out) {
  out["viewer"] = entry.viewer;
  out["creator"] = entry.creator;
}

void write_preferences(const Entry& entry, json::object& out) {
  out["viewer"] = entry.viewer;
  for (const auto& field : list_fields) {
    const auto& list = entry.*field.member;
    if (!list.empty()) out[field.key] = json::array(list.begin(), list.end());
  }
}

}  // namespace

std::string_view name(Surface surface) { return surface_names[static_cast<std::size_t>(surface)]; }
std::optional<Surface> surface_of(std::string_view name) { return find_name<Surface>(surface_names, name); }
std::string_view name(Mode mode) { return mode_names[static_cast<std::size_t>(mode)]; }
std::optional<Mode> mode_of(std::string_view name) { return find_name<Mode>(mode_names, name); }
std::string_view name(Source source) { return source_names[static_cast<std::size_t>(source)]; }
std::optional<Source> source_of(std::string_view name) { return find_name<Source>(source_names, name); }

bool is_token(std::string_view text, std::size_t length_min, std::size_t length_max) {
  if (text.size() < length_min || text.size() > length_max) return false;
  return std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

bool is_tag(std::string_view text) { return !text.empty() && text.size() <= limits::tag_bytes_max; }

std::string write(const Entry& entry) {
  json::object out;
  out["v"] = format_version;
  out["kind"] = kind_names[static_cast<std::size_t>(entry.kind)];
  out["at"] = entry.at;
  switch (entry.kind) {
    case Kind::watch: write_watch(entry, out); break;
    case Kind::video: write_video(entry, out); break;
    case Kind::removed: out["video"] = entry.video; break;
    case Kind::follow: write_follow(entry, out); break;
    case Kind::forget: out["viewer"] = entry.viewer; break;
    case Kind::preferences: write_preferences(entry, out); break;
    case Kind::settings: out["text"] = entry.text; break;
  }
  for (const auto& flag : flag_fields)
    if (entry.*flag.member) out[flag.key] = true;
  return json::serialize(out);
}

struct RecordReader::Memory {
  std::array<unsigned char, arena_bytes> buffer;
  json::monotonic_resource arena{buffer.data(), buffer.size()};
  json::parser parser{json::storage_ptr(), options()};

  static json::parse_options options() {
    json::parse_options limits;
    limits.max_depth = 4;
    return limits;
  }
};

RecordReader::RecordReader() : memory_(std::make_unique<Memory>()) {}
RecordReader::~RecordReader() = default;

void RecordReader::clear() {
  memory_->parser.reset();  // a failed parse may have left parts in the arena
  memory_->arena.release();
}

Result<Entry> RecordReader::read(std::string_view text) {
  clear();
  return read_beside(text);
}

Result<Entry> RecordReader::read_beside(std::string_view text) {
  auto& memory = *memory_;
  memory.parser.reset(&memory.arena);
  json::error_code error;
  memory.parser.write(text.data(), text.size(), error);
  if (error) return fail(Errc::invalid_argument, "record: not valid JSON: {}", error.message());
  // The value is placed into the arena as well and never destroyed: clear() takes it all back.
  auto* root =
      ::new (memory.arena.allocate(sizeof(json::value), alignof(json::value))) json::value(memory.parser.release());
  if (!root->is_object()) return bad("v");
  return read_object(root->get_object());
}

}  // namespace vitrine::feed
