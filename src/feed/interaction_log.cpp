#include "feed/interaction_log.hpp"

#include <charconv>
#include <csv.h>
#include <fstream>
#include <sstream>
#include <unordered_map>

#include "base/crypto.hpp"
#include "feed/limits.hpp"

namespace vitrine::feed {
namespace {

enum Column : std::size_t {
  user,
  item,
  time,
  creator,
  tags,
  surface,
  length,
  watched,
  view,
  finish,
  like,
  share,
  follow,
  comment,
  not_interested,
  report,
  history,
  history_finished,
  history_liked,
  column_count,
};

struct ColumnNames {
  std::string_view means;
  std::vector<std::string_view> names;
};

const std::array<ColumnNames, column_count>& column_names() {
  static const std::array<ColumnNames, column_count> all{{
      {"who", {"user", "user_id", "uid", "viewer", "viewer_id"}},
      {"what was shown",
       {"item", "item_id", "iid", "video", "video_id", "movie", "movie_id", "location", "location_id"}},
      {"when, in ms or s", {"time", "time_ms", "timestamp", "timestamp_ms", "ts", "shown_at", "last_time_ms"}},
      {"its maker", {"creator", "creator_id", "author", "author_id"}},
      {"its topics, separated by commas, spaces or |", {"tags", "tag", "genres"}},
      {"where it was shown", {"surface", "tab"}},
      {"length in ms", {"duration_ms", "length_ms", "duration"}},
      {"time watched in ms", {"play_ms", "play_time_ms", "watched_ms", "watch_ms"}},
      {"stayed: 0 or 1", {"click", "is_click", "view", "viewed"}},
      {"watched to the end or long enough: 0 or 1", {"finished", "long_view", "is_long_view", "finish"}},
      {"0 or 1", {"like", "is_like", "liked"}},
      {"0 or 1", {"share", "is_share", "forward", "is_forward", "shared"}},
      {"0 or 1", {"follow", "is_follow", "followed"}},
      {"0 or 1", {"comment", "is_comment", "commented"}},
      {"0 or 1", {"not_interested", "hate", "is_hate"}},
      {"0 or 1", {"report", "is_report", "reported"}},
      {"histories: all items of the user, in order", {"watch"}},
      {"histories: the finished ones", {"longw"}},
      {"histories: the liked ones", {"likes", "liked_items"}},
  }};
  return all;
}

constexpr std::array<std::pair<Column, Head>, 8> labels{{{view, Head::view},
                                                         {finish, Head::finish},
                                                         {like, Head::like},
                                                         {share, Head::share},
                                                         {follow, Head::follow},
                                                         {comment, Head::comment},
                                                         {not_interested, Head::not_interested},
                                                         {report, Head::report}}};

constexpr std::uint16_t bit(Head head) { return static_cast<std::uint16_t>(1U << static_cast<unsigned>(head)); }

std::optional<double> number_of(std::string_view text) {
  double out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(out)) return std::nullopt;
  return out;
}

/// A column's name without what people spell in many ways: user_id, "User ID", userId, user_id:token (as RecBole has
/// it).
std::string plain_name(std::string_view name) {
  std::string out;
  for (const char c : name.substr(0, name.find(':')))
    if (std::isalnum(static_cast<unsigned char>(c)))
      out += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

bool is_called(std::size_t column, std::string_view plain) {
  const auto& names = column_names()[column].names;
  return std::ranges::find(names, plain, plain_name) != names.end();
}

/// Ids of any length, as short as the engine takes them.
std::string short_id(const std::string& id) {
  if (id.size() <= limits::clip_id_length_max) return id;
  const auto hash = crypto::sha256(id);
  return fmt::format("{:02x}", fmt::join(hash, ""));
}

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> out(1);
  for (const char c : text) {
    if (c != ' ' && c != ',' && c != '|')
      out.back() += c;
    else if (!out.back().empty())
      out.emplace_back();
  }
  if (out.back().empty()) out.pop_back();
  return out;
}

/// Gives the names of a column numbers, in the order in which they come.
class Numbers {
 public:
  std::pair<std::uint32_t, bool> of(const std::string& name) {
    const auto [found, is_new] = all_.try_emplace(name, static_cast<std::uint32_t>(all_.size()));
    return {found->second, is_new};
  }

