#include "feed/receipt.hpp"

#include "base/crypto.hpp"
#include "base/json.hpp"

namespace vitrine::feed {
namespace {

constexpr std::int64_t format_version = 2, format_without_reposts = 1;
constexpr std::string_view checksum_key = ",\"checksum\":\"";
constexpr std::size_t line_bytes_max = 64 << 10;

std::string hex_of(const crypto::Hash& hash) { return crypto::hex(hash); }

json::array numbers(const std::vector<ClipNumber>& all) {
  json::array out;
  for (const auto one : all) out.emplace_back(one);
  return out;
}

json::array reposts_json(const std::vector<RepostedClip>& reposts) {
  json::array out;
  for (const auto& one : reposts) out.push_back(json::array{one.clip, one.at});
  return out;
}

json::object object_of(const Receipt& receipt) {
  json::array items;
  for (const auto& item : receipt.items)
    items.push_back(
        json::object{{"video", item.video}, {"source", name(item.source)}, {"text", item.text}, {"score", item.score}});
  const bool has_reposts = !receipt.reposts.empty();
  json::object out{{"v", has_reposts ? format_version : format_without_reposts},
                   {"page", receipt.page},
                   {"viewer", receipt.viewer},
                   {"mode", name(receipt.mode)},
                   {"limit", receipt.limit},
                   {"now", receipt.now},
                   {"withheld", numbers(receipt.withheld)},
                   {"just_before", numbers(receipt.just_before)},
                   {"engine", receipt.engine},
                   {"records", receipt.records},
                   {"history", receipt.history},
                   {"settings", receipt.settings},
                   {"items", std::move(items)},
                   {"end", receipt.end}};
  if (has_reposts) out["reposts"] = reposts_json(receipt.reposts);
  return out;
}

/// Members out of a JSON object; what is missing or of another type is remembered.
class Members {
 public:
  explicit Members(const json::object& object) : object_(object) {}

  std::string text(std::string_view key) {
    const auto* value = find(key);
    if (value && value->is_string()) return std::string(value->get_string());
    return wrong(key), "";
  }
  template <class T>
  T number(std::string_view key) {
    const auto* value = find(key);
    T out{};
    if (value && value->is_number()) {
      json::error_code error;
      out = value->to_number<T>(error);
      if (!error) return out;
    }
    return wrong(key), T{};
  }
  bool flag(std::string_view key) {
    const auto* value = find(key);
    if (value && value->is_bool()) return value->get_bool();
    return wrong(key), false;
  }
  const json::array& list(std::string_view key) {
    static const json::array none;
    const auto* value = find(key);
    if (value && value->is_array()) return value->get_array();
    return wrong(key), none;
  }
  std::vector<ClipNumber> clips(std::string_view key) {
    std::vector<ClipNumber> out;
    for (const auto& one : list(key)) {
      json::error_code error;
      out.push_back(one.is_number() ? one.to_number<ClipNumber>(error) : 0);
      if (error || !one.is_number()) wrong(key);
    }
    return out;
  }
  /// None if there is no such member.
  std::vector<RepostedClip> reposts(std::string_view key) {
    std::vector<RepostedClip> out;
    if (!object_.contains(key)) return out;
    for (const auto& one : list(key)) {
      json::error_code no_clip, no_minute;
      const auto* pair = one.if_array();
      if (!pair || pair->size() != 2 || !(*pair)[0].is_number() || !(*pair)[1].is_number()) return wrong(key), out;
      out.push_back({(*pair)[0].to_number<ClipNumber>(no_clip), (*pair)[1].to_number<Minute>(no_minute)});
      if (no_clip || no_minute) wrong(key);
    }
    return out;
  }
  template <class Enum>
  Enum named(std::string_view key, std::optional<Enum> (*find_name)(std::string_view)) {
    const auto found = find_name(text(key));
    if (!found) wrong(key);
    return found.value_or(Enum{});
  }
  void wrong(std::string_view key) {
    if (wrong_.empty()) wrong_ = key;
  }
  [[nodiscard]] const std::string& first_wrong() const { return wrong_; }

 private:
  [[nodiscard]] const json::value* find(std::string_view key) const { return object_.if_contains(key); }

