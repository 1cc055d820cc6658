// Texts go out packed to whoever takes them so: gzip (RFC 1952), for what is made anew for each request. Safe beside
// secrets because cookies are SameSite=Lax: nobody else's page can have texts of its choice put beside a person's
// (docs/decisions/0025). Functions may be called from any thread.
#pragma once
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "http/message.hpp"

namespace vitrine::http {

inline constexpr std::size_t packed_bytes_min = 1'400;  ///< anything shorter fits into one packet as it is

/// Packs the body where that is worth it. Files, fixed bytes, streams, and what has an ETag or a coding stay as they
/// are.
void compress(const Request& request, Response& response);

/// Errors: invalid_argument (not gzip, cut off), too_large (over `bytes_max` when unpacked).
[[nodiscard]] Result<std::string> gunzip(std::string_view packed, std::size_t bytes_max);

}  // namespace vitrine::http