 private:
  std::unordered_map<std::string, std::uint32_t> all_;
};

class LogParser {
 public:
  LogParser(std::string file, const InteractionLog* like) : file_(std::move(file)) {
    if (!like) return;
    log_.users = like->users;
    log_.items = like->items;
    for (const auto& name : log_.users) users_.of(name);
    for (const auto& one : log_.items) items_.of(one.id);
  }

  Result<InteractionLog> parse() {
    std::ifstream in(file_, std::ios::binary);
    if (!in) return fail(Errc::not_found, "cannot read {}", file_);
    csv_parser parser;
    if (csv_init(&parser, CSV_APPEND_NULL) != 0) return fail(Errc::internal, "cannot start reading {}", file_);
    std::string piece(1 << 20, '\0');
    bool first = true;
    while (!fault_ && in.read(piece.data(), static_cast<std::streamsize>(piece.size())).gcount() > 0) {
      const auto size = static_cast<std::size_t>(in.gcount());
      if (std::exchange(first, false)) csv_set_delim(&parser, separator_of(std::string_view(piece).substr(0, size)));
      if (csv_parse(&parser, piece.data(), size, on_field, on_row, this) != size) break;
    }
    if (!fault_) csv_fini(&parser, on_field, on_row, this);
    csv_free(&parser);
    if (fault_) return std::unexpected(*fault_);
    if (log_.rows.empty()) return fail(Errc::invalid_argument, "{} holds no rows", file_);
    finish_up();
    return std::move(log_);
  }

 private:
  static unsigned char separator_of(std::string_view text) {
    const auto line = text.substr(0, text.find('\n'));
    for (const char separator : {',', '\t', ';', '|', ' '})
      if (line.find(separator) != std::string_view::npos) return static_cast<unsigned char>(separator);
    return ',';
  }
  static void on_field(void* text, std::size_t size, void* self) {
    static_cast<LogParser*>(self)->fields_.emplace_back(static_cast<const char*>(text), size);
  }
  static void on_row(int, void* self) {
    auto& parser = *static_cast<LogParser*>(self);
    ++parser.line_;
    if (!parser.fault_) {
      const auto done = parser.line_ == 1 ? parser.read_header() : parser.read_row();
      if (!done) parser.fault_ = done.error();
    }
    parser.fields_.clear();
  }

  Result<void> read_header() {
    place_.fill(-1);
    for (std::size_t at = 0; at < fields_.size(); ++at) {
      const auto name = plain_name(fields_[at]);
      for (std::size_t column = 0; column < column_count; ++column)
        if (place_[column] < 0 && is_called(column, name)) place_[column] = static_cast<int>(at);
    }
    histories_ = has(history);
    if (histories_ && !has(history_liked)) std::swap(place_[history_liked], place_[like]);
    if (!has(user) || (!has(item) && !histories_))
      return fail(Errc::invalid_argument,
                  "{} names no user or no item column in its first line; `vitrine eval --help` lists the names", file_);
    if (histories_) {
      if (has(history_finished)) log_.known |= bit(Head::finish);
      if (has(history_liked)) log_.known |= bit(Head::like);
      return {};
    }
    log_.has_times = has(time);
    time_scale_ = has(time) && plain_name(fields_[static_cast<std::size_t>(place_[time])]).ends_with("ms") ? 1 : 0;
    for (const auto& [column, head] : labels)
      if (has(column)) log_.known |= bit(head);
    if (has(watched)) log_.known |= bit(Head::watch);
    return {};
  }

  [[nodiscard]] bool has(Column column) const { return place_[column] >= 0; }
  [[nodiscard]] const std::string& text(Column column) const {
    static const std::string none;
    return has(column) ? fields_[static_cast<std::size_t>(place_[column])] : none;
  }
  Result<double> number(Column column) {
    if (!has(column) || text(column).empty()) return 0.0;
    if (text(column) == "true" || text(column) == "True") return 1.0;
    if (text(column) == "false" || text(column) == "False") return 0.0;
    const auto out = number_of(text(column));
    if (!out || std::abs(*out) > 1e15)
      return fail(Errc::invalid_argument, "{}: line {}: \"{}\" is not a number ({})", file_, line_,
                  text(column).substr(0, 40), column_names()[column].names.front());
    return *out;
  }

