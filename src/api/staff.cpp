#include "api/staff.hpp"

#include "api/caller.hpp"
#include "custody/front.hpp"

namespace vitrine::api {

Result<custody::Member> require_staff(Rooms& rooms, const http::Request& request) {
  VT_CHECK(require_account(rooms, request));
  return fail(Errc::forbidden, "this account is not on the roster");
}

}  // namespace vitrine::api

namespace vitrine::custody {

std::optional<std::int64_t> keep_s_of(std::string_view) { return std::nullopt; }

}  // namespace vitrine::custody