  const json::object& object_;
  std::string wrong_;
};

Receipt::Line line_of(const json::value& value, Members& whole) {
  static const json::object none;
  Members members(value.is_object() ? value.get_object() : none);
  Receipt::Line out{.video = members.text("video"),
                    .source = members.named<Source>("source", source_of),
                    .text = members.text("text"),
                    .score = members.text("score")};
  if (!members.first_wrong().empty()) whole.wrong("items");
  return out;
}

std::string exact(double score) { return fmt::format("{:a}", score); }

std::string named(std::string_view what, const auto& kept, const auto& made) {
  return fmt::format("{}: {} in the receipt, {} when made again", what, kept, made);
}

}  // namespace

Query PageInputs::query(const ClipCounts& counts) const {
  return {.viewer = viewer,
          .mode = mode,
          .limit = limit,
          .seed = hash_of(page),
          .now = now,
          .withheld = &counts,
          .just_before = just_before,
          .reposts = reposts};
}

Receipt receipt_of(const Fold& fold, const PageInputs& inputs, const Ranking& ranking) {
  Receipt out{.page = std::string(inputs.page),
              .viewer = std::string(inputs.viewer),
              .mode = inputs.mode,
              .limit = inputs.limit,
              .now = inputs.now,
              .withheld = inputs.withheld,
              .just_before = inputs.just_before,
              .reposts = inputs.reposts,
              .engine = engine_version,
              .records = fold.folded(),
              .history = hex_of(fold.history()),
              .settings = hex_of(crypto::sha256(fold.engine().settings().text)),
              .items = {},
              .end = ranking.end};
  for (const auto& pick : ranking.picks)
    out.items.push_back({std::string(fold.engine().video_of(pick.clip)), pick.source, pick.text, exact(pick.score)});
  return out;
}

std::string write(const Receipt& receipt) {
  auto text = json::serialize(object_of(receipt));
  const auto sum = hex_of(crypto::sha256(text));
  text.pop_back();  // the closing brace
  text += checksum_key;
  text += sum;
  text += "\"}";
  return text;
}

Result<Receipt> read_receipt(std::string_view line) {
  if (line.size() > line_bytes_max)
    return fail(Errc::invalid_argument, "a receipt of {} bytes; at most {}", line.size(), line_bytes_max);
  const auto parsed = parse_json(line);
  if (!parsed || !parsed->is_object()) return fail(Errc::invalid_argument, "not a receipt: not one JSON object");
  Members members(parsed->get_object());
  if (members.number<std::int64_t>("v") > format_version)
    return fail(Errc::unsupported, "the receipt is of a newer format: use a newer Vitrine");
  Receipt out{.page = members.text("page"),
              .viewer = members.text("viewer"),
              .mode = members.named<Mode>("mode", mode_of),
              .limit = members.number<std::size_t>("limit"),
              .now = members.number<Minute>("now"),
              .withheld = members.clips("withheld"),
              .just_before = members.clips("just_before"),
              .reposts = members.reposts("reposts"),
              .engine = members.number<std::uint32_t>("engine"),
              .records = members.number<store::Sequence>("records"),
              .history = members.text("history"),
              .settings = members.text("settings"),
              .items = {},
              .end = members.flag("end")};
  for (const auto& item : members.list("items")) out.items.push_back(line_of(item, members));
  if (!members.first_wrong().empty())
    return fail(Errc::invalid_argument, "not a receipt: \"{}\" is missing or wrong", members.first_wrong());
  if (out.limit < 1 || out.limit > limits::page_items_max)
    return fail(Errc::invalid_argument, "not a receipt: \"limit\" is not one of a page");
  if (write(out) != line)
    return fail(Errc::invalid_argument, "the receipt was changed after it was written: its checksum does not fit");
  return out;
}

std::string replay(const Fold& fold, const Receipt& kept) {
  if (kept.engine != engine_version) return named("engine version", kept.engine, engine_version);
  const PageInputs inputs{.page = kept.page,
                          .viewer = kept.viewer,
                          .mode = kept.mode,
                          .limit = kept.limit,
                          .now = kept.now,
                          .withheld = kept.withheld,
                          .just_before = kept.just_before,
                          .reposts = kept.reposts};
  ClipCounts withheld;
  for (const auto clip : kept.withheld) withheld.add(clip);
  const auto made = receipt_of(fold, inputs, fold.engine().rank(inputs.query(withheld)));
  if (made.records != kept.records) return named("records of the stream", kept.records, made.records);
  if (made.history != kept.history) return named("history of the stream", kept.history, made.history);
  if (made.settings != kept.settings) return named("settings", kept.settings, made.settings);
  for (std::size_t i = 0; i < std::max(kept.items.size(), made.items.size()); ++i) {
    const auto place = fmt::format("item {}", i + 1);
    if (i >= made.items.size()) return named(place, kept.items[i].video, "nothing");
    if (i >= kept.items.size()) return named(place, "nothing", made.items[i].video);
    const auto &was = kept.items[i], &is = made.items[i];
    if (was.video != is.video) return named(place, "video " + was.video, "video " + is.video);
    if (was.source != is.source) return named(place + ", source", name(was.source), name(is.source));
    if (was.score != is.score) return named(place + ", score", was.score, is.score);
    if (was.text != is.text) return named(place + ", reason", was.text, is.text);
  }
  if (made.end != kept.end) return named("end of the feed", kept.end, made.end);
  return "";
}

}  // namespace vitrine::feed
