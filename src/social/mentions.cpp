#include "social/mentions.hpp"

#include "social/accounts.hpp"
#include "social/sql.hpp"
#include "social/visibility.hpp"

namespace vitrine::social {
namespace {

bool is_handle_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
}

/// "ada@example.org" names nobody. What is no letter of ours may stand right before: some writing has no spaces.
bool begins_mention(std::string_view text, std::size_t at) { return at == 0 || !is_handle_character(text[at - 1]); }

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return out;
}

}  // namespace

std::vector<std::string> mentioned_handles(std::string_view text, std::size_t max) {
  std::vector<std::string> handles;
  for (auto at = text.find('@'); at != std::string_view::npos && handles.size() < max; at = text.find('@', at + 1)) {
    if (!begins_mention(text, at)) continue;
    const auto rest = text.substr(at + 1);
    auto word =
        rest.substr(0, static_cast<std::size_t>(std::ranges::find_if_not(rest, is_handle_character) - rest.begin()));
    while (word.ends_with('.')) word.remove_suffix(1);
    if (word.size() < handle_characters_min || word.size() > handle_characters_max) continue;
    if (auto handle = lower(word); std::ranges::find(handles, handle) == handles.end())
      handles.push_back(std::move(handle));
  }
  return handles;
}

Result<void> check_mentions(std::string_view text) {
  if (mentioned_handles(text, mentions_max + 1).size() > mentions_max)
    return fail(Errc::invalid_argument, "at most {} people can be mentioned at once", mentions_max);
  return {};
}

Result<std::vector<Person>> mentioned(store::Database& database, std::string_view text, std::string_view author_id,
                                      std::string_view viewer_id) {
  std::vector<Person> people;
  const auto handles = mentioned_handles(text);
  if (handles.empty()) return people;
  store::Params params{std::string(viewer_id)};
  params.insert(params.end(), handles.begin(), handles.end());
  VT_CHECK(database.transaction(store::Access::read, [&](store::Session& session) -> Result<void> {
    VT_TRY(const auto rows,
           session.query(fmt::format("SELECT a.id, a.handle, a.display_name FROM accounts a WHERE {} AND "
                                     "a.handle IN ({})",
                                     sql_seen("a.id", "$1"), placeholders(2, handles.size())),
                         params));
    for (const auto& row : rows) {
      VT_TRY(const auto relation, relation_of(session, row.text(0), author_id));
      if (may_mention(relation)) people.push_back({row.text(0), row.text(1), row.text(2)});
    }
    return {};
  }));
  std::ranges::sort(people, {},
                    [&](const Person& one) { return std::ranges::find(handles, one.handle) - handles.begin(); });
  return people;
}

}  // namespace vitrine::social
