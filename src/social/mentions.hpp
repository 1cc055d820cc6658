// People who are named in a text: "@handle".
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "social/person.hpp"
#include "store/database.hpp"

namespace vitrine::social {

inline constexpr std::size_t mentions_max = 5;  ///< different people in one text

/// The handles, each once, in order; at most `max`.
[[nodiscard]] std::vector<std::string> mentioned_handles(std::string_view text, std::size_t max = mentions_max);
/// Errors: invalid_argument when there are more than mentions_max.
[[nodiscard]] Result<void> check_mentions(std::string_view text);

/// Those among the mentioned whom the author may mention (visibility.hpp) and whom the viewer may see, in the text's
/// order. Blocks on the database.
[[nodiscard]] Result<std::vector<Person>> mentioned(store::Database& database, std::string_view text,
                                                    std::string_view author_id, std::string_view viewer_id);

}  // namespace vitrine::social
