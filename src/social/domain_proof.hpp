// How somebody shows that a domain is theirs: a file with a token, or a link back to their profile marked as their own
// (rel="me", as in microformats and Mastodon). Pure functions, thread-safe.
#pragma once
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace vitrine::social {

inline constexpr std::size_t domain_characters_max = 253, domain_label_characters_max = 63;
inline constexpr std::string_view proof_path = "/.well-known/vitrine-verification.txt";

/// In lower case. Errors: invalid_argument (not the name of a host on the internet: one label, an IP address, a port, a
/// path, letters beyond a to z, which are written as xn--…).
[[nodiscard]] Result<std::string> checked_domain(std::string_view text);
/// A line of the file is the token, spaces around it aside.
[[nodiscard]] bool file_proves(std::string_view file, std::string_view token);
/// An <a> or <link> of the page has rel="me" (among others) and leads to exactly this address, a slash at its end
/// aside. What stands in comments and scripts is no link.
[[nodiscard]] bool page_proves(std::string_view html, std::string_view address);

}  // namespace vitrine::social
