#include "social/automatic_rules.hpp"

#include <charconv>

#include "base/folding.hpp"
#include "social/comment_rules.hpp"

namespace vitrine::social {
namespace {

constexpr std::size_t sha256_hex_digits = 64;

bool is_sha256(std::string_view text) {
  return text.size() == sha256_hex_digits &&
         std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

Result<void> insert(store::Session& session, std::string_view kind, std::string value, RuleOutcome outcome) {
  VT_CHECK(session.execute("INSERT INTO moderation_rules (kind, value, outcome) VALUES ($1, $2, $3)",
                           {std::string(kind), std::move(value), std::string(name(outcome))}));
  return {};
}

/// Sorts, and of equal ones keeps the first.
template <class T, class Key>
void settle(std::vector<T>& list, Key key) {
  std::ranges::stable_sort(list, {}, key);
  const auto repeats = std::ranges::unique(list, {}, key);
  list.erase(repeats.begin(), repeats.end());
}

}  // namespace

Result<AutomaticRules> checked(const AutomaticRules& rules) {
  AutomaticRules out = rules;
  for (auto& word : out.words) {
    VT_TRY(word.text, checked_word(word.text));
  }
  for (const auto& hash : out.hashes)
    if (!is_sha256(hash.sha256)) return fail(Errc::invalid_argument, "a hash is SHA-256, 64 lower-case hex digits");
  if (out.words.size() > rule_words_max || out.hashes.size() > rule_hashes_max)
    return fail(Errc::invalid_argument, "at most {} words and {} hashes", rule_words_max, rule_hashes_max);
  if (out.videos_per_hour < 0 || out.videos_per_hour > rule_videos_per_hour_max)
    return fail(Errc::invalid_argument, "videos an hour are 0 (any number) to {}", rule_videos_per_hour_max);
  settle(out.words, &AutomaticRules::Word::text);
  settle(out.hashes, &AutomaticRules::Hash::sha256);
  return out;
}

Result<AutomaticRules> load_rules(store::Session& session) {
  AutomaticRules out;
  VT_TRY(const auto rows, session.query("SELECT kind, value, outcome FROM moderation_rules ORDER BY kind, value"));
  for (const auto& row : rows) {
    VT_TRY(const auto outcome, one_of(rule_outcomes, row.text(2), "outcome"));
    const auto& value = row.text(1);
    if (row.text(0) == "word") out.words.push_back({value, outcome});
    if (row.text(0) == "hash") out.hashes.push_back({value, outcome});
    if (row.text(0) == "rate") {
      std::from_chars(value.data(), value.data() + value.size(), out.videos_per_hour);
      out.rate_outcome = outcome;
    }
  }
  settle(out.words, &AutomaticRules::Word::text);  // engines order texts each in its own way
  return out;
}

Result<void> store_rules(store::Session& session, const AutomaticRules& rules) {
  VT_CHECK(session.execute("DELETE FROM moderation_rules"));
  for (const auto& word : rules.words) VT_CHECK(insert(session, "word", word.text, word.outcome));
  for (const auto& hash : rules.hashes) VT_CHECK(insert(session, "hash", hash.sha256, hash.outcome));
  return insert(session, "rate", fmt::to_string(rules.videos_per_hour), rules.rate_outcome);
}

std::vector<RuleHit> word_hits(const AutomaticRules& rules, std::string_view text) {
  const auto plain = folded(text);
  std::vector<RuleHit> out;
  for (const auto& word : rules.words)
    if (has_word(plain, word.text))
      out.push_back(
          {"automatic rule: words", fmt::format("“{}” is on the operator's list of words.", word.text), word.outcome});
  return out;
}

std::vector<RuleHit> hash_hits(const AutomaticRules& rules, std::string_view sha256) {
  const auto found = std::ranges::find(rules.hashes, sha256, &AutomaticRules::Hash::sha256);
  if (found == rules.hashes.end()) return {};
  return {{"automatic rule: files", "This very file is on the operator's list of files.", found->outcome}};
}

std::vector<RuleHit> rate_hits(const AutomaticRules& rules, std::int64_t videos_in_last_hour) {
  if (rules.videos_per_hour == 0 || videos_in_last_hour <= rules.videos_per_hour) return {};
  return {{"automatic rule: rate", fmt::format("More than {} videos within an hour.", rules.videos_per_hour),
           rules.rate_outcome}};
}

}  // namespace vitrine::social
