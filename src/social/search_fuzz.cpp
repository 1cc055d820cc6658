// Whatever is searched for or written, the words of it hold nothing that either engine could take for syntax.
#include <cstddef>
#include <cstdint>

#include "base/unicode.hpp"
#include "social/search_text.hpp"

namespace {

bool is_plain(std::string_view word) {
  return !word.empty() && vitrine::is_utf8(word) &&
         word.find_first_of(" \"'*():^~\\&|!<>{}+-") == std::string_view::npos;
}

void check_words(std::string_view words) {
  while (!words.empty()) {
    const auto end = std::min(words.find(' '), words.size());
    VT_ASSERT(is_plain(words.substr(0, end)));
    words.remove_prefix(std::min(end + 1, words.size()));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vitrine::social;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check_words(words_of(text));
  check_words(words_of_name(text, tag_sign));
  const auto terms = terms_of(text);
  VT_ASSERT(terms.size() <= search_terms_max);
  for (const auto& term : terms) {
    VT_ASSERT(is_plain(term.word));
    (void)best_match(term, text);
  }
  if (const auto query = checked_query(text)) VT_ASSERT(query->size() <= size);
  return 0;
}
