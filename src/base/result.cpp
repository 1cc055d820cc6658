#include "base/result.hpp"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <system_error>

namespace vitrine {

Error system_error(std::string_view what, int error_number) {
  const bool full = error_number == ENOSPC || error_number == EDQUOT;
  return Error{full ? Errc::storage_full : Errc::internal,
               fmt::format("{}: {}", what, std::generic_category().message(error_number))};
}

std::string_view name(Errc code) {
  switch (code) {
    case Errc::invalid_argument: return "invalid-argument";
    case Errc::unauthenticated: return "unauthenticated";
    case Errc::forbidden: return "forbidden";
    case Errc::not_found: return "not-found";
    case Errc::conflict: return "conflict";
    case Errc::gone: return "gone";
    case Errc::too_large: return "too-large";
    case Errc::unsupported: return "unsupported";
    case Errc::unprocessable: return "unprocessable";
    case Errc::too_many_requests: return "too-many-requests";
    case Errc::internal: return "internal";
    case Errc::unavailable: return "unavailable";
    case Errc::storage_full: return "storage-full";
  }
  return "internal";
}

void assertion_failed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "vitrine: assertion failed: %s (%s:%d)\n", condition, file, line);
  std::abort();
}

}  // namespace vitrine
