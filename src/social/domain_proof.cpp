#include "social/domain_proof.hpp"

#include <algorithm>

namespace vitrine::social {
namespace {

constexpr std::string_view spaces = " \t\r\n\f";

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
bool is_space(char c) { return spaces.find(c) != spaces.npos; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string lowered(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), lower);
  return out;
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(spaces);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(spaces) - first + 1);
}

bool is_label(std::string_view label) {
  const auto allowed = [](char c) { return (c >= 'a' && c <= 'z') || is_digit(c) || c == '-'; };
  return !label.empty() && label.size() <= domain_label_characters_max && label.front() != '-' && label.back() != '-' &&
         std::ranges::all_of(label, allowed);
}

bool starts_with_word(std::string_view text, std::string_view word) {
  return text.size() >= word.size() && lowered(text.substr(0, word.size())) == word &&
         (text.size() == word.size() || is_space(text[word.size()]) || text[word.size()] == '>' ||
          text[word.size()] == '/');
}

/// Takes the next attribute off a tag's inside. False at its end.
bool next_attribute(std::string_view& tag, std::string& name, std::string& value) {
  while (!tag.empty() && (is_space(tag.front()) || tag.front() == '/')) tag.remove_prefix(1);
  if (tag.empty()) return false;
  const auto end = std::min(tag.find_first_of(" \t\r\n\f=/"), tag.size());
  name = lowered(tag.substr(0, end));
  value.clear();
  tag.remove_prefix(std::max<std::size_t>(end, 1));
  auto rest = tag.substr(std::min(tag.find_first_not_of(spaces), tag.size()));
  if (!rest.starts_with('=')) return true;
  rest.remove_prefix(1);
  rest = rest.substr(std::min(rest.find_first_not_of(spaces), rest.size()));
  const bool quoted = !rest.empty() && (rest.front() == '"' || rest.front() == '\'');
  const auto close = quoted ? rest.find(rest.front(), 1) : rest.find_first_of(spaces);
  const auto length = std::min(close, rest.size());
  value = quoted ? rest.substr(1, length - 1) : rest.substr(0, length);
  tag = rest.substr(std::min(length + (quoted ? 1 : 0), rest.size()));
  return true;
}

/// Where a tag ends: the first '>' outside of quotes.
std::size_t tag_end(std::string_view html) {
  char quote = 0;
  for (std::size_t at = 0; at < html.size(); ++at) {
    const char c = html[at];
    if (quote != 0)
      quote = c == quote ? '\0' : quote;
    else if (c == '"' || c == '\'')
      quote = c;
    else if (c == '>')
      return at;
  }
  return html.size();
}

bool has_word(std::string_view list, std::string_view word) {
  while (!list.empty()) {
    list = trimmed(list);
    const auto end = std::min(list.find_first_of(spaces), list.size());
    if (lowered(list.substr(0, end)) == word) return true;
    list.remove_prefix(end);
  }
  return false;
}

std::string_view without_slash(std::string_view address) {
  if (address.ends_with('/')) address.remove_suffix(1);
  return address;
}

bool is_own_link(std::string_view tag, std::string_view address) {
  std::string name, value, rel, href;
  while (next_attribute(tag, name, value)) {
    if (name == "rel" && rel.empty()) rel = value;
    if (name == "href" && href.empty()) href = value;
  }
  return has_word(rel, "me") && without_slash(trimmed(href)) == without_slash(address);
}

/// Behind what is no markup: a comment, or a script with its end tag.
std::size_t behind_opaque(std::string_view html) {
  if (html.starts_with("<!--")) {
    const auto end = html.find("-->", 4);
    return end == html.npos ? html.size() : end + 3;
  }
  for (const auto* word : {"script", "style", "template", "noscript", "textarea", "title"}) {
    if (!starts_with_word(html.substr(1), word)) continue;
    const auto close = std::string("</") + word;
    const auto end = std::ranges::search(html, close, {}, lower).begin() - html.begin();
    return std::min(static_cast<std::size_t>(end) + 2, html.size());
  }
  return 0;
}

}  // namespace

Result<std::string> checked_domain(std::string_view text) {
  auto domain = lowered(trimmed(text));
  const auto refuse = [] {
    return fail(Errc::invalid_argument,
                "a domain is a name such as example.org: no https://, no path, no port; letters of other alphabets as "
                "xn--…");
  };
  if (domain.empty() || domain.size() > domain_characters_max) return refuse();
  std::size_t labels = 0;
  std::string_view last;
  for (std::string_view rest = domain;; rest.remove_prefix(last.size() + 1)) {
    last = rest.substr(0, rest.find('.'));
    if (!is_label(last)) return refuse();
    ++labels;
    if (last.size() == rest.size()) break;
  }
  if (labels < 2 || std::ranges::all_of(last, is_digit) || last.starts_with("0x")) return refuse();
  return domain;
}

bool file_proves(std::string_view file, std::string_view token) {
  while (!file.empty()) {
    const auto end = std::min(file.find('\n'), file.size());
    if (trimmed(file.substr(0, end)) == token) return true;
    file.remove_prefix(std::min(end + 1, file.size()));
  }
  return false;
}

bool page_proves(std::string_view html, std::string_view address) {
  for (auto at = html.find('<'); at != html.npos; at = html.find('<')) {
    html.remove_prefix(at);
    if (const auto behind = behind_opaque(html); behind > 0) {
      html.remove_prefix(behind);
      continue;
    }
    const auto end = tag_end(html);
    auto tag = html.substr(1, std::max<std::size_t>(end, 1) - 1);
    for (const std::string_view word : {"a", "link"})
      if (starts_with_word(tag, word) && is_own_link(tag.substr(word.size()), address)) return true;
    html.remove_prefix(std::min(end + 1, html.size()));
  }
  return false;
}

}  // namespace vitrine::social
