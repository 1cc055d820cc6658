#include "social/comment_rules.hpp"

#include "base/folding.hpp"
#include "social/text.hpp"
#include "social/videos.hpp"

namespace vitrine::social {
namespace {

constexpr std::array all_hold{Hold::nothing, Hold::links, Hold::strangers, Hold::everything};

template <class T, std::size_t N>
Result<T> named(std::string_view text, const std::array<T, N>& all, std::string_view what) {
  const auto found = std::ranges::find(all, text, [](T one) { return name(one); });
  if (found != all.end()) return *found;
  std::vector<std::string_view> names;
  for (const T one : all) names.push_back(name(one));
  return fail(Errc::invalid_argument, "\"{}\" must be one of: {}", what, fmt::join(names, ", "));
}

bool is_only_space(std::u32string_view words) { return words.find_first_not_of(U' ') == std::u32string_view::npos; }

/// The end of the letters that begin at `at`.
std::size_t end_of_letters(std::u32string_view text, std::size_t at) {
  while (at < text.size() && is_letter_or_digit(text[at]) && !(text[at] >= U'0' && text[at] <= U'9')) ++at;
  return at;
}

}  // namespace

std::string_view name(Hold hold) {
  switch (hold) {
    case Hold::nothing: return "nothing";
    case Hold::links: return "links";
    case Hold::strangers: return "strangers";
    case Hold::everything: return "everything";
  }
  return "everything";
}

Result<std::string> checked_word(std::string_view word) {
  VT_TRY(auto text, checked_text(word, held_word_characters_max, "a word"));
  if (text.find('\n') != std::string::npos) return fail(Errc::invalid_argument, "a word has no line breaks");
  if (is_only_space(words_of(folded(text)))) return fail(Errc::invalid_argument, "a word has letters or digits");
  return text;
}

Result<CommentRules> checked_rules(std::string_view who, std::string_view hold, const std::vector<std::string>& words) {
  CommentRules rules;
  VT_TRY(rules.who, named(who, all_who, "who"));
  VT_TRY(rules.hold, named(hold, all_hold, "hold"));
  if (words.size() > held_words_max) return fail(Errc::invalid_argument, "\"words\" has at most {}", held_words_max);
  for (const auto& word : words) {
    VT_TRY(auto checked, checked_word(word));
    if (std::ranges::find(rules.words, checked) == rules.words.end()) rules.words.push_back(std::move(checked));
  }
  return rules;
}

bool has_link(std::u32string_view text) {
  constexpr std::size_t top_domain_characters_min = 2;
  if (text.find(U"://") != std::u32string_view::npos || text.find(U"www.") != std::u32string_view::npos) return true;
  for (std::size_t dot = text.find(U'.'); dot != std::u32string_view::npos; dot = text.find(U'.', dot + 1)) {
    if (dot > 0 && is_letter_or_digit(text[dot - 1]) &&
        end_of_letters(text, dot + 1) >= dot + 1 + top_domain_characters_min)
      return true;
  }
  return false;
}

bool has_word(std::u32string_view text, std::string_view word) {
  const auto sought = words_of(folded(word));
  const auto words = words_of(text);
  if (words.find(sought) != std::u32string::npos) return true;
  const auto is_unspaced = [](char32_t point) { return letter_kind(point) == LetterKind::unspaced; };
  return std::ranges::any_of(sought, is_unspaced) &&
         words.find(sought.substr(1, sought.size() - 2)) != std::u32string::npos;
}

bool must_hold(const CommentRules& rules, const Relation& relation, std::string_view text) {
  if (relation.self) return false;
  if (rules.hold == Hold::everything) return true;
  if (rules.hold == Hold::strangers && !relation.follows && !relation.followed_back) return true;
  const auto plain = folded(text);
  if (rules.hold == Hold::links && has_link(plain)) return true;
  return std::ranges::any_of(rules.words, [&](const auto& word) { return has_word(plain, word); });
}

}  // namespace vitrine::social
