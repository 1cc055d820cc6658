#include "social/search_text.hpp"

#include <unordered_set>

#include "base/folding.hpp"
#include "base/unicode.hpp"
#include "social/videos.hpp"

namespace vitrine::social {
namespace {

/// Letters of one kind that stand together.
struct Run {
  std::u32string_view letters;
  LetterKind kind = LetterKind::none;
};

Run run_at(std::u32string_view text) {
  const auto kind = letter_kind(text.front());
  std::size_t end = 1;
  while (end < text.size() && letter_kind(text[end]) == kind) ++end;
  return {text.substr(0, end), kind};
}

template <class Visit>
void for_each_run(std::u32string_view text, Visit visit) {
  while (!text.empty()) {
    const auto run = run_at(text);
    if (run.kind != LetterKind::none) visit(run);
    text.remove_prefix(run.letters.size());
  }
}

std::string word(std::u32string_view letters) { return encode_utf8(letters.substr(0, word_characters_max)); }

template <class Visit>
void for_each_pair(std::u32string_view letters, Visit visit) {
  for (std::size_t i = 0; i + 1 < letters.size(); ++i) visit(word(letters.substr(i, 2)));
}

/// Gathers words, each once, within the limit.
class Words {
 public:
  explicit Words(std::size_t words_max = words_per_text_max) : words_max_(words_max) {}
  void add(std::string one) {
    if (one.empty() || seen_.size() >= words_max_ || !seen_.insert(one).second) return;
    if (!text_.empty()) text_ += ' ';
    text_ += one;
  }
  void add_run(const Run& run) {
    switch (run.kind) {
      case LetterKind::none: return;
      case LetterKind::word: return add(word(run.letters));
      case LetterKind::unspaced:
        for_each_pair(run.letters, [this](std::string pair) { add(std::move(pair)); });
        // The last character begins no pair; with it alone each character of the run can be searched for.
        return add(word(run.letters.substr(run.letters.size() - 1)));
      case LetterKind::pictograph:
        for (std::size_t i = 0; i < run.letters.size(); ++i) add(word(run.letters.substr(i, 1)));
    }
  }
  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  std::size_t words_max_;
  std::string text_;
  std::unordered_set<std::string> seen_;
};

bool may_join(char32_t point) { return point == U'_' || point == U'.' || letter_kind(point) != LetterKind::none; }

std::u32string joined(std::u32string_view text) {
  std::u32string letters;
  for_each_run(text, [&](const Run& run) { letters += run.letters; });
  return letters;
}

class Terms {
 public:
  [[nodiscard]] bool full() const { return terms_.size() >= search_terms_max; }
  void add(Term term) {
    if (!full() && std::ranges::find(terms_, term) == terms_.end()) terms_.push_back(std::move(term));
  }
  void add_run(const Run& run) {
    if (run.kind == LetterKind::word) return add({word(run.letters)});
    if (run.kind == LetterKind::unspaced && run.letters.size() > 1)
      return for_each_pair(run.letters, [this](std::string pair) { add({std::move(pair)}); });
    for (std::size_t i = 0; i < run.letters.size(); ++i)
      add({word(run.letters.substr(i, 1)), run.kind == LetterKind::unspaced});
  }
  [[nodiscard]] std::vector<Term> take() { return std::move(terms_); }

 private:
  std::vector<Term> terms_;
};

/// Takes a name with its sign off the front of `text`, if one stands there.
std::optional<Term> take_signed_name(std::u32string_view& text) {
  if (text.front() != static_cast<char32_t>(tag_sign) && text.front() != static_cast<char32_t>(handle_sign))
    return std::nullopt;
  std::size_t end = 1;
  while (end < text.size() && may_join(text[end])) ++end;
  const auto letters = joined(text.substr(1, end - 1));
  if (letters.empty()) return std::nullopt;
  Term term{static_cast<char>(text.front()) + word(letters)};
  text.remove_prefix(end);
  return term;
}

}  // namespace

std::string words_of(std::string_view text, std::size_t words_max) {
  Words words(words_max);
  for_each_run(folded(text), [&](const Run& run) { words.add_run(run); });
  return words.take();
}

std::string words_of_name(std::string_view name, char sign) {
  const auto text = folded(name);
  Words words;
  words.add(signed_name(name, sign));
  for_each_run(text, [&](const Run& run) { words.add_run(run); });
  words.add(word(joined(text)));
  return words.take();
}

std::string signed_name(std::string_view name, char sign) { return sign + word(joined(folded(name))); }

std::u32string letters_of(std::string_view text) { return joined(folded(text)); }

std::vector<Term> terms_of(std::string_view query) {
  const auto text = folded(query);
  Terms terms;
  for (std::u32string_view rest = text; !rest.empty() && !terms.full();) {
    if (auto name = take_signed_name(rest)) {
      terms.add(std::move(*name));
      continue;
    }
    const auto run = run_at(rest);
    if (run.kind != LetterKind::none) terms.add_run(run);
    rest.remove_prefix(run.kind == LetterKind::none ? 1 : run.letters.size());
  }
  const bool whole = !terms.full();
  auto list = terms.take();
  if (whole && !list.empty()) list.back().prefix = true;
  return list;
}

Match best_match(const Term& term, std::string_view words) {
  auto best = Match::none;
  for (auto at = words.find(term.word); at != std::string_view::npos; at = words.find(term.word, at + 1)) {
    if (at != 0 && words[at - 1] != ' ') continue;
    const auto end = at + term.word.size();
    if (end == words.size() || words[end] == ' ') return Match::whole;
    if (term.prefix) best = Match::prefix;
  }
  return best;
}

Result<std::string> checked_query(std::string_view query) {
  if (query.find('\n') != std::string_view::npos)
    return fail(Errc::invalid_argument, "a search must not hold control characters");
  return checked_text(query, search_characters_max, "a search");
}

}  // namespace vitrine::social
