#include "social/notification_words.hpp"

#include "base/unicode.hpp"

namespace vitrine::social {
namespace {

/// A name is kept apart from the sentence around it, so that one read from right to left turns nothing else around.
std::string name_of(const Person& person) {
  return fmt::format("\u2068{}\u2069",
                     shortened(person.display_name.empty() ? fmt::format("@{}", person.handle) : person.display_name,
                               told_name_characters_max));
}

/// "Ada", "Ada and Bob", "Ada, Bob and 3 others"
std::string who_of(const Notification& one) {
  if (one.actors.empty()) return "Somebody";
  const auto first = name_of(one.actors[0]);
  if (one.count <= 1) return first;
  const auto second = one.actors.size() > 1 ? name_of(one.actors[1]) : std::string("somebody");
  if (one.count == 2) return fmt::format("{} and {}", first, second);
  return fmt::format("{}, {} and {} {}", first, second, one.count - 2, one.count == 3 ? "other" : "others");
}

}  // namespace

std::string shortened(std::string_view text, std::size_t characters_max) {
  const auto points = decode_utf8(text);
  if (!points || points->size() <= characters_max) return std::string(text);
  return encode_utf8(points->substr(0, characters_max - 1)) + "…";
}

std::string sentence_of(const Notification& one) {
  constexpr std::string_view who = "{}";
  const auto& row = row_of(one.kind);
  const bool is_many = one.count > 1 || (row.gathers_all && !one.matter);
  std::string sentence(is_many && !row.sentence_many.empty() ? row.sentence_many : row.sentence);
  if (const auto at = sentence.find(who); at != sentence.npos) sentence.replace(at, who.size(), who_of(one));
  return sentence;
}

std::string page_of(const Notification& one) {
  const auto& row = row_of(one.kind);
  if (!row.page.empty()) return std::string(row.page);
  if (!one.video) return one.actors.empty() ? "/notifications" : fmt::format("/@{}", one.actors[0].handle);
  return one.comment ? fmt::format("/v/{}?comment={}", *one.video, *one.comment) : fmt::format("/v/{}", *one.video);
}

}  // namespace vitrine::social