  Result<void> read_row() {
    if (fields_.size() == 1 && fields_[0].empty()) return {};  // an empty line
    if (fields_.size() <= static_cast<std::size_t>(*std::ranges::max_element(place_)))
      return fail(Errc::invalid_argument, "{}: line {} has {} fields, fewer than the first line names", file_, line_,
                  fields_.size());
    LogRow row;
    VT_TRY(const double at, number(time));
    row.at_ms = static_cast<std::int64_t>(at);
    if (text(user).empty() || (!histories_ && text(item).empty()))
      return fail(Errc::invalid_argument, "{}: line {} names no user or no item", file_, line_);
    row.user = number_of_user();
    if (histories_) return read_history(row);
    VT_TRY(row.item, read_item(text(item)));
    VT_TRY(const double watched_ms, number(watched));
    row.watched_ms = std::clamp<std::int64_t>(static_cast<std::int64_t>(watched_ms), 0, 24LL * 3600 * 1000);
    if (has(surface))
      row.surface = static_cast<std::uint8_t>(std::min(surfaces_.of(text(surface)).first, surfaces_max - 1U));
    for (const auto& [column, head] : labels) {
      VT_TRY(const double value, number(column));
      row.happened[head] = value > 0 ? 1 : 0;
    }
    log_.rows.push_back(row);
    return {};
  }

  std::uint32_t number_of_user() {
    const auto id = short_id(text(user));
    const auto [number, is_new] = users_.of(id);
    if (is_new) log_.users.push_back(id);
    return number;
  }

  Result<std::uint32_t> read_item(const std::string& given) {
    const auto id = short_id(given);
    const auto [number, is_new] = items_.of(id);
    if (is_new) log_.items.push_back({id, {}, {}, 0});
    auto& facts = log_.items[number];
    if (!histories_ && facts.creator.empty() && facts.length_ms == 0) {
      facts.creator = text(creator);
      facts.tags = words_of(text(tags));
      VT_TRY(const double length_ms, this->number(length));
      facts.length_ms = std::clamp<std::int64_t>(static_cast<std::int64_t>(length_ms), 0, 24LL * 3600 * 1000);
    }
    return number;
  }

  Result<void> read_history(LogRow row) {
    const auto finished = words_of(text(history_finished)), liked = words_of(text(history_liked));
    for (const auto& id : words_of(text(history))) {
      VT_TRY(row.item, read_item(id));
      row.happened[Head::finish] = std::ranges::find(finished, id) != finished.end() ? 1 : 0;
      row.happened[Head::like] = std::ranges::find(liked, id) != liked.end() ? 1 : 0;
      log_.rows.push_back(row);
    }
    return {};
  }

  /// Seconds become milliseconds, rows stand by time.
  void finish_up() {
    std::int64_t latest = 0;
    for (const auto& row : log_.rows) latest = std::max(latest, row.at_ms);
    constexpr std::int64_t seconds_below = 100'000'000'000;
    if (time_scale_ == 0 && latest < seconds_below)
      for (auto& row : log_.rows) row.at_ms *= 1000;
    std::ranges::stable_sort(log_.rows, {}, &LogRow::at_ms);
  }

  std::string file_;
  InteractionLog log_;
  Numbers users_, items_, surfaces_;
  std::array<int, column_count> place_{};
  bool histories_ = false;
  int time_scale_ = 0;  ///< 1: the column's name says ms
  std::vector<std::string> fields_;
  std::size_t line_ = 0;
  std::optional<Error> fault_;
};

}  // namespace

std::string column_help() {
  std::string out;
  for (const auto& [means, names] : column_names())
    out += fmt::format("  {:<46} {}\n", fmt::format("{}", fmt::join(names, ", ")), means);
  return out;
}

Result<InteractionLog> read_log(const std::string& file, const InteractionLog* like) {
  return LogParser(file, like).parse();
}

}  // namespace vitrine::feed
