#include "social/suggestion_names.hpp"

#include <map>
#include <set>

#include "social/sql.hpp"

namespace vitrine::social {
namespace {

/// Beyond those asked for, in case some have left.
constexpr std::size_t spare_names = 8;
constexpr auto names_of_a_kind_max = static_cast<std::int64_t>(suggestion_names_max / 2);

constexpr std::string_view all_tags =
    "SELECT tag, COUNT(*) FROM search_tags GROUP BY tag ORDER BY COUNT(*) DESC, tag LIMIT $1";
constexpr std::string_view all_accounts =
    "SELECT a.handle, s.followers FROM search_accounts s JOIN accounts a ON a.id = s.account_id "
    "ORDER BY s.followers DESC, s.n DESC LIMIT $1";
constexpr std::string_view last_numbers =
    "SELECT COALESCE((SELECT MAX(n) FROM search_tags), 0), COALESCE((SELECT MAX(n) FROM search_accounts), 0)";
// In the order in which they came: sorted or joined otherwise, SQLite would read all of an index for the few that are
// new.
constexpr std::string_view new_tags = "SELECT tag, 1, n FROM search_tags WHERE n > $1 ORDER BY n";
constexpr std::string_view new_accounts =
    "SELECT a.handle, s.followers, s.n FROM search_accounts s JOIN accounts a ON a.id = s.account_id WHERE s.n > $1 "
    "ORDER BY s.n";

/// Whether a tag is in use, its first video tells; a join would read all the videos of a common one.
std::string tags_in_use(std::size_t count) {
  std::string given;
  for (std::size_t i = 1; i <= count; ++i) given += fmt::format("{}(${})", i > 1 ? ", " : "", i);
  return fmt::format(
      "SELECT column1 FROM (VALUES {}) AS given WHERE EXISTS (SELECT 1 FROM search_tags WHERE tag = column1)", given);
}

std::string accounts_in_use(std::size_t count) {
  return fmt::format(
      "SELECT a.handle FROM accounts a JOIN search_accounts s ON s.account_id = a.id WHERE a.suspended_until = 0 AND "
      "a.handle IN ({})",
      placeholders(1, count));
}

/// Of the names in `list` those that can be found by searching.
Result<std::set<std::string>> findable(store::Session& session, NameKind kind, const store::Params& names) {
  std::set<std::string> found;
  if (names.empty()) return found;
  const auto sql = kind == NameKind::tag ? tags_in_use(names.size()) : accounts_in_use(names.size());
  VT_TRY(const auto rows, session.query(sql, names));
  for (const auto& row : rows) found.insert(row.text(0));
  return found;
}

}  // namespace

Result<void> SuggestionNames::keep_up() {
  const std::lock_guard lock(mutex_);
  const TimeMs now = clock_.now();
  if (filled_at_ != 0 && now >= filled_at_ && now - filled_at_ < suggestion_weights_age_ms_max) return {};
  VT_CHECK(fill());
  filled_at_ = now;
  return {};
}

Result<void> SuggestionNames::fill() {
  std::vector<SuggestedName> names;
  VT_CHECK(database_.transaction(store::Access::read, [&](store::Session& session) -> Result<void> {
    names.clear();
    VT_TRY(const auto last, session.query(last_numbers));
    last_tag_ = last[0].integer(0);
    last_account_ = last[0].integer(1);
    for (const auto& [kind, sql] : {std::pair(NameKind::tag, all_tags), std::pair(NameKind::account, all_accounts)}) {
      VT_TRY(const auto rows, session.query(sql, {names_of_a_kind_max}));
      for (const auto& row : rows) names.push_back({kind, row.text(0), row.integer(1)});
    }
    return {};
  }));
  index_.fill(std::move(names));
  return {};
}

Result<void> SuggestionNames::take_over_new() {
  const std::unique_lock lock(mutex_, std::try_to_lock);
  if (!lock) return {};  // somebody else is at it
  const auto take = [this](NameKind kind, std::string_view sql, std::int64_t& last) -> Result<void> {
    VT_TRY(const auto rows, database_.query(sql, {last}));
    for (const auto& row : rows) {
      index_.add({kind, row.text(0), row.integer(1)});
      last = std::max(last, row.integer(2));
    }
    return {};
  };
  VT_CHECK(take(NameKind::tag, new_tags, last_tag_));
  return take(NameKind::account, new_accounts, last_account_);
}

Result<std::vector<SuggestedName>> SuggestionNames::in_use(const std::vector<SuggestedName>& names, std::size_t limit) {
  std::map<NameKind, std::set<std::string>> findable_names;
  VT_CHECK(database_.transaction(store::Access::read, [&](store::Session& session) -> Result<void> {
    for (const auto kind : {NameKind::tag, NameKind::account}) {
      store::Params of_kind;
      for (const auto& name : names)
        if (name.kind == kind) of_kind.emplace_back(name.name);
      VT_TRY(findable_names[kind], findable(session, kind, of_kind));
    }
    return {};
  }));
  std::vector<SuggestedName> used;
  for (const auto& name : names) {
    if (!findable_names[name.kind].contains(name.name))
      index_.remove(name.kind, name.name);
    else if (used.size() < limit)
      used.push_back(name);
  }
  return used;
}

Result<std::vector<SuggestedName>> SuggestionNames::find(std::string_view typed, std::optional<NameKind> kind,
                                                         std::size_t limit) {
  VT_CHECK(take_over_new());
  return in_use(index_.find(typed, kind, limit + spare_names), limit);
}

}  // namespace vitrine::social
